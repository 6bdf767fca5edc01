"""The desk's own table: who looked at what, and did what."""

import sqlalchemy as sa

from bot.db import Base, UtcDateTime, new_id, now


class Audit(Base):
    """One thing an agent read or did. Kept apart from the log, which clients' histories share."""

    __tablename__ = "desk_audit"
    __table_args__ = (sa.Index("ix_desk_audit_who", "agent_id", "conversation_id", "at"),)

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    at = sa.Column(UtcDateTime, nullable=False, default=now, index=True)
    agent_id = sa.Column(sa.ForeignKey("agent.id"))
    action = sa.Column(sa.String(40), nullable=False)
    conversation_id = sa.Column(sa.String(32))
    details = sa.Column(sa.JSON, nullable=False, default=dict)

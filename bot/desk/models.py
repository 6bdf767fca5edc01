"""The desk's own tables: who looked at what and did what, and replies kept for use again."""

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


class Canned(Base):
    """A reply kept for use again. One that is archived is out of use, and stays."""

    __tablename__ = "canned"

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    shortcut = sa.Column(sa.String(40), nullable=False, unique=True)
    version = sa.Column(sa.Integer, nullable=False, default=1)
    changed_at = sa.Column(UtcDateTime, nullable=False, default=now)
    changed_by = sa.Column(sa.ForeignKey("agent.id"))
    archived = sa.Column(sa.Boolean, nullable=False, default=False)


class CannedText(Base):
    """What a reply says in one language; `register` "" is for every form of address."""

    __tablename__ = "canned_text"

    canned_id = sa.Column(sa.ForeignKey("canned.id"), primary_key=True)
    locale = sa.Column(sa.String(35), primary_key=True)
    register = sa.Column(sa.String(20), primary_key=True, default="")
    text = sa.Column(sa.Text, nullable=False)


class Alert(Base):
    """A wait that somebody outside the desk was told of."""

    __tablename__ = "desk_alert"

    handoff_id = sa.Column(sa.ForeignKey("handoff.id"), primary_key=True)
    at = sa.Column(UtcDateTime, nullable=False, default=now)

"""Tables of the feedback room. Agents are named by id only: this room does not know theirs."""

import sqlalchemy as sa

from bot.db import Base, UtcDateTime, new_id, now


class Rating(Base):
    """A request for a rating, and what came of it; at most one an interaction.

    `agent_id` and `agent_name` are who did the work, None for the bot. `status` is asked or
    answered; once `expired_at` is set nothing changes any more. `awaiting` is what the next
    free text may be: score, comment or nothing; `asked_again` counts unclear answers.
    """

    __tablename__ = "rating"
    __table_args__ = (sa.Index("ix_rating_asked_at", "asked_at"),)

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    conversation_id = sa.Column(sa.ForeignKey("conversation.id"), nullable=False, index=True)
    interaction_id = sa.Column(sa.ForeignKey("interaction.id"), nullable=False, unique=True)
    agent_id = sa.Column(sa.String(32), index=True)
    agent_name = sa.Column(sa.String(120))
    language = sa.Column(sa.String(35), nullable=False)
    channel = sa.Column(sa.String(20), nullable=False)
    status = sa.Column(sa.String(10), nullable=False, default="asked")
    awaiting = sa.Column(sa.String(10), nullable=False, default="score")
    asked_again = sa.Column(sa.Integer, nullable=False, default=0)
    score = sa.Column(sa.Integer)
    comment = sa.Column(sa.Text)
    asked_seq = sa.Column(sa.Integer, nullable=False)
    asked_at = sa.Column(UtcDateTime, nullable=False, default=now)
    answered_at = sa.Column(UtcDateTime)
    expired_at = sa.Column(UtcDateTime)


class FollowUp(Base):
    """Something owed to a client. `status`: open, done or withdrawn.

    `kind` is rating (they were not satisfied), promise (an agent gave their word), email or call
    (they left an address, or a time and a number, in `contact`), or missed (nobody came).
    """

    __tablename__ = "follow_up"
    __table_args__ = (sa.Index("ix_follow_up_status_due", "status", "due_at"),)

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    kind = sa.Column(sa.String(12), nullable=False, default="rating", server_default="rating")
    rating_id = sa.Column(sa.ForeignKey("rating.id"), unique=True)
    conversation_id = sa.Column(sa.ForeignKey("conversation.id"), nullable=False, index=True)
    owner_id = sa.Column(sa.String(32), index=True)  # an agent; None: nobody's yet
    status = sa.Column(sa.String(10), nullable=False, default="open")
    due_at = sa.Column(UtcDateTime, nullable=False)
    created_at = sa.Column(UtcDateTime, nullable=False, default=now)
    note = sa.Column(sa.Text, nullable=False, default="", server_default="")
    contact = sa.Column(sa.String(254))
    language = sa.Column(sa.String(35))
    created_by = sa.Column(sa.String(32))  # an agent; None: it arose by itself
    done_at = sa.Column(UtcDateTime)
    done_by = sa.Column(sa.String(32))

"""Tables of the handoff room: agents, their sessions and invitations, and handoffs."""

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property

from bot.db import Base, UtcDateTime, new_id, now


class Agent(Base):
    """A human at the desk.

    `role` is agent, author, supervisor or admin; `languages` maps BCP 47 tags to a level from 1
    (gets by) to 3 (at home); `skills` are names of `data/routing.yml`; `capacity` is how many
    conversations they hold at once. `presence` is what they said of themselves (available, busy,
    away), or `lost` when their chats were taken back because they were gone; `seen_at` when their
    desk last gave a sign of life. `locale` is the language they read the desk in, None for the
    browser's. `shortcuts` are single keys (`plain`), keys with Alt (`alt`), or `off`.
    """

    __tablename__ = "agent"

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    email = sa.Column(sa.String(254), nullable=False, unique=True)  # lower case
    name = sa.Column(sa.String(120), nullable=False)
    password_hash = sa.Column(sa.String(200), nullable=False)
    role = sa.Column(sa.String(20), nullable=False, default="agent")
    languages = sa.Column(sa.JSON, nullable=False, default=dict)
    skills = sa.Column(sa.JSON, nullable=False, default=list)
    capacity = sa.Column(sa.Integer, nullable=False, default=4)
    presence = sa.Column(sa.String(10), nullable=False, default="away")
    seen_at = sa.Column(UtcDateTime)
    locale = sa.Column(sa.String(35))
    shortcuts = sa.Column(sa.String(5), nullable=False, default="plain")
    disabled = sa.Column(sa.Boolean, nullable=False, default=False)
    created_at = sa.Column(UtcDateTime, nullable=False, default=now)

    @hybrid_property
    def present(self):  # type: ignore[no-untyped-def]  # a bool of a row, a clause of the class
        """Whether they say that they are here, free or not."""
        return (self.presence != "away") & (self.presence != "lost")


class AgentSession(Base):
    """One signed-in browser. Only the cookie's hash is kept."""

    __tablename__ = "agent_session"

    token_hash = sa.Column(sa.String(64), primary_key=True)
    agent_id = sa.Column(sa.ForeignKey("agent.id"), nullable=False, index=True)
    csrf = sa.Column(sa.String(64), nullable=False)
    created_at = sa.Column(UtcDateTime, nullable=False, default=now)
    expires_at = sa.Column(UtcDateTime, nullable=False)
    seen_at = sa.Column(UtcDateTime, nullable=False, default=now)
    device = sa.Column(sa.String(300), nullable=False, default="")  # what the browser calls itself
    network = sa.Column(sa.String(64), nullable=False, default="")


class Invitation(Base):
    """A code that works once: it makes one agent, or gives one a new password.

    Only its hash is kept. `email` is None for the first account of an installation. `agent_id` is
    whose password it changes, None for an invitation; `made_by` is an agent, None for the program.
    """

    __tablename__ = "agent_invitation"

    code_hash = sa.Column(sa.String(64), primary_key=True)
    role = sa.Column(sa.String(20), nullable=False)
    email = sa.Column(sa.String(254), index=True)
    languages = sa.Column(sa.JSON, nullable=False, default=dict)
    skills = sa.Column(sa.JSON, nullable=False, default=list)
    capacity = sa.Column(sa.Integer, nullable=False, default=4)
    agent_id = sa.Column(sa.ForeignKey("agent.id"), index=True)
    made_by = sa.Column(sa.String(32))
    created_at = sa.Column(UtcDateTime, nullable=False, default=now)
    expires_at = sa.Column(UtcDateTime, nullable=False)
    used_at = sa.Column(UtcDateTime)


class Attempt(Base):
    """One try to sign in, counted by all processes and forgotten within a day.

    `who` is a hash: a wrong address may be somebody's password typed into the wrong box.
    """

    __tablename__ = "agent_attempt"
    __table_args__ = (sa.Index("ix_agent_attempt_who", "kind", "who", "at"),)

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    kind = sa.Column(sa.String(20), nullable=False)
    who = sa.Column(sa.String(64), nullable=False)
    at = sa.Column(UtcDateTime, nullable=False, default=now, index=True)


class Handoff(Base):
    """A conversation that a person is wanted for, from the wish to its end.

    `status` is waiting, assigned, resolved, abandoned, expired or returned; `ended` says why
    waiting ended without a person: asked_back, email, call, gone or expired. `told_kind` is what
    the client was last told of their wait (wait, long, unknown, nobody, closed), `told_low` and
    `told_minutes` the bounds in minutes where there were any, `told_place` their place.

    `rank_at` orders the queue: when they asked, less the head start of what makes them urgent,
    which `priority` names. `skill` is what whoever takes it should have (`data/routing.yml`),
    `preferred_agent_id` who had this client before. `why` says how it came to who has it.
    """

    __tablename__ = "handoff"
    __table_args__ = (
        sa.Index(
            "uq_handoff_open",
            "conversation_id",
            unique=True,
            sqlite_where=sa.text("status IN ('waiting', 'assigned')"),
            postgresql_where=sa.text("status IN ('waiting', 'assigned')"),
        ),
        sa.Index("ix_handoff_status_opened", "status", "opened_at"),
        sa.Index("ix_handoff_status_rank", "status", "rank_at"),
    )

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    conversation_id = sa.Column(sa.ForeignKey("conversation.id"), nullable=False, index=True)
    interaction_id = sa.Column(sa.ForeignKey("interaction.id"))
    status = sa.Column(sa.String(12), nullable=False, default="waiting")
    reason = sa.Column(sa.String(30), nullable=False)
    language = sa.Column(sa.String(35), nullable=False)
    opened_at = sa.Column(UtcDateTime, nullable=False, default=now)
    rank_at = sa.Column(UtcDateTime, nullable=False, default=now)
    priority = sa.Column(sa.JSON, nullable=False, default=list)
    skill = sa.Column(sa.String(40))
    preferred_agent_id = sa.Column(sa.ForeignKey("agent.id"))
    why = sa.Column(sa.JSON)
    assigned_at = sa.Column(UtcDateTime)
    agent_id = sa.Column(sa.ForeignKey("agent.id"), index=True)
    resolved_at = sa.Column(UtcDateTime)
    told_minutes = sa.Column(sa.Integer)
    told_low = sa.Column(sa.Integer)
    told_place = sa.Column(sa.Integer)
    told_kind = sa.Column(sa.String(10))
    told_at = sa.Column(UtcDateTime)
    ended = sa.Column(sa.String(12))


class OfficeSetting(Base):
    """One thing about how the desk behaves that was changed from its default."""

    __tablename__ = "office_setting"

    key = sa.Column(sa.String(40), primary_key=True)
    value = sa.Column(sa.JSON, nullable=False)
    changed_at = sa.Column(UtcDateTime, nullable=False, default=now)
    changed_by = sa.Column(sa.String(32))


class Team(Base):
    """Who answers clients of some languages, and when.

    `languages` are tags, none for everybody whom no other team answers; `week` has seven lists
    of `["09:00", "13:00"]`, Monday first; `free_days` are `{"day": "2026-12-25", "name": …}`.
    """

    __tablename__ = "team"

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    name = sa.Column(sa.String(60), nullable=False)
    time_zone = sa.Column(sa.String(60), nullable=False)
    languages = sa.Column(sa.JSON, nullable=False, default=list)
    week = sa.Column(sa.JSON, nullable=False)
    free_days = sa.Column(sa.JSON, nullable=False, default=list)
    changed_at = sa.Column(UtcDateTime, nullable=False, default=now)


class ContactRequest(Base):
    """A client who chose another way than waiting, and what they still have to tell.

    `kind` is email or call; `awaiting` what the next message may be: email, time, phone or
    nothing; `status` open, done or dropped. `slot_at` is when they are to be called.
    """

    __tablename__ = "contact_request"
    __table_args__ = (sa.Index("ix_contact_request_status_slot", "status", "slot_at"),)

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    conversation_id = sa.Column(sa.ForeignKey("conversation.id"), nullable=False, index=True)
    kind = sa.Column(sa.String(10), nullable=False)
    awaiting = sa.Column(sa.String(10), nullable=False)
    tries = sa.Column(sa.Integer, nullable=False, default=0)
    slot_at = sa.Column(UtcDateTime)
    status = sa.Column(sa.String(10), nullable=False, default="open")
    created_at = sa.Column(UtcDateTime, nullable=False, default=now)

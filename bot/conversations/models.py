"""Tables of the conversations room: the append-only log and the current state derived from it."""

import sqlalchemy as sa
from sqlalchemy.orm import deferred

from bot.db import Base, UtcDateTime, new_id, now
from bot.languages.say import Voice
from bot.languages.territory import spoken_tag


class Client(Base):
    """A person who writes to us; one or more identities."""

    __tablename__ = "client"

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    name = sa.Column(sa.String(120))
    email = sa.Column(sa.String(254))
    phone = sa.Column(sa.String(20))  # E.164
    preferred_language = sa.Column(sa.String(35))  # an explicit wish, BCP 47
    register = sa.Column(sa.String(20))  # an explicit wish: the form of address
    time_zone = sa.Column(sa.String(60))
    segments = sa.Column(sa.JSON, nullable=False, default=list)  # what the shop calls them: vip
    created_at = sa.Column(UtcDateTime, nullable=False, default=now)


class Identity(Base):
    """A client's address on a channel; merged into one client only when proven."""

    __tablename__ = "identity"
    __table_args__ = (sa.UniqueConstraint("channel", "address"),)

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    channel = sa.Column(sa.String(20), nullable=False)
    address = sa.Column(sa.String(200), nullable=False)
    client_id = sa.Column(sa.ForeignKey("client.id"), nullable=False, index=True)
    verified = sa.Column(sa.Boolean, nullable=False, default=False)


class LinkCode(Base):
    """A code that stands for an identity, for whoever proves to be there too."""

    __tablename__ = "link_code"

    code_hash = sa.Column(sa.String(64), primary_key=True)
    identity_id = sa.Column(sa.ForeignKey("identity.id"), nullable=False, index=True)
    expires_at = sa.Column(UtcDateTime, nullable=False)
    used_at = sa.Column(UtcDateTime)


class Conversation(Base):
    """The lasting thread between one identity and us on one channel.

    `last_seq` numbers its events; `client_seq` is the newest client message, `handled_seq` the
    newest one a turn has been committed for (the fence). `owner` is `bot`, `queue` or
    `agent:<id>`.
    """

    __tablename__ = "conversation"
    __table_args__ = (sa.Index("ix_conversation_due", "owner", "client_seq", "handled_seq"),)

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    identity_id = sa.Column(sa.ForeignKey("identity.id"), nullable=False, index=True)
    channel = sa.Column(sa.String(20), nullable=False)
    token_hash = sa.Column(sa.String(64), nullable=False)
    request_id = sa.Column(sa.String(64))
    owner = sa.Column(sa.String(40), nullable=False, default="bot", index=True)
    last_seq = sa.Column(sa.Integer, nullable=False, default=0)
    client_seq = sa.Column(sa.Integer, nullable=False, default=0)
    handled_seq = sa.Column(sa.Integer, nullable=False, default=0)
    attempts = sa.Column(sa.Integer, nullable=False, default=0)
    erased_seq = sa.Column(sa.Integer, nullable=False, default=0)  # words up to here are gone
    belief = sa.Column(sa.JSON, nullable=False, default=dict)
    locale = sa.Column(sa.String(35), nullable=False)  # what we speak now
    register = sa.Column(sa.String(20))  # the form of address we speak in now; None: the default
    territory = sa.Column(sa.String(3))
    time_zone = sa.Column(sa.String(60))
    page = sa.Column(sa.String(500))
    dialogue = sa.Column(sa.JSON)
    created_at = sa.Column(UtcDateTime, nullable=False, default=now)
    active_at = sa.Column(UtcDateTime, nullable=False, default=now, index=True)
    seen_at = sa.Column(UtcDateTime)  # when the client last looked, where the channel can tell

    @property
    def voice(self) -> Voice:
        """How the client is spoken to now."""
        return Voice(spoken_tag(self.locale, self.territory, self.time_zone), self.register)


class Event(Base):
    """One row of the log. For messages `author` and `message_id` make a repeated send one row."""

    __tablename__ = "event"
    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "author", "message_id"),
        sa.Index("ix_event_kind_at", "kind", "at"),
    )

    conversation_id = sa.Column(sa.ForeignKey("conversation.id"), primary_key=True)
    seq = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    kind = sa.Column(sa.String(30), nullable=False)
    author = sa.Column(sa.String(10))  # client, bot, agent, system
    message_id = sa.Column(sa.String(64))
    payload = sa.Column(sa.JSON, nullable=False)
    at = sa.Column(UtcDateTime, nullable=False, default=now)


class Delivery(Base):
    """What became of one of our messages on a channel that has to be sent to.

    Made with the message itself, in its transaction. `state` is waiting, sent, delivered, read or
    failed (then `reason` says why); `parts` of it have been sent, the last of them known to the
    platform as `external_id`. Nobody tries before `due_at`, which also holds others off while
    somebody does; `holder` is that process's number (`bot.flow.liveness`).
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.Index("ix_delivery_external", "channel", "external_id"),
        sa.Index(
            "ix_delivery_waiting",
            "conversation_id",
            "seq",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )

    conversation_id = sa.Column(sa.ForeignKey("conversation.id"), primary_key=True)
    seq = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    channel = sa.Column(sa.String(20), nullable=False)
    state = sa.Column(sa.String(10), nullable=False, default="waiting")
    reason = sa.Column(sa.String(20))
    parts = sa.Column(sa.Integer, nullable=False, default=0)
    attempts = sa.Column(sa.Integer, nullable=False, default=0)
    holder = sa.Column(sa.Integer)
    external_id = sa.Column(sa.String(255))
    due_at = sa.Column(UtcDateTime, nullable=False, default=now)
    changed_at = sa.Column(UtcDateTime, nullable=False, default=now)


class Fetched(Base):
    """How far a channel that fetches has come, and which process fetches for it until when."""

    __tablename__ = "fetched"

    channel = sa.Column(sa.String(20), primary_key=True)
    state = sa.Column(sa.JSON, nullable=False, default=dict)
    holder = sa.Column(sa.String(32))
    held_until = sa.Column(UtcDateTime)


class RemoteFile(Base):
    """Files of a client's message that are still at its platform; the row goes once they are here.

    `sources` are as the channel needs them, in order: {at, name, kind, size}. Nobody tries before
    `due_at`, which also holds others off while somebody does; `holder` is that process's number.
    """

    __tablename__ = "remote_file"

    conversation_id = sa.Column(sa.ForeignKey("conversation.id"), primary_key=True)
    seq = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    channel = sa.Column(sa.String(20), nullable=False)
    sources = sa.Column(sa.JSON, nullable=False)
    attempts = sa.Column(sa.Integer, nullable=False, default=0)
    holder = sa.Column(sa.Integer)
    due_at = sa.Column(UtcDateTime, nullable=False, default=now, index=True)


class Interaction(Base):
    """One session of a conversation, first message to close."""

    __tablename__ = "interaction"
    __table_args__ = (
        sa.Index(
            "uq_interaction_open",
            "conversation_id",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    conversation_id = sa.Column(sa.ForeignKey("conversation.id"), nullable=False, index=True)
    opened_at = sa.Column(UtcDateTime, nullable=False, default=now)
    active_at = sa.Column(UtcDateTime, nullable=False, default=now)
    closed_at = sa.Column(UtcDateTime, index=True)
    first_seq = sa.Column(sa.Integer, nullable=False)
    last_seq = sa.Column(sa.Integer, nullable=False)
    outcome = sa.Column(sa.String(20))  # confirmed, implied, handed_off, abandoned, unanswered
    resolution = sa.Column(sa.String(20))  # what people made of it: solved, promised, …
    owners = sa.Column(sa.JSON, nullable=False, default=list)
    languages = sa.Column(sa.JSON, nullable=False, default=list)
    topics = sa.Column(sa.JSON, nullable=False, default=list)
    articles = sa.Column(sa.JSON, nullable=False, default=list)


class ReadMark(Base):
    """Up to which event somebody has had a conversation on their screen.

    `reader` is `client` or `agent:<id>`. Kept beside the log: reading changes nothing in it.
    """

    __tablename__ = "read_mark"

    conversation_id = sa.Column(sa.ForeignKey("conversation.id"), primary_key=True)
    reader = sa.Column(sa.String(40), primary_key=True)
    seq = sa.Column(sa.Integer, nullable=False, default=0)
    at = sa.Column(UtcDateTime, nullable=False, default=now)


class Attachment(Base):
    """A picture or a PDF that somebody brought; `seq` is its message, None until that is sent.

    `by` is `client` or `agent:<id>`, `kind` its media type, `size` in bytes; `width` and `height`
    of a picture in pixels.
    """

    __tablename__ = "attachment"

    id = sa.Column(sa.String(32), primary_key=True, default=new_id)
    conversation_id = sa.Column(sa.ForeignKey("conversation.id"), nullable=False, index=True)
    seq = sa.Column(sa.Integer)
    by = sa.Column(sa.String(40), nullable=False)
    name = sa.Column(sa.String(120), nullable=False)
    kind = sa.Column(sa.String(40), nullable=False)
    size = sa.Column(sa.Integer, nullable=False)
    width = sa.Column(sa.Integer)
    height = sa.Column(sa.Integer)
    content = deferred(sa.Column(sa.LargeBinary, nullable=False))
    created_at = sa.Column(UtcDateTime, nullable=False, default=now, index=True)

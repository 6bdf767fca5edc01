"""The append-only event log: append, read, and what counts as a message.

`seq` comes from an UPDATE of the conversation's row, which also serialises its writers: a reader
that has seen seq n has seen everything before it. (SQLAlchemy 1.4 has no RETURNING for SQLite, so
the new value is read back; the row is ours until the transaction ends.)
"""

import dataclasses
import datetime as dt
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.models import Conversation, Delivery, Event
from bot.db import JsonDict, now

Author = Literal["client", "bot", "agent", "system"]
MESSAGE = "message"
FETCHED = "widget"
"""The channel whose clients fetch what is said; on every other it has to be sent to them."""


class UnknownConversation(LookupError):
    """No conversation has this id."""


@dataclasses.dataclass(frozen=True)
class Message:
    """What a person reads, as it stands in the log. `at` is UTC."""

    seq: int
    id: str
    author: Author
    text: str
    language: str | None
    payload: JsonDict
    at: dt.datetime


async def next_seq(session: AsyncSession, conversation: str, count: int = 1) -> int:
    """Take the conversation's next `count` numbers (and, on PostgreSQL, its row's lock).

    Returns:
        The first of them.

    Raises:
        UnknownConversation: there is no such conversation.
    """
    taken = await session.execute(
        sa.update(Conversation)
        .where(Conversation.id == conversation)
        .values(last_seq=Conversation.last_seq + count)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        raise UnknownConversation(conversation)
    row = await session.execute(
        sa.select(Conversation.last_seq).where(Conversation.id == conversation)
    )
    return int(row.scalar_one()) - count + 1


async def give_back(session: AsyncSession, conversation: str, seq: int) -> None:
    """Undo `next_seq` within the same transaction when nothing was appended after all."""
    await session.execute(
        sa.update(Conversation)
        .where(Conversation.id == conversation, Conversation.last_seq == seq)
        .values(last_seq=seq - 1)
        .execution_options(synchronize_session=False)
    )


def add(
    session: AsyncSession,
    conversation: str,
    seq: int,
    kind: str,
    payload: JsonDict,
    author: Author | None = None,
    message_id: str | None = None,
) -> None:
    """Put one event at a number taken by `next_seq` in this transaction."""
    session.add(
        Event(
            conversation_id=conversation,
            seq=seq,
            kind=kind,
            author=author,
            message_id=message_id,
            payload=payload,
            at=now(),
        )
    )


async def append(
    session: AsyncSession,
    conversation: str,
    kind: str,
    payload: JsonDict,
    *,
    author: Author | None = None,
    message_id: str | None = None,
) -> int:
    """Append one event and give its number."""
    seq = await next_seq(session, conversation)
    add(session, conversation, seq, kind, payload, author, message_id)
    await session.flush()
    return seq


async def say(
    session: AsyncSession,
    conversation: str,
    author: Author,
    text: str,
    language: str | None,
    *,
    message_id: str | None = None,
    **extra: Any,
) -> int:
    """Append a message; `extra` (buttons, article, agent's name) goes into its payload.

    A message without an id of its own is named after its number, so that ids are unique per
    conversation and author.
    """
    seq = await append(
        session,
        conversation,
        MESSAGE,
        {"text": text, "language": language, **extra},
        author=author,
        message_id=message_id,
    )
    return seq


async def find(
    session: AsyncSession, conversation: str, author: Author, message_id: str
) -> Message | None:
    """The message this author already sent under this id, if any."""
    row = await session.execute(
        sa.select(Event).where(
            Event.conversation_id == conversation,
            Event.author == author,
            Event.message_id == message_id,
        )
    )
    event = row.scalar_one_or_none()
    return None if event is None else message(event)


async def messages(
    session: AsyncSession, conversation: str, after: int = 0, limit: int = 200
) -> list[Message]:
    """Messages with seq > `after`, oldest first, at most `limit`."""
    rows = await session.execute(
        sa.select(Event)
        .where(Event.conversation_id == conversation, Event.kind == MESSAGE, Event.seq > after)
        .order_by(Event.seq)
        .limit(limit)
    )
    return [message(event) for event in rows.scalars()]


async def recent(session: AsyncSession, conversation: str, limit: int = 50) -> list[Message]:
    """The newest `limit` messages, oldest first."""
    rows = await session.execute(
        sa.select(Event)
        .where(Event.conversation_id == conversation, Event.kind == MESSAGE)
        .order_by(Event.seq.desc())
        .limit(limit)
    )
    return [message(event) for event in reversed(rows.scalars().all())]


def message(event: Event) -> Message:
    """A message's row as a value."""
    return Message(
        seq=event.seq,
        id=event.message_id or f"{event.conversation_id}-{event.seq}",
        author=event.author,
        text=event.payload["text"],
        language=event.payload.get("language"),
        payload=event.payload,
        at=event.at,
    )


def _owe(_mapper: Any, connection: Any, event: Event) -> None:
    """Whoever logs a message of ours also owes its delivery, in the same transaction."""
    if event.kind != MESSAGE or event.author in (None, "client"):
        return
    moment = now()
    columns = Delivery.__table__.c
    given = {"state": "waiting", "parts": 0, "attempts": 0, "due_at": moment, "changed_at": moment}
    connection.execute(
        sa.insert(Delivery.__table__).from_select(
            ["conversation_id", "seq", "channel", *given],
            sa.select(
                Conversation.id,
                sa.literal(event.seq),
                Conversation.channel,
                *(sa.literal(value, columns[name].type) for name, value in given.items()),
            ).where(Conversation.id == event.conversation_id, Conversation.channel != FETCHED),
            include_defaults=False,
        )
    )


sa.event.listen(Event, "after_insert", _owe)

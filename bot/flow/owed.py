"""The book of what is owed to clients: what is taken to be sent, and what became of it.

Written down together: sends that end while a transaction is under way wait for the next one, which
settles all of them and takes their conversations' next messages at once. On SQLite every statement
costs two changes of thread, and each of those waits while a turn computes: with two transactions
a message, 5.8 messages a second were sent beside a busy turn (docs/decisions/0016-sending.md).
"""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.contract import Choice, Heard, Outgoing
from bot.conversations import log
from bot.conversations.models import Conversation, Delivery, Event, Identity
from bot.db import Database, JsonDict, now
from bot.flow import enclosing

LONGEST_SEND = 40.0
"""Seconds one part of a message may take: with a file it is several requests."""

LEASE = dt.timedelta(seconds=LONGEST_SEND + 5)
"""How long a message is its taker's, should nobody see that the taker is dead."""

_TRIES = (0.2, 1.0, 5.0)  # seconds between attempts to write down what was sent
# As it stands, not as a parameter: only so is the index of what waits found.
_WAITING: Any = sa.literal_column("'waiting'")


@dataclasses.dataclass(frozen=True)
class Owed:
    """A message that is this process's to send; `attempts` is its fence. `parts` are sent."""

    channel: str
    attempts: int
    parts: int
    seq: int
    written_at: dt.datetime
    message: Outgoing


@dataclasses.dataclass(frozen=True)
class Settled:
    """What writing down came to: whether the message still was ours, and what is next."""

    held: bool
    next: Owed | None = None


@dataclasses.dataclass(frozen=True)
class _Entry:
    owed: Owed
    values: JsonDict
    more: bool
    done: "asyncio.Future[Settled]"

    @property
    def key(self) -> tuple[str, int]:
        return self.owed.message.conversation, self.owed.seq


class Book:
    """One process's hand in the book.

    Args:
        channels: the names of those that are on.
        holder: stands for this process in what it has taken.
    """

    def __init__(self, db: Database, channels: Collection[str], holder: int) -> None:
        self._db = db
        self._channels = tuple(channels)
        self._holder = holder
        self._entries: list[_Entry] = []
        self._writer: asyncio.Task[None] | None = None

    async def take(self, most: int, busy: Collection[str] = ()) -> list[Owed]:
        """Take what is due, the oldest of each conversation that is not `busy`."""
        about = Delivery.conversation_id.notin_(list(busy)) if busy else sa.true()
        query = self._due(about, most).with_only_columns(Delivery.seq)
        async with self._db.reading() as session:
            # A writing transaction is only begun when there is something to take.
            if (await session.execute(query)).first() is None:
                return []
        async with self._db.transaction() as session:
            return await self._take(session, about, most)

    async def settle(self, owed: Owed, values: JsonDict, *, more: bool = False) -> Settled:
        """Write down what became of a message, if it still is ours.

        Args:
            more: the conversation's next message, if one is due, is taken with it.
        """
        entry = _Entry(owed, values, more, asyncio.get_running_loop().create_future())
        self._entries.append(entry)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        # Who is cancelled while waiting leaves the entry to be written all the same.
        return await asyncio.shield(entry.done)

    async def written(self) -> None:
        """Wait until all that was to be settled is."""
        if self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        while self._entries:
            batch, self._entries = self._entries, []
            try:
                await self._try(batch)
            except BaseException as error:
                _fail(batch, error)
                raise

    async def _try(self, batch: Sequence[_Entry]) -> None:
        # What was sent and is not written down would be sent again.
        for wait in _TRIES:
            try:
                return await self._commit(batch)
            except (sa.exc.SQLAlchemyError, ValueError):
                await asyncio.sleep(wait)
        for entry in batch:
            # One that cannot be written must not take the others with it.
            try:
                await self._commit([entry])
            except (sa.exc.SQLAlchemyError, ValueError) as error:
                _fail([entry], error)

    async def _commit(self, batch: Sequence[_Entry]) -> None:
        held: dict[tuple[str, int], bool] = {}
        async with self._db.transaction() as session:
            # In one order, as everybody's: two that wait for each other's rows would both fail.
            for entry in sorted(batch, key=lambda each: each.key):
                change = await session.execute(_change(entry.owed, entry.values))
                held[entry.key] = bool(change.rowcount == 1)
            wanted = [entry.key[0] for entry in batch if entry.more and held[entry.key]]
            about = Delivery.conversation_id.in_(wanted)
            taken = await self._take(session, about, len(wanted)) if wanted else []
        following = {owed.message.conversation: owed for owed in taken}
        for entry in batch:
            if not entry.done.done():
                more = following.get(entry.key[0]) if entry.more else None
                entry.done.set_result(Settled(held[entry.key], more))

    def _due(self, about: Any, most: int) -> Any:
        waits = Delivery.state == _WAITING
        first = (
            sa.select(Delivery.conversation_id, sa.func.min(Delivery.seq).label("seq"))
            .where(waits, about)
            .group_by(Delivery.conversation_id)
            .subquery()
        )
        return (
            sa.select(Delivery)
            .join(
                first,
                sa.and_(
                    first.c.conversation_id == Delivery.conversation_id,
                    first.c.seq == Delivery.seq,
                ),
            )
            .where(waits, Delivery.due_at <= now(), Delivery.channel.in_(self._channels))
            .order_by(Delivery.due_at)
            .limit(most)
        )

    async def _take(self, session: AsyncSession, about: Any, most: int) -> list[Owed]:
        """Take, and hold others off."""
        rows = await session.execute(
            _with_message(self._due(about, most)).with_for_update(of=Delivery, skip_locked=True)
        )
        taken = [_owed(self._db, row) for row in rows]
        if taken:
            await session.execute(
                sa.update(Delivery.__table__)
                .where(
                    Delivery.conversation_id == sa.bindparam("of"),
                    Delivery.seq == sa.bindparam("number"),
                )
                .values(attempts=Delivery.attempts + 1, due_at=now() + LEASE, holder=self._holder),
                [{"of": owed.message.conversation, "number": owed.seq} for owed in taken],
            )
        return taken


def _fail(batch: Sequence[_Entry], error: BaseException) -> None:
    for entry in batch:
        if not entry.done.done():
            entry.done.set_exception(error)


def _change(owed: Owed, values: JsonDict) -> Any:
    """Change a message that is still ours: one whose lease ended may be another's by now."""
    return (
        sa.update(Delivery)
        .where(
            Delivery.conversation_id == owed.message.conversation,
            Delivery.seq == owed.seq,
            Delivery.state == "waiting",
            Delivery.attempts == owed.attempts,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )


_HEARD = sa.orm.aliased(Event)


def _with_message(due: Any) -> Any:
    """What is due with all that is needed to say it, in one statement."""
    latest = sa.orm.aliased(Event)
    heard = (
        sa.select(latest.seq)
        .where(
            latest.conversation_id == Delivery.conversation_id,
            latest.kind == log.MESSAGE,
            latest.author == "client",
        )
        .order_by(latest.seq.desc())
        .limit(1)
        .correlate(Delivery)
        .scalar_subquery()
    )
    said = sa.and_(Event.conversation_id == Delivery.conversation_id, Event.seq == Delivery.seq)
    return (
        due.join(Event, said)
        .join(Conversation, Conversation.id == Delivery.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .outerjoin(
            _HEARD,
            sa.and_(_HEARD.conversation_id == Delivery.conversation_id, _HEARD.seq == heard),
        )
        .with_only_columns(
            Delivery.conversation_id,
            Delivery.seq,
            Delivery.channel,
            Delivery.attempts,
            Delivery.parts,
            Event.author,
            Event.payload,
            Event.at,
            Conversation.locale,
            Identity.address,
            _HEARD.at.label("heard_at"),
            _HEARD.message_id.label("heard_id"),
            _HEARD.payload.label("heard"),
            maintain_column_froms=True,
        )
    )


def _owed(db: Database, row: Any) -> Owed:
    return Owed(
        channel=row.channel,
        attempts=row.attempts + 1,
        parts=row.parts,
        seq=row.seq,
        written_at=row.at,
        message=_outgoing(db, row),
    )


def _outgoing(db: Database, row: Any) -> Outgoing:
    payload = row.payload
    return Outgoing(
        id=f"{row.conversation_id}-{row.seq}",
        conversation=row.conversation_id,
        address=row.address,
        text="" if payload.get("captionless") else payload["text"],
        language=payload.get("language") or row.locale,
        markdown=row.author == "bot",
        author=row.author,
        name=payload.get("name"),
        choices=tuple(
            Choice(button["title"], button["payload"]) for button in payload.get("buttons") or ()
        ),
        rating=payload.get("layout") == "rating",
        files=enclosing.attached(db, payload.get("attachments") or ()),
        heard=None
        if row.heard_at is None
        else Heard(row.heard_at, row.heard_id or "", row.heard.get("via") or {}),
    )

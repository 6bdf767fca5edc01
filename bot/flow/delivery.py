"""Sends what was said on channels that have to be sent to: retried, in order, once.

A message's `delivery` row is made in the message's own transaction, so a crash loses none. One
that is due is taken by moving its `due_at` past the time a send can last; a process that dies
over it leaves it to be taken again then, which is the only way a message can arrive twice. Within
a conversation only the oldest waiting one is ever taken.
"""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.contract import (
    Channel,
    Choice,
    Heard,
    Later,
    Never,
    Outgoing,
    Reason,
    Receipt,
)
from bot.conversations import log, reading
from bot.conversations.models import Conversation, Delivery, Event, Identity
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database, now
from bot.flow import enclosing
from bot.flow.pace import Pace, backoff

FAILED = "delivery_failed"
"""The kind of the event that says a message will not arrive: {of, reason}."""

_AT_ONCE = 16  # conversations sent to at the same time, by one process
_LONGEST_SEND = 40.0  # seconds one part may take: with a file it is several requests
_LEASE = dt.timedelta(seconds=_LONGEST_SEND + 5)
_SCAN_SECONDS = 1.0
_GIVE_UP = dt.timedelta(hours=24)
# As it stands, not as a parameter: only so is the index of what waits found.
_WAITING: Any = sa.literal_column("'waiting'")
_TRIES = (0.2, 1.0, 5.0)  # seconds between attempts to write down what was sent
_MOST_FAULTS = 5  # attempts that fail by our own fault
_RANK = {"waiting": 0, "sent": 1, "delivered": 2, "read": 3}
_FINAL: tuple[Reason, ...] = ("blocked", "gone")  # then nothing else that waits will arrive

_logger = structlog.get_logger(__name__)


@dataclasses.dataclass(frozen=True)
class _Taken:
    """A delivery that is this process's until its lease ends; `attempts` is its fence."""

    channel: str
    attempts: int
    parts: int
    seq: int
    written_at: dt.datetime
    message: Outgoing


async def states(
    session: AsyncSession, conversation: str, first: int = 0
) -> dict[int, tuple[str, str | None]]:
    """How a conversation's messages from number `first` on have fared: state and reason."""
    rows = await session.execute(
        sa.select(Delivery.seq, Delivery.state, Delivery.reason).where(
            Delivery.conversation_id == conversation, Delivery.seq >= first
        )
    )
    return {row.seq: (row.state, row.reason) for row in rows}


async def changed_at(session: AsyncSession, conversation: str) -> dt.datetime | None:
    """When a conversation's deliveries last changed; None where it has none."""
    found: dt.datetime | None = await session.scalar(
        sa.select(sa.func.max(Delivery.changed_at)).where(Delivery.conversation_id == conversation)
    )
    return found


async def note(session: AsyncSession, channel: str, receipt: Receipt) -> str | None:
    """Write down what a platform tells of a message; gives its conversation if it is ours.

    Receipts overtake each other: a state only ever moves on.
    """
    found = await session.execute(
        sa.select(Delivery)
        .where(Delivery.channel == channel, Delivery.external_id == receipt.id)
        .limit(1)
    )
    row = found.scalar_one_or_none()
    if row is None:
        return None
    if receipt.state == "failed":
        if row.state in ("waiting", "sent"):
            await _fail(session, row, receipt.reason or "refused")
    elif row.state in _RANK and _RANK[receipt.state] > _RANK[row.state]:
        row.state, row.changed_at = receipt.state, now()
        if receipt.state == "read":
            await reading.mark(session, row.conversation_id, reading.CLIENT, row.seq)
    return str(row.conversation_id)


async def give_up(session: AsyncSession, conversation: str, reason: Reason) -> None:
    """Nothing that waits in a conversation will arrive."""
    rows = await session.execute(
        sa.select(Delivery)
        .where(Delivery.conversation_id == conversation, Delivery.state == "waiting")
        .order_by(Delivery.seq)
    )
    for row in rows.scalars():
        await _fail(session, row, reason)


async def _fail(session: AsyncSession, row: Delivery, reason: Reason) -> None:
    row.state, row.reason, row.changed_at = "failed", reason, now()
    await log.append(session, row.conversation_id, FAILED, {"of": row.seq, "reason": reason})


class Deliveries:
    """Sends what is due, in the background.

    Args:
        channels: those that are on. What is due on others waits until they are.
    """

    def __init__(self, db: Database, wake: Wake, channels: Mapping[str, Channel]) -> None:
        self._db = db
        self._wake = wake
        self._channels = channels
        self._pace = {name: Pace(channel.limits.per_second) for name, channel in channels.items()}
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Send until cancelled."""
        try:
            with self._wake.listen(DESK) as woken:
                while True:
                    woken.clear()
                    await self.look(woken)
                    await _pause(woken)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def look(self, done: asyncio.Event | None = None) -> int:
        """Begin to send what is due now, as far as there is room; gives how many conversations."""
        room = _AT_ONCE - len(self._busy)
        if room < 1 or not self._channels:
            return 0
        taken = await self._take(room)
        for each in taken:
            conversation = each.message.conversation
            task = asyncio.create_task(self._send_all(each))
            self._busy[conversation] = task
            task.add_done_callback(functools.partial(self._free, conversation, done))
        return len(taken)

    async def idle(self) -> None:
        """Wait until nothing is being sent. For tests and for a clean stop."""
        while self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _free(self, conversation: str, done: asyncio.Event | None, _: "asyncio.Task[None]") -> None:
        self._busy.pop(conversation, None)
        if done is not None:
            done.set()

    async def _take(self, most: int, conversation: str | None = None) -> list[_Taken]:
        """Take what is due, the oldest of each conversation, and hold others off it."""
        moment, waits = now(), Delivery.state == _WAITING
        oldest = sa.select(Delivery.conversation_id, sa.func.min(Delivery.seq).label("seq"))
        oldest = oldest.where(waits).group_by(Delivery.conversation_id)
        if conversation is not None:
            oldest = oldest.where(Delivery.conversation_id == conversation)
        elif self._busy:
            oldest = oldest.where(Delivery.conversation_id.notin_(list(self._busy)))
        first = oldest.subquery()
        query = (
            sa.select(Delivery)
            .join(
                first,
                sa.and_(
                    first.c.conversation_id == Delivery.conversation_id,
                    first.c.seq == Delivery.seq,
                ),
            )
            .where(
                waits,
                Delivery.due_at <= moment,
                Delivery.channel.in_(list(self._channels)),
            )
            .order_by(Delivery.due_at)
            .limit(most)
        )
        async with self._db.reading() as session:
            # A writing transaction is only begun when there is something to take.
            if (await session.execute(query.with_only_columns(Delivery.seq))).first() is None:
                return []
        async with self._db.transaction() as session:
            taken = []
            locked = await session.execute(query.with_for_update(of=Delivery, skip_locked=True))
            for row in locked.scalars():
                row.due_at, row.attempts = moment + _LEASE, row.attempts + 1
                taken.append(await self._read(session, row))
            return taken

    async def _read(self, session: AsyncSession, row: Delivery) -> _Taken:
        event = await session.get(Event, (row.conversation_id, row.seq))
        conversation, address = (
            await session.execute(
                sa.select(Conversation, Identity.address)
                .join(Identity, Identity.id == Conversation.identity_id)
                .where(Conversation.id == row.conversation_id)
            )
        ).one()
        heard = (
            await session.execute(
                sa.select(Event)
                .where(
                    Event.conversation_id == row.conversation_id,
                    Event.kind == log.MESSAGE,
                    Event.author == "client",
                )
                .order_by(Event.seq.desc())
                .limit(1)
            )
        ).scalar_one_or_none()
        return _Taken(
            channel=row.channel,
            attempts=row.attempts,
            parts=row.parts,
            seq=row.seq,
            written_at=event.at,
            message=_outgoing(self._db, event, conversation.locale, address, heard),
        )

    async def _send_all(self, first: _Taken) -> None:
        """Send a conversation's messages until none is due."""
        taken: _Taken | None = first
        try:
            while taken is not None:
                if not await self._send(taken):
                    return
                if wait := self._channels[taken.channel].limits.every:
                    await asyncio.sleep(wait)
                more = await self._take(1, taken.message.conversation)
                taken = more[0] if more else None
        # The database was away: whoever looks next takes it up, at the latest after its lease.
        except sa.exc.DBAPIError:
            _logger.exception("a delivery was interrupted", channel=first.channel)

    async def _send(self, taken: _Taken) -> bool:
        """Send one message, part by part; whether the next one's turn has come."""
        channel, message = self._channels[taken.channel], taken.message
        if taken.attempts == 1 and now() - taken.written_at > _GIVE_UP:
            # The channel was off: what was said yesterday would only puzzle them.
            await self._give_up(taken, "expired")
            return True
        try:
            message, whole = enclosing.fitting(channel.limits, message)
            parts = channel.render(message) if message.text or message.files else []
            for nth, part in enumerate(parts[taken.parts :], taken.parts + 1):
                await self._pace[taken.channel].turn()
                external = await asyncio.wait_for(channel.send(message, part), _LONGEST_SEND)
                last = nth == len(parts) and whole
                if not await self._sent(taken, nth, external, last=last):
                    return False
            if not whole:
                raise Never("file")
            if taken.parts >= len(parts):
                return await self._sent(taken, len(parts), "", last=True)
        except asyncio.TimeoutError:
            await self._put_off(taken, Later("it takes too long"))
            return False
        except Later as later:
            await self._put_off(taken, later)
            return False
        except Never as never:
            _logger.warning(
                "a message cannot be delivered",
                channel=taken.channel, reason=never.reason, why=str(never),
            )  # fmt: skip
            await self._give_up(taken, never.reason)
            return True
        # The boundary of a send: our own fault in one message must not hold all others up.
        except Exception:
            _logger.exception("a message could not be sent", channel=taken.channel, seq=taken.seq)
            if taken.attempts >= _MOST_FAULTS:
                await self._give_up(taken, "fault")
            else:
                await self._put_off(taken, Later("fault"))
            return False
        return True

    async def _sent(self, taken: _Taken, parts: int, external: str, *, last: bool) -> bool:
        values: dict[str, Any] = {"parts": parts, "changed_at": now()}
        values["due_at"] = now() + _LEASE
        if last:
            values |= {"state": "sent", "external_id": external[:255] or None}
        held = await self._change(taken, values)
        if held and last:
            self._wake.call(conversation_topic(taken.message.conversation))
        return held

    async def _put_off(self, taken: _Taken, later: Later) -> None:
        if now() - taken.written_at > _GIVE_UP:
            await self._give_up(taken, "unreachable")
            return
        wait = backoff(taken.attempts, later.after)
        _logger.info(
            "a message is sent again later",
            channel=taken.channel, why=str(later), seconds=round(wait, 1),
        )  # fmt: skip
        if later.after is not None:
            self._pace[taken.channel].hold(min(later.after, 1.0))
        await self._change(taken, {"due_at": now() + dt.timedelta(seconds=wait)})

    async def _give_up(self, taken: _Taken, reason: Reason) -> None:
        conversation = taken.message.conversation
        async with self._db.transaction() as session:
            row = await session.get(Delivery, (conversation, taken.seq), with_for_update=True)
            if row is None or row.state != "waiting" or row.attempts != taken.attempts:
                return
            if reason in _FINAL:
                await give_up(session, conversation, reason)
            else:
                await _fail(session, row, reason)
        self._wake.call(conversation_topic(conversation), DESK)

    async def _change(self, taken: _Taken, values: dict[str, Any]) -> bool:
        """Change a delivery that is still ours: one whose lease ended may be another's by now."""
        change = (
            sa.update(Delivery)
            .where(
                Delivery.conversation_id == taken.message.conversation,
                Delivery.seq == taken.seq,
                Delivery.state == "waiting",
                Delivery.attempts == taken.attempts,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        for wait in _TRIES:
            # What was sent and is not written down would be sent again.
            with contextlib.suppress(sa.exc.DBAPIError):
                async with self._db.transaction() as session:
                    return bool((await session.execute(change)).rowcount == 1)
            await asyncio.sleep(wait)
        async with self._db.transaction() as session:
            return bool((await session.execute(change)).rowcount == 1)


def _outgoing(
    db: Database, event: Event, locale: str, address: str, heard: Event | None
) -> Outgoing:
    payload = event.payload
    return Outgoing(
        id=f"{event.conversation_id}-{event.seq}",
        conversation=event.conversation_id,
        address=address,
        text="" if payload.get("captionless") else payload["text"],
        language=payload.get("language") or locale,
        markdown=event.author == "bot",
        author=event.author,
        name=payload.get("name"),
        choices=tuple(
            Choice(button["title"], button["payload"]) for button in payload.get("buttons") or ()
        ),
        rating=payload.get("layout") == "rating",
        files=enclosing.attached(db, payload.get("attachments") or ()),
        heard=None
        if heard is None
        else Heard(heard.at, heard.message_id or "", heard.payload.get("via") or {}),
    )


async def _pause(woken: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(woken.wait(), _SCAN_SECONDS)
    except asyncio.TimeoutError:
        return

"""Sends what was said on channels that have to be sent to: retried, in order, once.

A message's `delivery` row is made in the message's own transaction, so a crash loses none. One
that is due is taken (`bot.flow.owed`) until it is settled or its taker is seen to be dead
(`bot.flow.presence`); then it is taken again, which is the only way a message can arrive twice.
Within a conversation only the oldest waiting one is ever taken.
"""

import asyncio
import datetime as dt
import functools
import math
import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.contract import Channel, Later, Never, Reason, Receipt
from bot.conversations import log, reading
from bot.conversations.models import Delivery
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database, now
from bot.flow import enclosing
from bot.flow.owed import LEASE, LONGEST_SEND, Book, Owed, Settled
from bot.flow.pace import Pace, backoff
from bot.flow.presence import Presence

FAILED = "delivery_failed"
"""The kind of the event that says a message will not arrive: {of, reason}."""

_AT_ONCE = 16  # conversations sent to at the same time, by one process
_SCAN_SECONDS = 1.0
_GATHER_SECONDS = 0.02  # after a look: whatever is said in it is found by one look, not by many
_DEAD_SECONDS = 5.0  # between two looks for what dead processes had begun
_FINISH_SECONDS = 5.0  # what is under way when the process stops is given to end
_GIVE_UP = dt.timedelta(hours=24)
_MOST_FAULTS = 5  # attempts that fail by our own fault
_RANK = {"waiting": 0, "sent": 1, "delivered": 2, "read": 3}
_FINAL: tuple[Reason, ...] = ("blocked", "gone")  # then nothing else that waits will arrive

_logger = structlog.get_logger(__name__)


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
        self._presence = Presence(db)
        self._book = Book(db, tuple(channels), self._presence.me)
        self._woken = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Send until cancelled."""
        if not self._channels:
            return
        self._stopping = False
        try:
            async with self._presence.shown():
                with self._wake.listen(DESK) as self._woken:
                    await self._work()
        finally:
            self._stopping = True
            if self._busy:
                # What a platform has taken and is not written down would be sent again.
                await asyncio.wait(self._busy.values(), timeout=_FINISH_SECONDS)
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)
            await self._book.written()

    async def _work(self) -> None:
        looked = -math.inf
        while True:
            self._woken.clear()
            if time.monotonic() - looked > _DEAD_SECONDS:
                looked = time.monotonic()
                if freed := await self._book.free(self._presence.alive):
                    _logger.info("what a process had begun to send is taken up", messages=freed)
            await self.look()
            await asyncio.sleep(_GATHER_SECONDS)
            await _pause(self._woken)

    async def look(self) -> int:
        """Begin to send what is due now, as far as there is room; gives how many conversations."""
        room = _AT_ONCE - len(self._busy)
        if room < 1:
            return 0
        taken = await self._book.take(room, self._busy)
        for each in taken:
            conversation = each.message.conversation
            task = asyncio.create_task(self._send_all(each))
            self._busy[conversation] = task
            task.add_done_callback(functools.partial(self._free, conversation))
        return len(taken)

    async def idle(self) -> None:
        """Wait until nothing is being sent. For tests."""
        while self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _free(self, conversation: str, _: "asyncio.Task[None]") -> None:
        self._busy.pop(conversation, None)
        self._woken.set()

    async def _send_all(self, first: Owed) -> None:
        """Send a conversation's messages until none is due."""
        taken: Owed | None = first
        try:
            while taken is not None:
                taken = await self._send(taken)
                if taken is not None and (wait := self._channels[taken.channel].limits.every):
                    await asyncio.sleep(wait)
        # The database was away: whoever looks next takes it up, at the latest after its lease.
        except sa.exc.DBAPIError:
            _logger.exception("a delivery was interrupted", channel=first.channel)

    async def _send(self, taken: Owed) -> Owed | None:
        """Send one message, part by part; gives the conversation's next, taken, if one is due."""
        channel, message = self._channels[taken.channel], taken.message
        if taken.attempts == 1 and now() - taken.written_at > _GIVE_UP:
            # The channel was off: what was said yesterday would only puzzle them.
            await self._give_up(taken, "expired")
            return None
        try:
            message, whole = enclosing.fitting(channel.limits, message)
            parts = channel.render(message) if message.text or message.files else []
            for nth, part in enumerate(parts[taken.parts :], taken.parts + 1):
                await self._pace[taken.channel].turn()
                external = await asyncio.wait_for(channel.send(message, part), LONGEST_SEND)
                last = nth == len(parts) and whole
                settled = await self._sent(taken, nth, external, last=last)
                if last or not settled.held:
                    return settled.next
            if not whole:
                raise Never("file")
            return (await self._sent(taken, len(parts), "", last=True)).next
        except asyncio.TimeoutError:
            await self._put_off(taken, Later("it takes too long"))
        except Later as later:
            await self._put_off(taken, later)
        except Never as never:
            _logger.warning(
                "a message cannot be delivered",
                channel=taken.channel, reason=never.reason, why=str(never),
            )  # fmt: skip
            await self._give_up(taken, never.reason)
        except sa.exc.DBAPIError:
            raise
        # The boundary of a send: our own fault in one message must not hold all others up.
        except Exception:
            _logger.exception("a message could not be sent", channel=taken.channel, seq=taken.seq)
            if taken.attempts >= _MOST_FAULTS:
                await self._give_up(taken, "fault")
            else:
                await self._put_off(taken, Later("fault"))
        return None

    async def _sent(self, taken: Owed, parts: int, external: str, *, last: bool) -> Settled:
        values: dict[str, Any] = {"parts": parts, "changed_at": now(), "due_at": now() + LEASE}
        if last:
            values |= {"state": "sent", "external_id": external[:255] or None, "holder": None}
        settled = await self._book.settle(taken, values, more=last and not self._stopping)
        if settled.held and last:
            self._wake.call(conversation_topic(taken.message.conversation))
        return settled

    async def _put_off(self, taken: Owed, later: Later) -> None:
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
        due = now() + dt.timedelta(seconds=wait)
        await self._book.settle(taken, {"due_at": due, "holder": None})
        asyncio.get_running_loop().call_later(wait, self._woken.set)

    async def _give_up(self, taken: Owed, reason: Reason) -> None:
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


async def _pause(woken: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(woken.wait(), _SCAN_SECONDS)
    except asyncio.TimeoutError:
        return

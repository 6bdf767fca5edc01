"""Sends what was said on channels that have to be sent to: retried, in order, once.

A message's `delivery` row is made in the message's own transaction, so a crash loses none. One
that is due is taken (`bot.flow.owed`) until it is settled or its taker is seen to be dead
(`bot.flow.liveness`); then it is taken again, which is the only way a message can arrive twice.
Within a conversation only the oldest waiting one is ever taken.
"""

import asyncio
import datetime as dt
from collections.abc import Coroutine, Mapping
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
from bot.flow.taking import Taker

FAILED = "delivery_failed"
"""The kind of the event that says a message will not arrive: {of, reason}."""

_AT_ONCE = 16  # conversations sent to at the same time, by one process
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


class Deliveries(Taker):
    """Sends what is due, in the background: a conversation's messages one after the other.

    Args:
        channels: those that are on. What is due on others waits until they are.
        holder: this process's number.
    """

    def __init__(
        self, db: Database, wake: Wake, channels: Mapping[str, Channel], holder: int
    ) -> None:
        super().__init__(wake, _AT_ONCE)
        self._db = db
        self._channels = channels
        self._pace = {name: Pace(channel.limits.per_second) for name, channel in channels.items()}
        self._book = Book(db, tuple(channels), holder)

    async def _end(self) -> None:
        await super()._end()
        await self._book.written()

    async def _take(self, most: int) -> Mapping[str, Coroutine[Any, Any, None]]:
        taken = await self._book.take(most, self._busy)
        return {each.message.conversation: self._send_all(each) for each in taken}

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

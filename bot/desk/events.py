"""The desk-wide stream: hints that something changed, never what. Pages fetch that themselves."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import sqlalchemy as sa

from bot.conversations import reading
from bot.conversations.models import Conversation
from bot.conversations.wake import DESK, conversation_topic
from bot.desk.access import Desk
from bot.flow import delivery
from bot.handoff import queue
from bot.handoff.models import Agent, AgentSession, Handoff

HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
_HEARTBEAT = 15.0
_LOOK_EVERY = 2.0  # seconds: another process may have written, and typing states fade
_GATHER = 0.02  # seconds: a turn writes several events, one hint is enough
_RETRY = "retry: 2000\n\n"

_State = dict[str, tuple[str, int, str]]
_People = frozenset[tuple[str, ...]]


async def stream(desk: Desk, token_hash: str, viewing: str | None) -> AsyncIterator[str]:
    """Hints until the session ends or the server stops; a `ping` every quarter of a minute.

    Args:
        token_hash: the session's; a stream does not outlive it.
        viewing: the conversation that is open in this page, watched whoever holds it.
    """
    topics = [DESK] + ([conversation_topic(viewing)] if viewing else [])
    yield _RETRY
    before: _State | None = None
    people: _People = frozenset()
    typing = False
    checked = time.monotonic()
    with desk.wake.listen(*topics) as woken:
        while not desk.shutdown.is_set():
            woken.clear()
            after, here = await _look(desk, viewing)
            if before is None:
                yield _event("ready", {})
            elif after != before or here != people:
                yield _event("changed", {"conversations": _changed(before, after)})
            before, people = after, here
            now_typing = viewing is not None and desk.composing.active(viewing, "client")
            if now_typing != typing:
                typing = now_typing
                yield _event("typing", {"conversation": viewing, "typing": typing})
            if time.monotonic() - checked >= _HEARTBEAT:
                checked = time.monotonic()
                # The browser answers this. What we write proves nothing: a dead network takes it.
                yield _event("ping", {})
                if not await _still_signed_in(desk, token_hash):
                    yield _event("signed_out", {})
                    return
            if await _woken(woken, desk.shutdown):
                await asyncio.sleep(_GATHER)


def _event(kind: str, content: object) -> str:
    return f"event: {kind}\ndata: {json.dumps(content)}\n\n"


def _changed(before: _State, after: _State) -> list[str]:
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


async def _look(desk: Desk, viewing: str | None) -> tuple[_State, _People]:
    # By the index of open handoffs: who waits or is held is few among all conversations.
    held = sa.select(Handoff.conversation_id).where(Handoff.status.in_(queue.OPEN))
    wanted = Conversation.id.in_(held)
    if viewing:
        wanted = sa.or_(wanted, Conversation.id == viewing)
    async with desk.db.reading() as session:
        rows = await session.execute(
            sa.select(Conversation.id, Conversation.owner, Conversation.last_seq).where(wanted)
        )
        here = await session.execute(sa.select(Agent.id, Agent.presence).where(Agent.present))
        mark = viewing and await reading.read_by(session, viewing, reading.CLIENT)
        sent = viewing and await delivery.changed_at(session, viewing)
        seen = {viewing: f"{mark.seq if mark else 0} {sent}"}
        state = {row.id: (row.owner, row.last_seq, seen.get(row.id, "")) for row in rows}
        return state, frozenset(map(tuple, here))


async def _still_signed_in(desk: Desk, token_hash: str) -> bool:
    async with desk.db.reading() as session:
        return await session.get(AgentSession, token_hash) is not None


async def _woken(woken: asyncio.Event, shutdown: asyncio.Event) -> bool:
    waiters = {asyncio.create_task(event.wait()) for event in (woken, shutdown)}
    try:
        done, _ = await asyncio.wait(
            waiters, timeout=_LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        for waiter in waiters:
            waiter.cancel()
    return bool(done)

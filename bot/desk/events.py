"""The desk-wide stream: hints that something changed, never what. Pages fetch that themselves."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

from bot.conversations import reading
from bot.conversations.models import Conversation
from bot.conversations.wake import DESK, conversation_topic
from bot.desk.access import Desk
from bot.desk.lookout import Seen
from bot.flow import delivery
from bot.handoff.models import AgentSession

HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
_HEARTBEAT = 15.0
_LOOK_EVERY = 2.0  # seconds: another process may have written, and typing states fade
_GATHER = 0.02  # seconds: a turn writes several events, one hint is enough
_RETRY = "retry: 2000\n\n"

_Open = tuple[str, int, int, str] | None
"""The conversation in this page: owner, newest event, what the client has read and received."""


async def stream(desk: Desk, token_hash: str, viewing: str | None) -> AsyncIterator[str]:
    """Hints until the session ends or the server stops; a `ping` every quarter of a minute.

    Args:
        token_hash: the session's; a stream does not outlive it.
        viewing: the conversation that is open in this page, watched whoever holds it.
    """
    yield _RETRY
    before: tuple[Seen, _Open] | None = None
    typing = False
    checked = time.monotonic()
    watched = [conversation_topic(viewing)] if viewing else []
    with desk.wake.listen(DESK) as anything, desk.wake.listen(*watched) as here:
        here.set()
        while not desk.shutdown.is_set():
            since = time.monotonic()
            if not anything.is_set():
                since -= _LOOK_EVERY / 2  # a look for its own sake: another stream's will do
            looking = before is None or here.is_set() or not anything.is_set()
            anything.clear()
            here.clear()
            seen = await desk.lookout.look(desk.db, since)
            opened = await _opened(desk, viewing) if looking or before is None else before[1]
            if before is None:
                yield _event("ready", {})
            elif (changed := _changed(before[0], seen, viewing, before[1] != opened)) or (
                seen.people != before[0].people
            ):
                yield _event("changed", {"conversations": changed})
            before = seen, opened
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
            if await _woken(anything, here, desk.shutdown):
                await asyncio.sleep(_GATHER)


def _event(kind: str, content: object) -> str:
    return f"event: {kind}\ndata: {json.dumps(content)}\n\n"


def _changed(before: Seen, after: Seen, viewing: str | None, opened_changed: bool) -> list[str]:
    old, new = before.conversations, after.conversations
    found = (
        set()
        if before is after
        else {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    )
    if viewing and opened_changed:
        found.add(viewing)
    return sorted(found)


async def _opened(desk: Desk, viewing: str | None) -> _Open:
    if viewing is None:
        return None
    async with desk.db.reading() as session:
        row = await session.get(Conversation, viewing)
        if row is None:
            return None
        mark = await reading.read_by(session, viewing, reading.CLIENT)
        sent = await delivery.changed_at(session, viewing)
    return row.owner, row.last_seq, mark.seq if mark else 0, str(sent)


async def _still_signed_in(desk: Desk, token_hash: str) -> bool:
    async with desk.db.reading() as session:
        return await session.get(AgentSession, token_hash) is not None


async def _woken(*events: asyncio.Event) -> bool:
    waiters = {asyncio.create_task(event.wait()) for event in events}
    try:
        done, _ = await asyncio.wait(
            waiters, timeout=_LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        for waiter in waiters:
            waiter.cancel()
    return bool(done)

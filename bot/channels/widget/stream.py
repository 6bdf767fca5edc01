"""A conversation as server-sent events: `message` with its number as id, and `state`."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import sqlalchemy as sa
from pydantic import BaseModel

from bot.channels.widget.bodies import State
from bot.channels.widget.views import AgentName, View, WaitLine, look
from bot.channels.widget.watch import Watch
from bot.conversations import identities, ownership
from bot.conversations.composing import Composing
from bot.db import Database

HEARTBEAT = 15.0
"""Seconds after which a silent stream says that it is alive; proxies cut at 30 or 60."""

_FADING = 1.0  # seconds between looks at a typing state, which ends by itself
_WAITING = 10.0  # … and at a wait, which changes by what happens to others
_RETRY = "retry: 2000\n\n"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}


def _event(kind: str, content: BaseModel, number: str = "") -> str:
    return f"event: {kind}\n{number}data: {content.json(ensure_ascii=False)}\n\n"


class Streams:
    """Opens event streams.

    Args:
        shutdown: ends every stream, so that the server can stop.
    """

    def __init__(
        self,
        db: Database,
        watch: Watch,
        composing: Composing,
        shutdown: asyncio.Event,
        agent_name: AgentName | None,
        wait_line: WaitLine | None = None,
    ) -> None:
        self._db = db
        self._watch = watch
        self._composing = composing
        self._shutdown = shutdown
        self._agent_name = agent_name
        self._wait_line = wait_line

    async def events(self, conversation: str, after: int, token_hash: str) -> AsyncIterator[str]:
        """Everything after the number `after`, then everything as it comes.

        Ends when the server stops, the token is replaced or the conversation is erased.
        """
        cursor, told = after, None
        spoke = looked = time.monotonic()
        view: View | None = None
        yield _RETRY
        async with self._watch.conversation(conversation) as woken:
            woken.set()
            while not self._shutdown.is_set():
                waits = view is not None and view.owner == ownership.QUEUE
                if woken.is_set() or (waits and time.monotonic() - looked >= _WAITING):
                    woken.clear()
                    looked = time.monotonic()
                    view = await self._look(conversation, cursor)
                    if view is None or view.token_hash != token_hash:
                        return
                    for message in view.messages:
                        cursor = message.seq
                        yield _event("message", message, f"id: {cursor}\n")
                        spoke = time.monotonic()
                    if view.more:
                        woken.set()
                        continue
                assert view is not None
                state = view.state(conversation, self._composing)
                if state != told:
                    told = state
                    yield _event("state", state)
                    spoke = time.monotonic()
                elif time.monotonic() - spoke >= HEARTBEAT:
                    yield ": here\n\n"
                    spoke = time.monotonic()
                await self._pause(woken, spoke, state)

    async def _look(self, conversation: str, cursor: int) -> View | None:
        # Without a database, the reader comes back with its cursor when there is one.
        with contextlib.suppress(sa.exc.DBAPIError):
            async with self._db.reading() as session:
                view = await look(session, conversation, cursor, self._agent_name, self._wait_line)
            if view is not None and view.owner == ownership.QUEUE:
                await identities.seen(self._db, conversation)
            return view
        return None

    async def _pause(self, woken: asyncio.Event, spoke: float, state: State) -> None:
        wait = spoke + HEARTBEAT - time.monotonic()
        if state.owner == "agent" and state.composing:
            wait = min(wait, _FADING)
        elif state.owner == "queue":
            wait = min(wait, _WAITING)
        waiters = {asyncio.create_task(event.wait()) for event in (woken, self._shutdown)}
        try:
            await asyncio.wait(waiters, timeout=max(wait, 0.0), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()

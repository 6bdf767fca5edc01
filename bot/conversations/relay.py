"""Carries wake-ups and typing states between the processes that share one PostgreSQL.

By LISTEN and NOTIFY on a connection of its own, outside the pool. Hints like all wake-ups: what
gets lost while the connection is down, or behind a pooler that does not pass LISTEN through, is
found by polling a little later.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Final

import asyncpg
import sqlalchemy as sa

from bot.conversations.composing import Composing
from bot.conversations.wake import Wake
from bot.db import new_id

_CHANNEL: Final = "setu_wake"
_MOST: Final = 100  # topics in one notification: PostgreSQL takes 8,000 bytes


class RelayLost(ConnectionError):
    """The listening connection ended; whoever runs the relay starts it again."""


class Relay:
    """One process's end.

    Args:
        url: SQLAlchemy URL of a PostgreSQL database.
        wake: this process's wake-ups; what it calls is passed on, what others call is heard here.
        composing: this process's typing states, shared in the same way.
    """

    def __init__(self, url: str, wake: Wake, composing: Composing) -> None:
        self._url = url
        self._wake = wake
        self._composing = composing
        self._me = new_id()
        self._topics: set[str] = set()
        self._typing: dict[tuple[str, str], bool] = {}
        self._work = asyncio.Event()
        self._lost = False
        self.listening = asyncio.Event()
        wake.relay = self._called
        composing.relay = self._typed

    async def run(self) -> None:
        """Listen and pass on until cancelled.

        Raises:
            RelayLost: the connection ended.
        """
        self._lost = False
        connection = await asyncpg.connect(**arguments(self._url))
        try:
            connection.add_termination_listener(self._ended)
            await connection.add_listener(_CHANNEL, self._heard)
            self.listening.set()
            while True:
                await self._work.wait()
                if self._lost:
                    raise RelayLost(_CHANNEL)
                self._work.clear()
                for content in self._outgoing():
                    await connection.execute("SELECT pg_notify($1, $2)", _CHANNEL, content)
        finally:
            self.listening.clear()
            connection.terminate()

    def _called(self, topics: tuple[str, ...]) -> None:
        if self.listening.is_set():  # else nobody would ever take them away again
            self._topics.update(topics)
            self._work.set()

    def _typed(self, conversation: str, author: str, typing: bool) -> None:
        if self.listening.is_set():
            self._typing[conversation, author] = typing
            self._work.set()

    def _ended(self, _: Any) -> None:
        self._lost = True
        self._work.set()

    def _outgoing(self) -> Iterator[str]:
        topics, typing = sorted(self._topics), list(self._typing.items())
        self._topics, self._typing = set(), {}
        for start in range(0, max(len(topics), len(typing)), _MOST):
            yield json.dumps(
                {
                    "from": self._me,
                    "topics": topics[start : start + _MOST],
                    "typing": [[*key, on] for key, on in typing[start : start + _MOST]],
                }
            )

    def _heard(self, _connection: Any, _pid: int, _channel: str, content: str) -> None:
        said = json.loads(content)
        if said["from"] == self._me:
            return
        for conversation, author, typing in said["typing"]:
            self._composing.heard(conversation, author, typing)
        self._wake.here(*said["topics"])


def arguments(url: str) -> dict[str, Any]:
    """What asyncpg connects to a database with, exactly as SQLAlchemy would have it."""
    parsed = sa.engine.make_url(url)
    _, arguments = parsed.get_dialect()().create_connect_args(parsed)
    return {key: value for key, value in arguments.items() if key not in _SQLALCHEMYS}


_SQLALCHEMYS: Final = {"async_fallback", "prepared_statement_cache_size"}

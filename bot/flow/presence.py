"""Which of the processes that share a database live, told by locks that end with a process.

On PostgreSQL each holds an advisory lock on a connection of its own, on SQLite a shared lock of a
file beside the database; the system lets go of both however a process ends. So what a dead one had
taken is free at once, and not only after a time that must be long enough for the slowest to live.
"""

import asyncio
import contextlib
import fcntl
import os
import random
from collections.abc import AsyncIterator, Collection
from typing import Any, Final

import asyncpg
import sqlalchemy as sa

from bot.conversations.models import Delivery
from bot.conversations.relay import arguments
from bot.db import Database

_OURS: Final = 0x5E70  # the first half of our advisory locks: other programs have some too
_ALIVE = sa.text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND classid = :ours AND objsubid = 2"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
).bindparams(ours=_OURS)


class PresenceLost(ConnectionError):
    """Others may take this process for dead; whoever shows presence starts again."""


class Presence:
    """This process among those that share a database; `me` is its number there."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.me = random.SystemRandom().randrange(1, 2**31)
        self._connection: Any = None
        self._dead: set[int] = set()

    @contextlib.asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Be seen to live while the block runs."""
        if self._db.is_sqlite:
            async with self._beside(sa.engine.make_url(self._db.url).database):
                yield
            return
        self._connection = await asyncpg.connect(**arguments(self._db.url))
        try:
            await self._connection.execute("SELECT pg_advisory_lock($1, $2)", _OURS, self.me)
            yield
        finally:
            self._connection.terminate()
            self._connection = None

    async def alive(self, holders: Collection[int]) -> Collection[int]:
        """Those of some others that live, or may.

        Raises:
            PresenceLost: this one cannot be seen any more.
        """
        if self._db.is_sqlite:
            return set(holders) - self._dead
        if self._connection is None or self._connection.is_closed():
            raise PresenceLost("the connection that shows this process to others has ended")
        async with self._db.reading() as session:
            return set((await session.execute(_ALIVE)).scalars())

    @contextlib.asynccontextmanager
    async def _beside(self, database: str | None) -> AsyncIterator[None]:
        if not database or database == ":memory:":
            yield
            return
        file = os.open(f"{database}-sending", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # another lives, and nobody here knows who
                self._dead = set()
            else:
                self._dead = await self._holders()
            await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_SH)
            yield
        finally:
            os.close(file)

    async def _holders(self) -> set[int]:
        async with self._db.reading() as session:
            found = await session.execute(
                sa.select(Delivery.holder).where(Delivery.holder.isnot(None)).distinct()
            )
            return set(found.scalars())

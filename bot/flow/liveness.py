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
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from typing import Any, Final

import anyio
import asyncpg
import sqlalchemy as sa
import structlog

from bot.conversations.models import Delivery, RemoteFile
from bot.conversations.relay import arguments
from bot.db import Database, now

_DEAD_SECONDS: Final = 5.0  # between two looks for what dead processes had begun
_OURS: Final = 0x5E70  # the first half of our advisory locks: other programs have some too
_ALIVE = sa.text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND classid = :ours AND objsubid = 2"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
).bindparams(ours=_OURS)
_TAKEN: Final = (
    # As it stands, not as a parameter: only so is the index of what waits found.
    (Delivery, Delivery.state == sa.literal_column("'waiting'")),
    (RemoteFile, sa.true()),
)
"""What a process takes: tables whose rows name it as their `holder`, while something is true."""

_logger = structlog.get_logger(__name__)


class Unseen(ConnectionError):
    """Others may take this process for dead; whoever works begins again."""


class Liveness:
    """This process among those that share a database; `me` is its number there."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.me = random.SystemRandom().randrange(1, 2**31)
        self._connection: Any = None

    async def during(self, *works: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Be seen to live while `works` run, and free what the dead have taken.

        Raises:
            ExceptionGroup: of what a work failed with, or of `Unseen`; all works have ended.
        """
        async with self.shown(), anyio.create_task_group() as tasks:
            for work in (*works, self._keep_freeing):
                tasks.start_soon(work)

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

    async def free(self) -> None:
        """Let go what the dead have taken.

        Raises:
            Unseen: this process cannot be seen any more.
        """
        if self._db.is_sqlite:
            return  # nobody can be told from another there, save when a process starts
        if self._connection is None or self._connection.is_closed():
            raise Unseen("the connection that shows this process to others has ended")
        # In this order: whoever has taken something has been seen to live before.
        if holders := await self._others():
            async with self._db.reading() as session:
                alive = set((await session.execute(_ALIVE)).scalars())
            await self._let_go(holders - alive)

    async def _keep_freeing(self) -> None:
        while True:
            await self.free()
            await asyncio.sleep(_DEAD_SECONDS)

    @contextlib.asynccontextmanager
    async def _beside(self, database: str | None) -> AsyncIterator[None]:
        if not database or database == ":memory:":
            yield
            return
        file = os.open(f"{database}-sending", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            with contextlib.suppress(BlockingIOError):  # another lives, and nobody here knows who
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                await self._let_go(await self._others())
            await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_SH)
            yield
        finally:
            os.close(file)

    async def _others(self) -> set[int]:
        """Those, beside this one, that have taken something."""
        found: set[int] = set()
        async with self._db.reading() as session:
            for table, so in _TAKEN:
                held = sa.and_(so, table.holder.isnot(None), table.holder != self.me)
                rows = await session.execute(sa.select(table.holder).where(held).distinct())
                found.update(rows.scalars())
        return found

    async def _let_go(self, dead: Collection[int]) -> None:
        if not dead:
            return
        async with self._db.transaction() as session:
            for table, so in _TAKEN:
                freed = await session.execute(
                    sa.update(table)
                    .where(so, table.holder.in_(dead))
                    .values(holder=None, due_at=now())
                    .execution_options(synchronize_session=False)
                )
                if freed.rowcount:
                    _logger.info(
                        "what a process had begun is taken up",
                        what=table.__tablename__, rows=freed.rowcount,
                    )  # fmt: skip

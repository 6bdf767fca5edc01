"""Writers on one SQLite file: all have their turn, and one that is torn down holds up nobody."""

import asyncio
from collections.abc import AsyncIterator

import anyio
import pytest
import sqlalchemy as sa

from bot.db import Database
from tests.patience import PATIENCE


@pytest.fixture(params=["sqlite", "postgres"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    db = Database(request.getfixturevalue(f"{request.param}_url"))
    async with db.transaction() as session:
        await session.execute(sa.text("CREATE TABLE tally (n INTEGER)"))
    yield db
    await db.dispose()


async def _add(db: Database, pause: float = 0.0) -> None:
    async with db.transaction() as session:
        await session.execute(sa.text("INSERT INTO tally VALUES (1)"))
        await asyncio.sleep(pause)


async def _count(db: Database) -> int:
    async with db.reading() as session:
        found = await session.scalar(sa.text("SELECT count(*) FROM tally"))
        return int(found)


async def test_everybody_has_their_turn_in_the_order_they_came(db: Database) -> None:
    if not db.is_sqlite:
        pytest.skip("PostgreSQL's writers do not wait for each other")
    order: list[int] = []

    async def write(number: int) -> None:
        await _add(db, 0.01)
        order.append(number)

    await asyncio.gather(*(write(number) for number in range(60)))
    assert order == list(range(60)) and await _count(db) == 60


async def test_a_transaction_that_is_cancelled_ends_first(db: Database) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(_add, db, 0.05)
        while not await _count(db):  # noqa: ASYNC110  (one is through, others are under way)
            await asyncio.sleep(0.005)
        group.cancel_scope.cancel()
    done = await _count(db)
    await asyncio.wait_for(_add(db), PATIENCE)
    assert await _count(db) == done + 1


async def test_one_that_fails_gives_its_turn_on(db: Database) -> None:
    with pytest.raises(RuntimeError):
        async with db.transaction() as session:
            await session.execute(sa.text("INSERT INTO tally VALUES (1)"))
            raise RuntimeError
    await asyncio.wait_for(_add(db), PATIENCE)
    assert await _count(db) == 1

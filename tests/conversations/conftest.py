"""A conversation in a fresh database, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from bot.conversations import identities
from bot.db import Database


@pytest.fixture(params=["sqlite", "postgres"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    url = request.getfixturevalue(f"{request.param}_tables")
    database = Database(url)
    yield database
    await database.dispose()


@pytest.fixture
async def conversation(db: Database) -> str:
    async with db.transaction() as session:
        who = await identities.identity(session, "widget", "visitor-1")
        made, _ = await identities.open_conversation(session, who, locale="en", belief={})
        return str(made.id)

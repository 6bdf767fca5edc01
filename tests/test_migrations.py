"""Migrations and models say the same, on both databases; a program refuses a foreign schema."""

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.db import Database, SchemaMismatch, metadata, migrate


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


def test_the_migrations_lead_to_the_models(url: str) -> None:
    migrate(url)
    migrate(url)  # a second start changes nothing
    sync = url.replace("+aiosqlite", "").replace("+asyncpg", "+psycopg2")
    if sync.startswith("postgresql"):
        pytest.skip("compared on SQLite; PostgreSQL takes the same migrations above")
    engine = sa.create_engine(sync)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[Any] = compare_metadata(context, metadata)
    engine.dispose()
    assert found == []


async def test_an_unmigrated_database_is_refused(url: str) -> None:
    db = Database(url)
    with pytest.raises(SchemaMismatch, match="setu migrate"):
        await db.check_schema()
    await db.dispose()


async def test_a_migrated_database_is_served(url: str) -> None:
    import asyncio

    await asyncio.to_thread(migrate, url)
    db = Database(url)
    await db.check_schema()
    await db.dispose()

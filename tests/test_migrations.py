"""Migrations and models say the same, on both databases; a program refuses a foreign schema."""

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.db import Database, SchemaMismatch, metadata, migrate
from bot.handoff.models import Agent, Handoff


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


async def test_agents_and_handoffs_of_the_first_schema_come_along(url: str) -> None:
    import asyncio

    await asyncio.to_thread(migrate, url, "0001")
    db = Database(url)
    moment = "2026-11-01 10:00:00+00:00"
    async with db.engine.begin() as connection:
        for statement in (
            "INSERT INTO agent (id, email, name, password_hash, role, languages, capacity, present,"
            f" disabled, created_at) VALUES ('a', 'a@x', 'A', '-', 'agent', '{{}}', 4, true, false,"
            f" '{moment}')",
            f"INSERT INTO client (id, created_at) VALUES ('c', '{moment}')",
            "INSERT INTO identity (id, channel, address, client_id, verified)"
            " VALUES ('i', 'widget', 'x', 'c', false)",
            "INSERT INTO conversation (id, identity_id, channel, token_hash, owner, last_seq,"
            " client_seq, handled_seq, attempts, belief, locale, created_at, active_at) VALUES"
            " ('v', 'i', 'widget', '-', 'queue', 0, 0, 0, 0, '{}', 'bn',"
            f" '{moment}', '{moment}')",
            "INSERT INTO handoff (id, conversation_id, status, reason, language, opened_at)"
            f" VALUES ('h', 'v', 'waiting', 'asked', 'bn', '{moment}')",
        ):
            await connection.exec_driver_sql(statement)
    await asyncio.to_thread(migrate, url)
    async with db.reading() as session:
        agent = await session.get(Agent, "a")
        handoff = await session.get(Handoff, "h")
    await db.dispose()
    assert (agent.presence, agent.present, agent.skills) == ("available", True, [])
    assert handoff.rank_at == handoff.opened_at
    assert handoff.priority == []

"""Alembic's entry: applies the migrations of this folder to the database of `bot.db.migrate`."""

import asyncio
import importlib
from typing import Any

from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.db import metadata

for room in ("conversations", "knowledge", "handoff", "feedback", "desk"):
    importlib.import_module(f"bot.{room}.models")


def _run(connection: Any) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        user_module_prefix="",  # the template imports our column type by name
    )
    with context.begin_transaction():
        context.run_migrations()


async def _migrate() -> None:
    engine = create_async_engine(context.config.attributes["url"], poolclass=NullPool)
    try:
        # A transaction of its own: two processes that start together must not both create tables.
        async with engine.begin() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_migrate())

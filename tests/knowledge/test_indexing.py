"""The indexing job: what is written goes live here and in other processes, and survives a stop."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable

import pytest

from bot.db import Database
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.base import Knowledge
from bot.knowledge.indexing import Indexing, Progress

WITHIN = 2.0  # seconds in which a published change must be live


@pytest.fixture
async def running(
    db: Database, letters: object, shop: tuple[Entry, ...]
) -> AsyncIterator[tuple[Indexing, Knowledge]]:
    async with db.transaction() as session:
        await articles.write_many(session, shop, "test")
    knowledge = Knowledge(letters)  # type: ignore[arg-type]
    indexing = Indexing(db, knowledge, letters)  # type: ignore[arg-type]
    task = asyncio.create_task(indexing.run())
    yield indexing, knowledge
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], object], seconds: float = WITHIN) -> None:
    async def wait() -> None:
        while not true():  # noqa: ASYNC110  (nothing tells when another process has seen it)
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), seconds)


async def test_what_was_left_undone_is_taken_up_at_the_start(
    running: tuple[Indexing, Knowledge],
) -> None:
    indexing, knowledge = running
    await until(lambda: knowledge.article("hours", "en"), 20)
    assert await indexing.is_live("hours", "en")


async def test_a_published_change_is_live_here_and_elsewhere_within_two_seconds(
    running: tuple[Indexing, Knowledge], db: Database, letters: object
) -> None:
    indexing, knowledge = running
    await until(lambda: knowledge.article("hours", "en"), 20)
    elsewhere = Knowledge(letters)  # type: ignore[arg-type]
    await elsewhere.load(db)
    async with db.transaction() as session:
        entry = await articles.entry(session, "hours", "en")
        changed = dataclasses.replace(entry, body="From 10.", questions=("zebra crossing",))
        await articles.write(session, changed, "asha", expected_version=1)
    assert not await indexing.is_live("hours", "en")
    indexing.due("hours")

    def found(base: Knowledge) -> bool:
        results = base.search("zebra crossing", "en").results
        return bool(results) and results[0].article == "hours" and results[0].body == "From 10."

    async def polled() -> None:
        while not found(elsewhere):
            await elsewhere.refresh(db)
            await asyncio.sleep(0.05)

    await asyncio.gather(until(lambda: found(knowledge)), asyncio.wait_for(polled(), WITHIN))
    assert await indexing.is_live("hours", "en")
    assert indexing.progress == Progress()


async def test_drafts_are_not_live(running: tuple[Indexing, Knowledge], db: Database) -> None:
    indexing, knowledge = running
    await until(lambda: knowledge.article("hours", "en"), 20)
    async with db.transaction() as session:
        await articles.set_state(session, "hours", "en", "draft", "asha")
    indexing.due("hours")
    await until(lambda: knowledge.article("hours", "en") is None)
    assert not await indexing.is_live("hours", "en")

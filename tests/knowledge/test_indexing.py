"""The indexing job: what is written goes live here and in other processes, and survives a stop."""

import asyncio
import dataclasses
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.db import Database, migrate
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.base import Knowledge
from bot.knowledge.embed import Floats, Kind
from bot.knowledge.indexing import Indexing, Progress
from bot.knowledge.passages import passages
from bot.knowledge.store import index_missing, stored
from tests.knowledge.conftest import Letters, set_state
from tests.patience import PATIENCE, until

ROOT = Path(__file__).resolve().parents[2]


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


async def test_what_was_left_undone_is_taken_up_at_the_start(
    running: tuple[Indexing, Knowledge],
) -> None:
    indexing, knowledge = running
    await until(lambda: knowledge.article("hours", "en"))
    assert await indexing.is_live("hours", "en")


async def test_vectors_of_removed_articles_are_dropped_at_the_next_start(
    running: tuple[Indexing, Knowledge], db: Database, letters: Letters
) -> None:
    _, knowledge = running
    await until(lambda: knowledge.article("hours", "en"))
    async with db.transaction() as session:
        digests = {p.digest for p in passages(await articles.entry(session, "hours", "en"))}
        await articles.remove(session, ["hours"])
    assert await stored(db, letters.name, digests)
    again = asyncio.create_task(Indexing(db, Knowledge(letters), letters).run())
    try:
        for _ in range(1000):
            if not await stored(db, letters.name, digests):
                break
            await asyncio.sleep(0.02)
        assert not await stored(db, letters.name, digests)
    finally:
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)


async def test_a_published_change_is_live_here_and_elsewhere(
    running: tuple[Indexing, Knowledge], db: Database, letters: object
) -> None:
    indexing, knowledge = running
    await until(lambda: knowledge.article("hours", "en"))
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

    await asyncio.gather(until(lambda: found(knowledge)), asyncio.wait_for(polled(), PATIENCE))
    assert await indexing.is_live("hours", "en")
    assert indexing.progress == Progress()


async def test_a_published_change_is_live_in_other_processes(
    postgres_url: str, letters: Letters, shop: tuple[Entry, ...]
) -> None:
    """Two processes on PostgreSQL, each polling as the product does."""
    await asyncio.to_thread(migrate, postgres_url)
    db = Database(postgres_url)
    command = [sys.executable, "-m", "tests.knowledge.reader", postgres_url, "zebra", "hours"]
    try:
        async with db.transaction() as session:
            await articles.write_many(session, shop, "test")
        await index_missing(db, letters)
        others = [
            await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
            for _ in range(2)
        ]
        try:
            outputs = [each.stdout for each in others if each.stdout]
            for output in outputs:
                assert await asyncio.wait_for(output.readline(), PATIENCE) == b"ready\n"
            async with db.transaction() as session:
                entry = await articles.entry(session, "hours", "en")
                changed = dataclasses.replace(entry, title="zebra", body="From 10.")
                await articles.write(session, changed, "asha", expected_version=1)
            lines = [output.readline() for output in outputs]
            await index_missing(db, letters, only=["hours"])
            assert await asyncio.wait_for(asyncio.gather(*lines), PATIENCE) == [b"From 10.\n"] * 2
        finally:
            for each in others:
                if each.returncode is None:
                    each.kill()
                await each.wait()
    finally:
        await db.dispose()


async def test_indexing_holds_up_neither_a_search_nor_a_message(
    running: tuple[Indexing, Knowledge], db: Database, letters: Letters
) -> None:
    indexing, knowledge = running
    await until(lambda: knowledge.article("hours", "en"))
    at_work, go_on, embed = threading.Event(), threading.Event(), letters.embed

    def held_up(texts: Sequence[str], kind: Kind) -> Floats:
        if kind == "passage":
            at_work.set()
            assert go_on.wait(20)
        return embed(texts, kind)

    letters.embed = held_up  # type: ignore[method-assign]
    try:
        async with db.transaction() as session:
            new = Entry("gift", "en", "Gift wrap", "For ₹30.")
            await articles.write_many(session, [new], "asha")
        indexing.due("gift")
        await asyncio.to_thread(at_work.wait, 20)
        assert knowledge.search("opening hours", "en").results
        async with db.transaction() as session:  # nothing holds the database's write lock
            await set_state(session, "refund", "en", "draft", "asha")
        assert not await indexing.is_live("gift", "en")
    finally:
        go_on.set()
    await until(lambda: knowledge.article("gift", "en"))
    assert indexing.progress == Progress()


async def test_drafts_are_not_live(running: tuple[Indexing, Knowledge], db: Database) -> None:
    indexing, knowledge = running
    await until(lambda: knowledge.article("hours", "en"))
    async with db.transaction() as session:
        await set_state(session, "hours", "en", "draft", "asha")
    indexing.due("hours")
    await until(lambda: knowledge.article("hours", "en") is None)
    assert not await indexing.is_live("hours", "en")

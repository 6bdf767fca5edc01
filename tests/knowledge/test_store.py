"""The vectors' cache: computed once by content, resumable, and never lost by a stop."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from bot.db import Database
from bot.knowledge import articles, store
from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.embed import Floats, Kind
from bot.knowledge.passages import passages
from tests.knowledge.conftest import Letters


class Stops(Letters):
    """Fails once so many texts have been embedded."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def embed(self, texts: Sequence[str], kind: Kind) -> Floats:
        if self.computed >= self.after:
            raise KeyboardInterrupt
        return super().embed(texts, kind)


@pytest.fixture
async def filled(db: Database, shop: tuple[Entry, ...]) -> Database:
    async with db.transaction() as session:
        await articles.write_many(session, shop, "test")
    return db


async def test_each_text_is_computed_once(
    filled: Database, letters: Letters, shop: tuple[Entry, ...]
) -> None:
    texts = {p.digest for e in shop for p in store.indexed(e)} | {p.digest for p in background()}
    seen: list[tuple[int, int]] = []
    assert await store.index_missing(filled, letters, lambda *at: seen.append(at)) == len(texts)
    assert seen[-1] == (len(texts), len(texts)) and seen == sorted(seen)
    assert await store.index_missing(filled, letters) == 0
    assert letters.computed == len(texts)


async def test_vectors_come_back_as_they_were(
    filled: Database, letters: Letters, shop: tuple[Entry, ...]
) -> None:
    await store.index_missing(filled, letters)
    passage = passages(shop[0])[0]
    found = await store.stored(filled, letters.name, [passage.digest, "no such"])
    assert list(found) == [passage.digest]
    np.testing.assert_array_equal(
        found[passage.digest], letters.embed([passage.text], "passage")[0]
    )
    assert await store.stored(filled, "another model", [passage.digest]) == {}


async def test_a_stopped_job_goes_on_where_it_was(filled: Database) -> None:
    stopping = Stops(after=40)
    with pytest.raises(KeyboardInterrupt):
        await store.index_missing(filled, stopping)
    going_on = Letters()
    left = await store.index_missing(filled, going_on)
    whole = await store.index_missing(filled, Letters())
    assert whole == 0 and left == going_on.computed
    total = len(await _digests(filled))
    assert total - 40 <= left < total


async def _digests(db: Database) -> list[str]:
    wanted = [p.digest for p in background()]
    async with db.reading() as session:
        for entry in await articles.entries(session):
            wanted += [p.digest for p in store.indexed(entry)]
    return list(await store.stored(db, "letters", wanted))


async def test_two_jobs_at_once_agree(filled: Database) -> None:
    await asyncio.gather(*(store.index_missing(filled, Letters()) for _ in range(2)))
    assert await store.index_missing(filled, Letters()) == 0


async def test_new_vectors_raise_the_version_once_and_words_once_more(
    filled: Database, letters: Letters
) -> None:
    async with filled.reading() as session:
        before = await articles.version(session)
    await store.index_missing(filled, letters)
    await store.index_missing(filled, letters)
    async with filled.reading() as session:
        assert await articles.version(session) == before + 2


async def test_unused_vectors_are_forgotten_and_used_ones_kept(
    filled: Database, letters: Letters
) -> None:
    await store.index_missing(filled, letters)
    assert await store.forget_unused(filled) == 0
    async with filled.transaction() as session:
        await articles.remove(session, ["hours"])
    assert await store.forget_unused(filled) == 5  # three vectors, the words of two wordings
    assert await store.index_missing(filled, letters) == 0

"""The cache of vectors: by content, filled by a resumable job, read when a snapshot is built.

Embedding is the slow part (10 ms a question, up to 200 ms a body), so it never happens inside a
transaction: each batch is computed first and stored at once; a job that is stopped has lost one
batch, and what is there already is served.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.db import Database
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.clean import clean
from bot.knowledge.embed import Embedder, Floats
from bot.knowledge.models import ARCHIVED, Vector
from bot.knowledge.passages import Passage, passages, worded

_BATCH = 16
_ASKED_AT_ONCE = 500  # digests in one query; SQLite allows 999 parameters in old versions

Progress = Callable[[int, int], None]
"""Called with how many are done and how many there are."""


async def index_missing(
    db: Database,
    embedder: Embedder,
    progress: Progress | None = None,
    only: Collection[str] | None = None,
    vectors_only: bool = False,
) -> int:
    """Compute and store the vectors and words that articles (drafts too) and background lack.

    Args:
        only: look at these articles; None: at all of them.
        vectors_only: leave the words to the running instance's job.

    Safe to run twice at once and to stop at any moment. The event loop stays free: the model runs
    in a worker thread and releases the interpreter's lock.

    Returns:
        How many were computed. When any were, the knowledge version is raised, so that every
        process takes them up.
    """
    async with db.reading() as session:
        entries = await articles.entries(session, only)
    wanted = {p.digest: p for p in background()}
    for entry in entries:
        if entry.state != ARCHIVED:
            of_entry = passages(entry) if vectors_only else indexed(entry)
            wanted.update((p.digest, p) for p in of_entry)
    missing = await _missing(db, embedder.name, wanted)
    done, total = 0, len(missing)
    # Articles are found by their vectors, and better with words: vectors go live first.
    for part in (
        [p for p in missing if p.kind != "words"],
        [p for p in missing if p.kind == "words"],
    ):
        for start in range(0, len(part), _BATCH):
            batch = part[start : start + _BATCH]
            await _store(db, embedder.name, await asyncio.to_thread(_compute, embedder, batch))
            done += len(batch)
            if progress is not None:
                progress(done, total)
        if part:
            async with db.transaction() as session:
                await articles.raise_version(session)
    return total


def indexed(entry: Entry) -> list[Passage]:
    """All of an article that is computed once and stored: its vectors, and its wordings' words."""
    return [*passages(entry), *worded(entry)]


def of_question(text: str) -> list[Passage]:
    """The same of a question, for who computes many of them at once."""
    return [Passage(clean(text), "query"), Passage(clean(text), "words")]


def computed(embedder: Embedder, passage: Passage) -> Floats:
    """The vector of a passage, or its words' rows one behind the other."""
    if passage.kind == "words":
        return embedder.words(passage.text).ravel()
    vector: Floats = embedder.embed([passage.text], passage.kind)[0]
    return vector


def _compute(embedder: Embedder, batch: Iterable[Passage]) -> dict[str, Floats]:
    return {p.digest: computed(embedder, p) for p in batch}


async def _missing(db: Database, name: str, wanted: Mapping[str, Passage]) -> list[Passage]:
    async with db.reading() as session:
        found = await session.execute(sa.select(Vector.digest).where(Vector.embedder == name))
        there = set(found.scalars())
    return [p for digest, p in wanted.items() if digest not in there]


async def _store(db: Database, name: str, vectors: Mapping[str, Floats]) -> None:
    # Another process may have stored the same text meanwhile: its vector is the same.
    insert = (sqlite if db.is_sqlite else postgresql).insert(Vector).on_conflict_do_nothing()
    rows = [
        {"embedder": name, "digest": digest, "vector": vector.astype("<f4").tobytes()}
        for digest, vector in vectors.items()
    ]
    async with db.transaction() as session:
        await session.execute(insert, rows)


async def stored(db: Database, name: str, digests: Collection[str]) -> dict[str, Floats]:
    """The vectors that are there, of those asked for."""
    asked, found = list(digests), {}
    async with db.reading() as session:
        for start in range(0, len(asked), _ASKED_AT_ONCE):
            query = sa.select(Vector.digest, Vector.vector).where(
                Vector.embedder == name,
                Vector.digest.in_(asked[start : start + _ASKED_AT_ONCE]),
            )
            for digest, raw in await session.execute(query):
                found[digest] = np.frombuffer(raw, "<f4")
    return found


async def forget_unused(db: Database) -> int:
    """Drop vectors of texts that no article has any more, and of other embedders' names.

    Returns:
        How many were dropped.
    """
    async with db.transaction() as session:
        used = {p.digest for p in background()}
        for entry in await articles.entries(session):
            used.update(p.digest for p in (*passages(entry), *worded(entry)))
        there = set((await session.execute(sa.select(Vector.digest))).scalars())
        unused = sorted(there - used)
        for start in range(0, len(unused), _ASKED_AT_ONCE):
            await session.execute(
                sa.delete(Vector)
                .where(Vector.digest.in_(unused[start : start + _ASKED_AT_ONCE]))
                .execution_options(synchronize_session=False)
            )
    return len(unused)

"""T5: searching 20,000 vectors, the query embedded already, beside the bare matrix product."""

import asyncio
import functools
import hashlib
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.messages import LANGUAGES, LONGEST, Messages
from benchmarks.summary import Row, Target, percentile
from bot.db import Database, migrate
from bot.e5 import WIDTH
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.base import Knowledge
from bot.knowledge.clean import clean
from bot.knowledge.embed import Floats, Kind
from bot.knowledge.store import index_missing

ROUNDS = 5
_ARTICLES = 800
_WORDINGS = 3  # beside title and whole: five vectors a locale, and five locales
_QUERIES = 60
_DIMENSIONS = 384


class RandomVectors:
    """In place of the embedder: what the numbers are makes no difference to the time."""

    name = "random"
    dimensions = _DIMENSIONS

    def embed(self, texts: Sequence[str], kind: Kind) -> Floats:
        """See `bot.knowledge.embed.Embedder`."""
        return np.stack([self._one(f"{kind}\n{text}") for text in texts])

    @functools.lru_cache(maxsize=1)  # noqa: B019 - asked for before the time is taken, and in it
    def words(self, text: str) -> Floats:
        """See `bot.knowledge.embed.Embedder`."""
        chance = np.random.default_rng(zlib.crc32(text.encode()))
        rows = chance.standard_normal((len(text.split()), WIDTH), np.float32)
        found: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return found

    def _one(self, text: str) -> Floats:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).standard_normal(_DIMENSIONS, np.float32)
        found: Floats = vector / np.linalg.norm(vector)
        return found


async def measure(step: Callable[[], None]) -> list[Row]:
    """Median processor times by round; neither side uses more than one thread."""
    messages, vectors = Messages(), RandomVectors()
    knowledge = Knowledge(vectors)
    with tempfile.TemporaryDirectory() as folder:
        rebuilt = await _filled(knowledge, vectors, messages, Path(folder))
    step()
    matrix = vectors.embed([str(n) for n in range(_ARTICLES * len(LANGUAGES) * 5)], "passage")
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        searches, products = [], []
        for number in range(_QUERIES):
            language = LANGUAGES[number % len(LANGUAGES)]
            text = clean(messages.next(language, 1 + number % LONGEST))
            query = vectors.embed([text], "query")[0]
            vectors.words(text)
            began = time.process_time()
            knowledge.decide(query, text, language)
            between = time.process_time()
            matrix @ query
            products.append(time.process_time() - between)
            searches.append(between - began)
        ours.append(1000 * percentile(searches, 0.5))
        bare.append(1000 * percentile(products, 0.5))
        step()
    return [
        Row("T5", f"search over {len(matrix):,} vectors, CPU", "ms", ours, bare, Target(2.0)),
        Row("T5", "index of that size, from the database", "s", [rebuilt]),
    ]


async def _filled(
    knowledge: Knowledge, vectors: RandomVectors, messages: Messages, folder: Path
) -> float:
    url = f"sqlite+aiosqlite:///{folder}/base.db"
    await asyncio.to_thread(migrate, url)  # it runs a loop of its own
    db = Database(url)
    try:
        async with db.transaction() as session:
            await articles.write_many(session, list(_entries(messages)), "bench")
        await index_missing(db, vectors)
        began = time.perf_counter()
        await knowledge.load(db)
        return time.perf_counter() - began
    finally:
        await db.dispose()


def _entries(messages: Messages) -> list[Entry]:
    return [
        Entry(
            f"article-{number}",
            language,
            title=messages.next(language, LONGEST),
            body=" ".join(messages.next(language, LONGEST) for _ in range(3)),
            questions=tuple(messages.next(language, LONGEST) for _ in range(_WORDINGS)),
            source_locale="en",
        )
        for number in range(_ARTICLES)
        for language in LANGUAGES
    ]

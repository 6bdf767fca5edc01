"""The running instance's indexing job: what authors write gets its vectors, and goes live.

Saving an article never waits for the model. The job computes what is missing in a worker thread,
batch by batch, and then takes the new snapshot up at once; other processes see the version row.
"""

import asyncio
from dataclasses import dataclass

from bot.db import Database
from bot.knowledge import articles
from bot.knowledge.base import Knowledge
from bot.knowledge.embed import Embedder, embedder
from bot.knowledge.models import PUBLISHED
from bot.knowledge.passages import passages
from bot.knowledge.store import forget_unused, index_missing, stored


@dataclass(frozen=True)
class Progress:
    """How many vectors of the batch under way are computed, of how many; equal when idle."""

    done: int = 0
    total: int = 0


class Indexing:
    """Computes missing vectors in the background, in this process.

    Args:
        knowledge: what serves the result here.
        embedder_: what turns texts into vectors; default, the process's own.
    """

    def __init__(
        self, db: Database, knowledge: Knowledge, embedder_: Embedder | None = None
    ) -> None:
        self._db = db
        self._knowledge = knowledge
        self._embedder = embedder_ or embedder()
        self._due: set[str] = set()
        self._wanted = asyncio.Event()
        self.progress = Progress()

    def due(self, article: str) -> None:
        """The article was changed. Cheap; the work is done by `run`."""
        self._due.add(article)
        self._wanted.set()

    async def run(self) -> None:
        """Take up what a stopped process left, then work until cancelled."""
        await self._index(None)
        await forget_unused(self._db)
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            some, self._due = self._due, set()
            try:
                await self._index(some)
            except BaseException:
                self._due |= some  # whoever runs this again goes on where it stopped
                self._wanted.set()
                raise

    async def _index(self, only: set[str] | None) -> None:
        await index_missing(self._db, self._embedder, self._note, only)
        self.progress = Progress()
        await self._knowledge.refresh(self._db)

    def _note(self, done: int, total: int) -> None:
        self.progress = Progress(done, total)

    async def is_live(self, article: str, locale: str) -> bool:
        """Whether clients of this process are answered from a body exactly as it is stored."""
        async with self._db.reading() as session:
            entry = await articles.entry(session, article, locale)
            version = await articles.version(session)
        if entry.state != PUBLISHED or self._knowledge.version != version:
            return False
        digests = {p.digest for p in passages(entry)}
        return len(await stored(self._db, self._embedder.name, digests)) == len(digests)

"""The knowledge base in memory: loaded from the database, searched without touching it."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from bot.db import Database
from bot.knowledge import articles, store
from bot.knowledge.answer import NOTHING, Decision, Result, kind_of
from bot.knowledge.articles import Entry
from bot.knowledge.background import Cohort, background
from bot.knowledge.calibrate import Calibration
from bot.knowledge.clean import clean
from bot.knowledge.embed import Embedder, Floats, embedder
from bot.knowledge.index import Ranking, Snapshot
from bot.knowledge.models import PUBLISHED
from bot.knowledge.passages import language_of
from bot.knowledge.readings import readings, together
from bot.knowledge.starters import marked
from bot.languages import locales
from bot.languages.readings import Readings


class _Served(NamedTuple):
    """What a version of the base is asked by; swapped as one."""

    snapshot: Snapshot
    calibration: Calibration
    readings: Readings
    starters: tuple[str, ...]


class Knowledge:
    """What is published, ready to be asked.

    Readers see one immutable snapshot; `load` and `refresh` build the next beside it and swap the
    reference, so a search never waits and never sees half a change.

    Args:
        embedder: what turns texts into vectors; default, the process's own.
    """

    def __init__(self, embedder_: Embedder | None = None) -> None:
        self._embedder = embedder_ or embedder()
        self._vectors: dict[str, Floats] = {}
        self._now = self._built(-1, [])

    @property
    def version(self) -> int:
        """The knowledge version being served; -1 before the first load."""
        return self._now.snapshot.version

    @property
    def cohort(self) -> Cohort:
        """The background that questions are seen against; empty before anything is indexed."""
        return self._now.snapshot.cohort

    @property
    def starters(self) -> tuple[str, ...]:
        """The ids of the articles that chats open with, in order."""
        return self._now.starters

    def locales_of(self, article: str) -> tuple[str, ...]:
        """The locales an article is published in."""
        return tuple(self._now.snapshot.locales.get(article, ()))

    async def load(self, db: Database) -> None:
        """Build and serve a snapshot of what is published and has vectors."""
        async with db.reading() as session:
            version = await articles.version(session)
            entries = await articles.entries(session, state=PUBLISHED)
        wanted = {p.digest for e in entries for p in store.indexed(e)}
        wanted.update(p.digest for p in background())
        known = {digest: self._vectors[digest] for digest in wanted & self._vectors.keys()}
        known.update(await store.stored(db, self._embedder.name, wanted - known.keys()))
        self._vectors = known
        self._now = await asyncio.to_thread(self._built, version, entries)

    async def refresh(self, db: Database) -> bool:
        """Take up what was published since; one cheap query when nothing was.

        Returns:
            Was there anything new?
        """
        async with db.reading() as session:
            version = await articles.version(session)
        if version == self.version:
            return False
        await self.load(db)
        return True

    def _built(self, version: int, entries: list[Entry]) -> _Served:
        snapshot = Snapshot(version, entries, self._vectors, self._embedder.dimensions)
        known = snapshot.entries
        return _Served(snapshot, Calibration(snapshot), readings(known), marked(known))

    def search(
        self,
        text: str,
        locale: str,
        limit: int = 3,
        exclude: Collection[str] = (),
        language: str | None = None,
    ) -> Decision:
        """What the base says to a text. Thread-safe, no input or output.

        Args:
            text: as the client wrote it.
            locale: of the client: the language to answer in.
            limit: how many results at most; at least one.
            exclude: articles that are not wanted (seen already), as if they were not there.
            language: the text is in; default, the client's.
        """
        text = clean(text)
        if not text:
            return NOTHING
        query = self._embedder.embed([text], "query")[0]
        read = self._now.readings.of(text, language or locale)
        if read is None:
            return self.decide(query, text, locale, limit, exclude, language)
        query = together(query, self._embedder.embed([read.text], "query")[0])
        found = self.decide(query, read.text, locale, limit, exclude, read.language)
        return replace(found, read=read.text)

    def decide(
        self,
        query: Floats,
        text: str,
        locale: str,
        limit: int = 3,
        exclude: Collection[str] = (),
        language: str | None = None,
    ) -> Decision:
        """`search` for a text that is cleaned and embedded already."""
        snapshot, calibration = self._now[:2]
        without = [snapshot.number[each] for each in exclude if each in snapshot.number]
        words = self._embedder.words(text)
        ranking = snapshot.rank(query, text, language or locale, without, limit, words)
        if not len(ranking.articles):
            return NOTHING
        confidences = calibration.confidences(query, ranking, limit)
        results = tuple(
            self._result(snapshot, ranking, n, confidence, locale)
            for n, confidence in enumerate(confidences)
        )
        return Decision(kind_of(confidences[0]), confidences[0], results)

    def _result(
        self, snapshot: Snapshot, ranking: Ranking, n: int, confidence: float, locale: str
    ) -> Result:
        article = snapshot.articles[ranking.articles[n]]
        body = snapshot.bodies.get((article, locale))
        if body is None:
            body = snapshot.bodies[article, nearest(locale, snapshot.locales[article])]
        return Result(
            article, body.locale, body.title, body.body, float(ranking.scores[n]), confidence
        )

    def article(self, article: str, locale: str) -> Result | None:
        """One published article in the client's locale or the nearest; None when there is none."""
        snapshot = self._now.snapshot
        there = snapshot.locales.get(article)
        if there is None:
            return None
        body = snapshot.bodies[article, nearest(locale, there)]
        return Result(article, body.locale, body.title, body.body, 0.0, 1.0)


def nearest(locale: str, there: Collection[str]) -> str:
    """Of these locales the best for a client.

    Their own, else another territory's of the same language, else by their locale's fallback
    chain, else English, else the first by name.
    """
    try:
        chain: tuple[str, ...] = (locale, *locales.get(locale).fallback, "en")
    except locales.UnknownLocale:
        chain = (locale, "en")
    for wanted in chain:
        if wanted in there:
            return wanted
        for found in sorted(there):
            if language_of(found) == language_of(wanted):
                return found
    return min(there)

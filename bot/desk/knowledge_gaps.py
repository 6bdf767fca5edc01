"""The gaps report as the desk shows it: computed beside the chat, kept until the log moves on."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Sequence

from bot.db import Database, now
from bot.desk.knowledge_log import MASK, missed, newest_failure
from bot.knowledge.base import Knowledge
from bot.knowledge.embed import Embedder, embedder
from bot.knowledge.gaps import WINDOW, Gap, Wording, find_gaps

_STALE = dt.timedelta(hours=1)
"""Trends move with the clock even when nothing happens."""

_WORDING = 300  # characters of one wording that an article takes over
_WORDINGS = 30


@dataclasses.dataclass(frozen=True)
class Report:
    """The gaps as they were `at` an instant; `of` questions."""

    gaps: tuple[Gap, ...]
    of: int
    at: dt.datetime


async def report(db: Database, knowledge: Knowledge, model: Embedder) -> Report:
    """Read the log and find the gaps; the model works in a thread."""
    moment = now()
    async with db.reading() as session:
        questions = await missed(session, moment - WINDOW)
    gaps = await asyncio.to_thread(find_gaps, questions, knowledge, model, moment)
    return Report(tuple(gaps), len(questions), moment)


class Reports:
    """The latest report, made anew in the background when the log or the base has changed."""

    def __init__(self, db: Database, knowledge: Knowledge) -> None:
        self._db = db
        self._knowledge = knowledge
        self._made_from: object = None
        self._task: asyncio.Task[Report] | None = None
        self._latest: Report | None = None

    async def latest(self) -> tuple[Report | None, bool]:
        """The newest report there is, and whether a newer one is being made."""
        async with self._db.reading() as session:
            mark = (await newest_failure(session), self._knowledge.version)
        if self._task is not None and self._task.done():
            task, self._task = self._task, None
            self._latest = task.result()
        old = self._latest is None or now() - self._latest.at > _STALE
        if self._task is None and (old or mark != self._made_from):
            self._made_from = mark
            self._task = asyncio.create_task(report(self._db, self._knowledge, embedder()))
            # A small report is there at once, and no page has to come back for it.
            await asyncio.wait([self._task], timeout=0.3)
            if self._task.done():
                task, self._task = self._task, None
                self._latest = task.result()
        return self._latest, self._task is not None


def variants(wordings: Sequence[Wording]) -> list[dict[str, str]]:
    """A gap's wordings as an article's variants: without masks, each once."""
    found = {
        text: wording.language
        for wording in wordings[:_WORDINGS]
        if (text := " ".join(wording.text.replace(MASK, " ").split())[:_WORDING])
    }
    return [{"language": language, "text": text} for text, language in found.items()]

"""The gaps report as the desk shows it: computed beside the chat, kept until the log moves on."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Sequence

from bot.db import Database, now
from bot.desk.background import Latest
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


class Reports(Latest[Report]):
    """The latest report, made anew in the background when the log or the base has changed."""

    def __init__(self, db: Database, knowledge: Knowledge) -> None:
        super().__init__(_STALE)
        self._db = db
        self._knowledge = knowledge

    async def _mark(self) -> object:
        async with self._db.reading() as session:
            return await newest_failure(session), self._knowledge.version

    async def _make(self) -> Report:
        return await report(self._db, self._knowledge, embedder())


def variants(wordings: Sequence[Wording]) -> list[dict[str, str]]:
    """A gap's wordings as an article's variants: without masks, each once."""
    found = {
        text: wording.language
        for wording in wordings[:_WORDINGS]
        if (text := " ".join(wording.text.replace(MASK, " ").split())[:_WORDING])
    }
    return [{"language": language, "text": text} for text, language in found.items()]

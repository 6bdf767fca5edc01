"""Sentences that no base answers, in many languages: the cohort that unrelated questions form."""

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bot.knowledge.clean import clean
from bot.knowledge.embed import Floats, Kind
from bot.knowledge.passages import Passage, language_of

_KINDS: tuple[Kind, ...] = ("query", "passage")
_FILE = Path(__file__).with_name("background.txt")


@functools.lru_cache(maxsize=1)
def sentences() -> tuple[tuple[str, str], ...]:
    """Pairs of language tag and sentence, in the file's order."""
    found, language = [], ""
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            language = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((language, line))
    return tuple(found)


def background() -> tuple[Passage, ...]:
    """Every sentence twice: as a query that nothing answers, and as a passage nobody asks for."""
    texts = [clean(text) for _, text in sentences()]
    return tuple(Passage(text, kind) for kind in _KINDS for text in texts)


class Cohort:
    """The background's vectors, as far as they are there.

    Attributes:
        languages: of each row.
        queries, passages: the same sentences as both kinds, a row each.
    """

    def __init__(self, vectors: Mapping[str, Floats], dimensions: int) -> None:
        pairs = zip(sentences(), _of("query"), _of("passage"), strict=True)
        there = [
            (language_of(tag), text, vectors[q.digest], vectors[p.digest])
            for (tag, text), q, p in pairs
            if q.digest in vectors and p.digest in vectors
        ]
        self.languages = [language for language, *_ in there]
        self.texts = [text for _, text, *_ in there]
        none = np.zeros((0, dimensions), np.float32)
        self.queries: Floats = np.stack([row[2] for row in there]) if there else none
        self.passages: Floats = np.stack([row[3] for row in there]) if there else none

    def middle(self, language: str) -> Floats:
        """The mean of a language's sentences as passages; of all, if it has none."""
        rows = [n for n, found in enumerate(self.languages) if found == language]
        if not len(self.passages):
            return np.zeros(self.passages.shape[1], np.float32)
        middle: Floats = self.passages[rows or slice(None)].mean(axis=0)
        return middle

    def offset(self, language: str) -> Floats:
        """Where queries of a language lie from queries in general; zero if it has no sentences."""
        rows = [n for n, found in enumerate(self.languages) if found == language]
        if not rows:
            return np.zeros(self.queries.shape[1], np.float32)
        offset: Floats = self.queries[rows].mean(axis=0) - self.queries.mean(axis=0)
        return offset


def _of(kind: Kind) -> list[Passage]:
    return [passage for passage in background() if passage.kind == kind]

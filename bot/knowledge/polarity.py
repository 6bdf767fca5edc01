"""Statements that one article makes and another denies, in the same words: "can", "cannot".

Vectors hardly know the difference, and know too much that is alike; so this goes by words: two
clauses that are the same but for a word that turns one of them around.
"""

import fnmatch
import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import yaml
from sklearn.feature_extraction.text import CountVectorizer

from bot.knowledge.articles import Entry
from bot.knowledge.embed import Floats
from bot.knowledge.passages import language_of
from bot.knowledge.statements import Statement, statements

SAME_WORDS: Final = 0.5
"""Share of either clause's words, by how rare they are, that the other has, or its title. In the
sample base one pair of articles comes so near."""

MOST_CLAUSES: Final = 5_000
"""Of one locale: all are compared with all. A larger base is not searched."""

_FEWEST: Final = 2  # words of a clause, without what denies it
_STEM: Final = 4  # letters; what follows is mostly an ending
_PARTS: Final = re.compile(r"[,;।.!?]\s")
_WORD: Final = re.compile(r"[^\s.,;:!?।()\[\]\"“”‘…|/*_#<>–—→-]+")


@dataclass(frozen=True)
class _Clause:
    statement: Statement
    words: frozenset[str]
    title: frozenset[str]
    denied: bool


@functools.lru_cache(maxsize=1)
def _negations() -> Mapping[str, Mapping[str, Sequence[str]]]:
    text = Path(__file__).with_name("negations.yml").read_text(encoding="utf-8")
    found: dict[str, dict[str, list[str]]] = yaml.safe_load(unicodedata.normalize("NFC", text))
    return found


def opposed(some: Sequence[Entry]) -> Iterator[tuple[Statement, Statement]]:
    """Statements of two articles of which one denies the other.

    Args:
        some: articles of one locale.
    """
    clauses = [c for entry in some for s in statements(entry) for c in _clauses(s)]
    denied = [c for c in clauses if c.denied]
    stated = [c for c in clauses if not c.denied]
    if not denied or not stated or len(clauses) > MOST_CLAUSES:
        return
    counter = CountVectorizer(analyzer=list, binary=True, dtype=np.float32)
    counter.fit([c.words for c in clauses])
    times = counter.transform([c.words for c in clauses]).sum(axis=0).A1
    rarity = np.log1p(len(clauses) / times).astype(np.float32)

    def covered(ours: Sequence[_Clause], theirs: Sequence[_Clause]) -> Floats:
        weights = counter.transform([c.words for c in ours]).multiply(rarity).tocsr()
        there = counter.transform([c.words | c.title for c in theirs])
        share: Floats = (weights @ there.T).toarray() / np.maximum(weights.sum(axis=1).A, 1e-9)
        return share

    both = np.minimum(covered(denied, stated), covered(stated, denied).T)
    for a, b in np.argwhere(both >= SAME_WORDS):
        one, other = denied[a].statement, stated[b].statement
        if one.entry.article != other.entry.article:
            yield one, other


def _clauses(statement: Statement) -> Iterator[_Clause]:
    language = language_of(statement.entry.locale)
    if language not in _negations() or statement.text.endswith("?"):
        return
    title, _, _ = _read(statement.entry.title, language)
    for part in _PARTS.split(f"{statement.text} "):
        words, denials, hedged = _read(part, language)
        if len(words) >= _FEWEST and not hedged:
            yield _Clause(statement, words, title, denials % 2 == 1)


def _read(text: str, language: str) -> tuple[frozenset[str], int, bool]:
    """A text's words, cut to their stems, how many deny it, and whether it is a condition."""
    known = _negations()[language]
    found = _WORD.findall(unicodedata.normalize("NFC", text).casefold().replace("’", "'"))
    words, denials = set(), 0
    for word in found:
        mark = next((mark for mark in known["not"] if fnmatch.fnmatchcase(word, mark)), "")
        denials += bool(mark)
        words.add(word.removesuffix(mark.removeprefix("*"))[:_STEM])
    hedged = any(fnmatch.fnmatchcase(word, mark) for word in found for mark in known["unless"])
    return frozenset(words - {""}), denials, hedged

"""A message that says several things, taken apart: each may be a question of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actions.reads import Article, Decision

MOST = 6
"""Clauses that are searched for, the longest; each costs an embedding."""
_LEAST_WORDS = 2
_WORTH_OFFERING = 0.1  # probability from which an article that no clause found best is offered too

# Words that join clauses, of the five languages and in Latin letters; those that mean much else
# ("ও", "पर", "pan") are left out.
_AND = (
    "and but also plus এবং আর কিন্তু তাছাড়া और तथा लेकिन मगर आणि पण तसेच പക്ഷേ പക്ഷെ പിന്നെ കൂടാതെ "
    "ebong ar aar kintu aur lekin magar ani aani pakshe pinne"
)
_BORDER = re.compile(
    # A stop or comma between digits belongs to a number.
    r"(?<!\d)[.,]|[.,](?!\d)|[;!?।॥…\n،؟]+|(?<!\S)(?:" + "|".join(_AND.split()) + r")(?!\S)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Merged:
    """What the clauses of one message come to."""

    kind: str
    results: Sequence[Article]


def split(text: str) -> tuple[str, ...]:
    """The clauses of two words and more, in order; empty where the text is one clause itself."""
    pieces = [" ".join((piece or "").split()) for piece in _BORDER.split(text)]
    clauses = list(dict.fromkeys(each for each in pieces if len(each.split()) >= _LEAST_WORDS))
    if len([piece for piece in pieces if piece]) < 2:
        return ()
    kept = sorted(clauses, key=lambda clause: -len(clause))[:MOST]
    return tuple(clause for clause in clauses if clause in kept)


def merge(whole: Decision, parts: Sequence[Decision]) -> Decision:
    """One sure answer is the answer; of several, and of unsure ones, the best are suggested."""
    if not parts:
        return whole
    sure = [part for part in parts if part.kind == "answer"]
    if len({part.results[0].article for part in sure}) == 1:
        return sure[0]
    found = [each for each in (whole, *parts) if each.kind != "none"]
    if not found:
        return whole
    # Beside what is sure, a guess is noise.
    best = _surest([each.results[0] for each in sure or found])
    others = [] if sure else _surest([other for each in found for other in each.results[1:]])
    others = [other for other in others if other.confidence >= _WORTH_OFFERING]
    once: dict[str, Article] = {}
    for article in (*best, *others):
        once.setdefault(article.article, article)
    return Merged("suggest", tuple(once.values()))


def _surest(articles: Sequence[Article]) -> list[Article]:
    return sorted(articles, key=lambda article: -article.confidence)

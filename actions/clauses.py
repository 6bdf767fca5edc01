"""A message that says several things: what its clauses find, put together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actions.reads import Article, Decision

_ASIDE = 0.6  # probability from which a clause is a question of its own beside a sure whole
_CLOSE = 0.2  # probability from which the second best of a clause is offered beside sure ones
_MOST_ANSWERS = 3
_WORTH_OFFERING = 0.1  # probability from which an article that no clause found best is offered too


@dataclass(frozen=True)
class Merged:
    """What the clauses of one message come to."""

    kind: str
    results: Sequence[Article]


def merge(whole: Decision, parts: Sequence[Decision]) -> Decision:
    """Each clause with a sure answer of its own is answered; of unsure ones the best are suggested.

    A clause that only tells what happened often finds something too. So where the whole has a sure
    answer, that must be one of the clauses', and the others must be surer than it takes alone.
    """
    if not parts:
        return whole
    sure = [part for part in parts if part.kind == "answer"]
    tops = {part.results[0].article: part.results[0] for part in sure}
    if whole.kind == "answer":
        main = whole.results[0].article
        kept = [each for each in tops.values() if each.article == main or each.confidence >= _ASIDE]
        if main not in tops or len(kept) < 2:
            return whole
        return Merged("answers", tuple(kept[:_MOST_ANSWERS]))
    if len(tops) == 1:
        return sure[0]
    if len(tops) > 1 and all(each.confidence >= _ASIDE for each in tops.values()):
        return Merged("answers", tuple(tops.values())[:_MOST_ANSWERS])
    if len(tops) > 1:
        # Beside what is sure, a mere guess is noise.
        guessed = [each for part in sure for each in part.results[1:]]
        close = {each.article: each for each in guessed if each.confidence >= _CLOSE}
        return Merged("suggest", tuple(_surest([*({**close, **tops}).values()])))
    found = [each for each in (whole, *parts) if each.kind != "none"]
    if not found:
        return whole
    best = _surest([each.results[0] for each in found])
    others = _surest([other for each in found for other in each.results[1:]])
    others = [other for other in others if other.confidence >= _WORTH_OFFERING]
    once: dict[str, Article] = {}
    for article in (*best, *others):
        once.setdefault(article.article, article)
    return Merged("suggest", tuple(once.values()))


def _surest(articles: Sequence[Article]) -> list[Article]:
    return sorted(articles, key=lambda article: -article.confidence)

"""A message that says several things, taken apart: each may be a question of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actions.reads import Article, Decision

MOST = 6
"""Clauses that are searched for, the longest; each costs an embedding."""
_LEAST_WORDS = 2
_ASIDE = 0.6  # probability from which a clause is a question of its own beside a sure whole
_CLOSE = 0.2  # probability from which the second best of a clause is offered beside sure ones
_MOST_ANSWERS = 3
_WORTH_OFFERING = 0.1  # probability from which an article that no clause found best is offered too

# Words that join clauses, of the five languages and in Latin letters; those that mean much else
# ("ও", "पर", "pan") are left out.
_AND = (
    "and but also plus এবং আর কিন্তু তাছাড়া और तथा लेकिन मगर आणि पण तसेच പക്ഷേ പക്ഷെ പിന്നെ കൂടാതെ "
    "ebong ar aar kintu aur lekin magar ani aani pakshe pinne"
)
# Words that stand for what was spoken of before.
_BACK = frozenset(
    "it its that this they them those these one "
    "এটা এটি ওটা সেটা তা তার এর ওর এতে তাতে এগুলো সেগুলো ওগুলো eta ota seta "
    "ते तो ती हे हा ही त्याला त्याचे त्याची त्याचा त्यात याला यात याचे यासाठी त्यासाठी te "
    "അത് ഇത് അതിന് ഇതിന് അതിന്റെ ഇതിന്റെ അതിൽ ഇതിൽ അവ ഇവ athu ithu "
    "ये यह वह वो इसका इसकी इसके इसमें उसका उसकी उसके उसमें इनका उनका ye yeh wo woh iska uska".split()
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


def refers_back(text: str) -> bool:
    """Whether a message speaks of something that it does not name."""
    return not _BACK.isdisjoint(re.findall(r"[^\s.,;!?।…،؟]+", text.lower()))


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

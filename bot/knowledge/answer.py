"""What the base says to a question: an answer, a choice to offer, or that it does not know."""

from dataclasses import dataclass
from typing import Literal

ANSWER_AT = 0.5
"""Probability from which the best article is given as the answer: more likely right than wrong."""
SUGGEST_AT = 0.2
"""Probability from which the best three are offered as "did you mean"; below it, a person is."""

Kind = Literal["answer", "suggest", "none"]


@dataclass(frozen=True)
class Result:
    """One article for the client.

    Attributes:
        article: its id.
        locale: the locale of title and body: the client's, or the nearest there is.
        score: rank score, in standard deviations above the base's mean for this query; comparable
            within one decision only.
        confidence: probability that this article answers the question, 0 to 1.
    """

    article: str
    locale: str
    title: str
    body: str
    score: float
    confidence: float


@dataclass(frozen=True)
class Decision:
    """What to do with a question.

    Attributes:
        kind: `answer` (give the first result), `suggest` (offer the results as a choice), `none`
            (say so honestly; the results are still the nearest there are).
        confidence: probability that the first result answers the question, 0 to 1, comparable
            across languages and bases; 0 without a result.
        results: best first.
        read: what the question was read as, where it was typed in Latin letters and is not usually.
    """

    kind: Kind
    confidence: float
    results: tuple[Result, ...]
    read: str | None = None


def kind_of(confidence: float) -> Kind:
    """The decision that a probability calls for."""
    if confidence >= ANSWER_AT:
        return "answer"
    return "suggest" if confidence >= SUGGEST_AT else "none"


NOTHING = Decision("none", 0.0, ())

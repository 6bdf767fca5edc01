"""How sure: from a ranking to the probability that an article answers the question.

A cosine means nothing by itself (right answers were seen from .87 to .97, by language), so the
measures are differences of the *same query's* similarities, but one:

- reach: the article's cosine above the mean of the 20 nearest background passages, which are what
  this query, in its language and length, finds in a base that cannot answer it;
- subject: the base's mean cosine above the background's: is it about this base's subject at all;
- near, shared: how near the question's words lie to those of the first article, in standard
  deviations and as a mean cosine (`bot.knowledge.words`); where these are not computed yet, the
  same is told by reach and subject alone;
- margin: the article's score above the best other one's (negative for the others), in cosine;
- gap: its score above the fifth's, in standard deviations of the near misses of *this base*: its
  own wordings asked with their own article left out. That is the part fitted per base, without
  labels; it keeps confidence in place from 30 articles to thousands.

Two questions, both of which must be yes: is it about something here (against unrelated ones), and
is it this article rather than a neighbour (against near misses). `python -m training.confidence`
fits their logistic coefficients, once, on training texts alone: six bases made of the sample base
(other wordings; English only and mixed, asked in other languages), Banking77 and HINT3 curekart,
with near misses, chat and other bases' questions. Neither the multilingual FAQ that `evaluate` is
usually run on nor any test question is among them.
"""

import math
from typing import NamedTuple

import numpy as np

from bot.knowledge.embed import Floats
from bot.knowledge.index import Ranking, Snapshot

_NEAREST = 20
_SAMPLE = 120
"""Wordings that are asked for the base's near misses: their spread is known to 7 % by then."""

ABOUT = (-3.52, 22.34, 19.49, -0.12, 6.2)  # constant, reach, subject, near, shared
ABOUT_BLIND = (-0.77, 33.56, 23.41)  # constant, reach, subject; where there are no words
THIS = (-1.78, 11.5, 27.37, 0.35)  # constant, reach, margin, gap

_USUAL_MISS = (0.045, 0.02)
"""Mean and deviation of a near miss's gap, in cosine, where a base is too small to tell."""


class Measures(NamedTuple):
    """What the confidence in one article is computed from; see the module."""

    reach: float
    subject: float
    words: tuple[float, float] | None
    margin: float
    gap: float


class Calibration:
    """What a base's near misses look like, and the confidence that follows.

    Args:
        snapshot: the base.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._background = snapshot.cohort.passages
        self._miss = self._misses(snapshot)

    @staticmethod
    def _misses(snapshot: Snapshot) -> tuple[float, float]:
        count = len(snapshot.entries)
        if len(snapshot.articles) < 6:
            return _USUAL_MISS
        gaps = []
        for n in np.unique(np.linspace(0, count - 1, _SAMPLE).astype(int)):
            locale, article = snapshot.entries[n].locale, int(snapshot.article_of[n])
            vector, text = snapshot.wording(n)
            words = snapshot.spelt.get(text)
            ranking = snapshot.rank(vector, text, locale, [article], words=words)
            gaps.append(_gap(ranking, 0))
        return float(np.mean(gaps)), max(float(np.std(gaps)), 1e-3)

    def confidences(
        self,
        query: Floats,
        ranking: Ranking,
        limit: int,
    ) -> list[float]:
        """Probabilities for the first articles of a ranking, 0 to 1; never rising.

        Args:
            query: the question's vector.
            ranking: what it found.
            limit: how many articles at most.
        """
        found: list[float] = []
        for measures in self.measures(query, ranking, limit):
            found.append(min([probability(measures), *found[-1:]]))
        return found

    def measures(self, query: Floats, ranking: Ranking, limit: int) -> list[Measures]:
        """What the confidence in the first articles of a ranking is computed from."""
        near, everything = self._usual(query, ranking)
        return [
            Measures(
                reach=float(ranking.cosines[n]) - near,
                subject=ranking.mean - everything,
                # Of the first: they tell whether it is about anything here, not about what.
                words=ranking.words,
                margin=_margin(ranking, n),
                gap=(_gap(ranking, n) - self._miss[0]) / self._miss[1],
            )
            for n in range(min(limit, len(ranking.articles)))
        ]

    def _usual(self, query: Floats, ranking: Ranking) -> tuple[float, float]:
        """This query's cosine to the nearest background, and to all of it."""
        if not len(self._background):
            # Not embedded yet. Typical of e5: the base's mean stands for it.
            return ranking.mean + 0.03, ranking.mean
        cosines = self._background @ query
        near = np.partition(cosines, len(cosines) - _NEAREST)[-_NEAREST:]
        return float(near.mean()), float(cosines.mean())


def probability(measures: Measures) -> float:
    """How likely it is that the article answers the question."""
    if measures.words is None:
        about = _logistic(_dot(ABOUT_BLIND, (measures.reach, measures.subject)))
    else:
        about = _logistic(_dot(ABOUT, (measures.reach, measures.subject, *measures.words)))
    return about * _is_this(measures)


def _is_this(measures: Measures) -> float:
    return _logistic(_dot(THIS, (measures.reach, measures.margin, measures.gap)))


def _dot(coefficients: tuple[float, ...], measures: tuple[float, ...]) -> float:
    return coefficients[0] + sum(a * b for a, b in zip(coefficients[1:], measures, strict=True))


def _margin(ranking: Ranking, n: int) -> float:
    other = 1 if n == 0 else 0
    if other >= len(ranking.scores):
        return 0.0
    return float(ranking.scores[n] - ranking.scores[other]) * ranking.spread


def _gap(ranking: Ranking, n: int) -> float:
    fifth = min(4, len(ranking.scores) - 1)
    return float(ranking.scores[n] - ranking.scores[fifth]) * ranking.spread


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, value))))

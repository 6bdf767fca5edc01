"""Evidence from single words: whether an article is asked for by what the question's words mean.

One vector of a whole question drowns the word that matters: "what is mining?" lies near to every
"what is ...?". So each word of a question, as it stands there, looks for the nearest of all the
words that an article is asked for by (late interaction; Khattab and Zaharia 2020, ColBERT).

Words of two languages never lie as near as two of one, so a nearness counts in standard deviations
from what is usual between this word and the words of that language here.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.e5 import WIDTH

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

_PRIOR: Final = 10
"""Words of the whole base that a language's count for beside its own: some have few."""

_LEAST: Final = np.float32(0.01)
"""So that no word's weight is 0, nor any spread."""


def unpacked(stored: Floats) -> Floats:
    """Words as they are stored, one behind the other, as a row each."""
    return stored.reshape(-1, WIDTH)


class Evidence(NamedTuple):
    """What words say of articles; NaN of those that have none.

    Attributes:
        near: the mean of the question's words' nearness, in standard deviations, less what many
            wordings have for nothing; those words weigh most that are found best at all.
        shared: the mean cosine of the question's words with the nearest.
    """

    near: Floats
    shared: Floats

    def of(self, place: int) -> tuple[float, float] | None:
        """Both for one of the articles; None if it has no words."""
        near, shared = float(self.near[place]), float(self.shared[place])
        return None if math.isnan(near) else (near, shared)


class _Own(NamedTuple):
    """An article's words in one language.

    Attributes:
        chance: what is taken off, in standard deviations, for as many wordings, or an article with
            many beats one that has a title alone: sqrt(2 ln n), to which the mean of the highest of
            n normal values comes near. From .9 to 1.2 of it the sample base, with every second
            article left with its title, is answered as well as without words or better.
    """

    rows: Floats
    chance: float


class Words:
    """All that articles are asked for by, word by word.

    Args:
        articles: of each the words of its wordings, with the wordings' language.
    """

    def __init__(self, articles: Sequence[Sequence[tuple[str, Floats]]]) -> None:
        of: dict[str, list[Floats]] = {}
        self._articles: list[dict[str, _Own]] = []
        for each in articles:
            by: dict[str, list[Floats]] = {}
            for language, rows in each:
                if len(rows):
                    by.setdefault(language, []).append(rows)
            own = {
                language: _Own(np.concatenate(some), math.sqrt(2 * math.log(len(some))))
                for language, some in by.items()
            }
            self._articles.append(own)
            for language, (rows, _) in own.items():
                of.setdefault(language, []).append(rows)
        self._known = {language: _Moments(np.concatenate(rows)) for language, rows in of.items()}
        everything = [rows for some in of.values() for rows in some]
        self._all = _Moments(np.concatenate(everything)) if everything else None

    def evidence(self, asked: Floats, language: str, articles: Ints) -> Evidence:
        """How well each of these articles has the words of a question.

        Args:
            asked: the question's words, a row each.
            language: of the question; an article that has it is looked at in it alone.
            articles: positions.
        """
        found = Evidence(*np.full((2, len(articles)), np.nan, np.float32))
        if self._all is None or not len(asked):
            return found
        cosines: list[Floats] = []
        tags: list[str] = []
        chances: list[float] = []
        there: list[int] = []
        starts: list[int] = []
        columns = np.ascontiguousarray(asked.T)
        for place, article in enumerate(articles.tolist()):
            own = self._articles[article]
            if own:
                there.append(place)
                starts.append(len(cosines))
            for tag in (language,) if language in own else own:
                rows, chance = own[tag]
                cosines.append((rows @ columns).max(axis=0))
                chances.append(chance)
                tags.append(tag)
        if not there:
            return found
        usual, spread = self._scales(self._all, asked, tags)
        near = np.maximum.reduceat((np.array(cosines) - usual) / spread, starts)
        weights = np.maximum(near.max(axis=0), _LEAST)
        chance = np.maximum.reduceat(np.array(chances, np.float32), starts)
        found.near[there] = near @ (weights / weights.sum()) - chance
        found.shared[there] = np.maximum.reduceat(cosines, starts).mean(axis=1)
        return found

    def _scales(
        self, everything: "_Moments", asked: Floats, tags: Sequence[str]
    ) -> tuple[Floats, Floats]:
        """Mean and deviation of each word's cosine with those of languages: a row a tag."""
        mean, square = everything.of(asked)
        variance = np.maximum(square - mean**2, _LEAST**2)
        usual, spread = [], []
        number = {tag: n for n, tag in enumerate(dict.fromkeys(tags))}
        for tag in number:
            moments = self._known[tag]
            own, squares = moments.of(asked)
            share = np.float32(moments.count / (moments.count + _PRIOR))
            usual.append(mean + share * (own - mean))
            around = np.maximum(squares - 2 * usual[-1] * own + usual[-1] ** 2, 0)
            spread.append(np.sqrt(variance + share * (around - variance)))
        rows = [number[tag] for tag in tags]
        return np.array(usual)[rows], np.array(spread)[rows]


class _Moments:
    """Mean and mean square of the cosines of any word with these."""

    def __init__(self, rows: Floats) -> None:
        self.count = len(rows)
        self._mean: Floats = rows.mean(axis=0)
        self._squares: Floats = rows.T @ rows / np.float32(len(rows))

    def of(self, asked: Floats) -> tuple[Floats, Floats]:
        """A number for each of the words asked."""
        squares: Floats = ((asked @ self._squares) * asked).sum(axis=1)
        return asked @ self._mean, squares

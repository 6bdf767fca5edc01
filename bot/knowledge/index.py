"""The immutable index of everything published, and its ranking.

A question in any language is compared with every wording of every article in every locale. What
makes that comparable across languages (13 languages, half the base in the client's, hit@1 76.6 ->
95.2 %) is that an article's similarity counts from the mean similarity of *its own language's*
articles: otherwise the client's own language wins, whatever it says.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.articles import Entry
from bot.knowledge.background import Cohort
from bot.knowledge.lexical import Lexical
from bot.knowledge.passages import language_of, passages

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

LEXICAL_WEIGHT = 0.3
"""Standard deviations of meaning that one standard deviation of letters is worth."""

CANDIDATES = 50
"""Articles, nearest in meaning, that letters are compared for and that a ranking holds."""

_PRIOR = 4.0
"""Imagined articles that a language's mean counts beside its own; see `Snapshot._scores`."""

_LEANING = 0.35
"""Share that is taken off of what a row gains from the base's common subject and the query's
language. All: the rest is too noisy; none: in a base on one subject the most general article
attracts whatever names the subject (hit@1 half a point lower on the
development FAQ, English only and mixed, two on the sample base in English)."""

_LEAST_SPREAD = 1e-3
"""In cosine; a base of one article has none."""


@dataclass(frozen=True)
class Group:
    """One language's share of the index: consecutive entries, and their letters by row."""

    language: str
    entries: slice
    lexical: Lexical


@dataclass(frozen=True)
class Block:
    """Entries that have the same number of rows; their rows lie together, first rows first."""

    entries: Ints
    rows: slice
    each: int


@dataclass(frozen=True)
class Ranking:
    """The best articles for one query, best first.

    Attributes:
        articles: positions in `Snapshot.articles`.
        scores: of those, in standard deviations of this query's similarity to the base.
        cosines: highest raw cosine of any wording of those.
        mean: mean raw cosine of this query to the base.
        spread: standard deviation of this query's similarity, in cosine.
    """

    articles: Ints
    scores: Floats
    cosines: Floats
    mean: float
    spread: float


_NONE = np.zeros(0, np.float32)
NO_RANKING = Ranking(np.zeros(0, np.intp), _NONE, _NONE, 0.0, 1.0)


class Snapshot:
    """An index over published entries. Never changed once built; safe to share among threads.

    Args:
        version: the knowledge version it was built from.
        entries: what is published.
        vectors: vectors by digest; passages without one are left out, and entries without any.
        dimensions: length of a vector.

    Attributes:
        entries: what is searched, by language, article and locale.
        articles: ids, sorted; a ranking speaks of their positions.
        article_of: each entry's position there.
        bodies: entries by article and locale.
        locales: the locales of each article.
        cohort: the background the base's similarities are seen against.
    """

    def __init__(
        self,
        version: int,
        entries: Sequence[Entry],
        vectors: Mapping[str, Floats],
        dimensions: int,
    ) -> None:
        self.version = version
        self.cohort = Cohort(vectors, dimensions)
        found = [
            (e, [(p.text, vectors[p.digest]) for p in passages(e) if p.digest in vectors])
            for e in sorted(entries, key=lambda e: (language_of(e.locale), e.article, e.locale))
        ]
        found = [(e, texts) for e, texts in found if texts]
        self.entries = [e for e, _ in found]
        self.articles = sorted({e.article for e in self.entries})
        number = {article: n for n, article in enumerate(self.articles)}
        self.article_of: Ints = np.array([number[e.article] for e in self.entries], np.intp)
        self.bodies = {(e.article, e.locale): e for e in self.entries}
        self.locales: dict[str, list[str]] = {}
        for entry in self.entries:
            self.locales.setdefault(entry.article, []).append(entry.locale)
        self._lay_out([texts for _, texts in found], dimensions)
        self._groups = self._grouped()
        # One column a locale; where an article has fewer, the position past the last entry.
        most = max(map(len, self.locales.values()), default=1)
        self._entries_of: Ints = np.full((most, len(self.articles)), len(self.entries), np.intp)
        filled = np.zeros(len(self.articles), np.intp)
        for n, article in enumerate(self.article_of):
            self._entries_of[filled[article], article] = n
            filled[article] += 1
        self._leanings: dict[str, Floats] = {}

    def _lay_out(self, found: Sequence[Sequence[tuple[str, Floats]]], dimensions: int) -> None:
        """Put the rows so that each entry's best is found by whole-array operations."""
        counts = np.array([len(texts) for texts in found], np.intp)
        widest = int(counts.max()) if len(counts) else 1
        self._rows_of: Ints = np.zeros((len(found), widest), np.intp)
        self._blocks: list[Block] = []
        rows: list[tuple[str, Floats]] = []
        for each in sorted(set(counts.tolist())):
            entries = np.flatnonzero(counts == each)
            first = len(rows)
            rows += [found[n][slot] for slot in range(each) for n in entries]
            place = first + np.arange(each) * len(entries)
            for position, n in enumerate(entries):
                self._rows_of[n] = place[0] + position
                self._rows_of[n, :each] = place + position
            self._blocks.append(Block(entries, slice(first, len(rows)), each))
        self.texts = [text for text, _ in rows]
        self.vectors: Floats = np.zeros((len(rows), dimensions), np.float32)
        for n, (_, vector) in enumerate(rows):
            self.vectors[n] = vector

    def _grouped(self) -> list[Group]:
        languages = [language_of(e.locale) for e in self.entries]
        groups = []
        # A row's place among its language's, for the lexical evidence.
        self._lexical_row: Ints = np.zeros(len(self.texts), np.intp)
        for language in dict.fromkeys(languages):
            first = languages.index(language)
            entries = slice(first, first + languages.count(language))
            rows = np.unique(self._rows_of[entries])
            self._lexical_row[rows] = np.arange(len(rows))
            groups.append(Group(language, entries, Lexical([self.texts[n] for n in rows])))
        return groups

    def wording(self, entry: int) -> tuple[Floats, str]:
        """An entry's title, as vector and text."""
        row = self._rows_of[entry, 0]
        return self.vectors[row], self.texts[row]

    def wordings(self) -> Iterator[tuple[Floats, str, int]]:
        """Every row, as vector, text and the entry it belongs to."""
        for block in self._blocks:
            for place, row in enumerate(range(block.rows.start, block.rows.stop)):
                entry = int(block.entries[place % len(block.entries)])
                yield self.vectors[row], self.texts[row], entry

    def rank(self, query: Floats, text: str, locale: str, without: Collection[int] = ()) -> Ranking:
        """Rank the articles nearest to a query.

        Args:
            query: its vector; a zero vector ranks nothing.
            text: its cleaned text, for the lexical evidence.
            locale: the language it is taken to be written in.
            without: positions of articles to leave out as if they were not in the base.
        """
        if len(set(without)) >= len(self.articles) or not query.any():
            return NO_RANKING
        language = language_of(locale)
        rows: Floats = self.vectors @ query
        usual = self.cohort.by_language(query)
        scores, spread = self._scores(rows - self._leaning(language), usual, without)
        best = scores[self._entries_of[0]]
        for column in self._entries_of[1:]:
            np.maximum(best, scores[column], out=best)
        best[list(without)] = -np.inf
        kept = min(CANDIDATES, len(self.articles) - len(set(without)))
        nearest = np.argpartition(best, len(best) - kept)[-kept:]
        final = best[nearest] + LEXICAL_WEIGHT * self._letters(text, language, nearest)
        order = np.lexsort((nearest, -final))
        ranked = nearest[order]
        return Ranking(
            ranked, final[order], self._cosines(rows, ranked), float(rows.mean()), spread
        )

    def _scores(
        self, rows: Floats, usual: Mapping[str, float], without: Collection[int]
    ) -> tuple[Floats, float]:
        """Entries' similarity from their language's mean, in standard deviations of all.

        A language with few articles has no mean to speak of, so `_PRIOR` more are counted that
        are as near as the whole base, shifted by how the background's languages differ (`usual`).
        One more value stands at the end, for locales that an article does not have.
        """
        count = len(self.entries)
        scores = np.full(count + 1, -np.inf, np.float32)
        for block in self._blocks:
            scores[block.entries] = _best(rows[block.rows].reshape(block.each, -1))
        all_of_them = scores[:count]
        mask = None if not without else ~np.isin(self.article_of, list(without))
        counted = all_of_them if mask is None else all_of_them[mask]
        overall, squares, kept = float(counted.mean()), 0.0, len(counted)
        shifts = [usual.get(group.language) for group in self._groups]
        sizes = [group.entries.stop - group.entries.start for group in self._groups]
        known = [
            (shift, size) for shift, size in zip(shifts, sizes, strict=True) if shift is not None
        ]
        centre = sum(a * b for a, b in known) / max(1, sum(size for _, size in known))
        for group, shift in zip(self._groups, shifts, strict=True):
            here = all_of_them[group.entries]
            counted = here if mask is None else here[mask[group.entries]]
            expected = overall + (0.0 if shift is None else shift - centre)
            mean = (float(counted.sum()) + _PRIOR * expected) / (len(counted) + _PRIOR)
            here -= mean
            counted = here if mask is None else here[mask[group.entries]]
            squares += float(counted @ counted)
        spread = max((squares / kept) ** 0.5, _LEAST_SPREAD)
        all_of_them /= spread
        return scores, spread

    def _letters(self, text: str, language: str, articles: Ints) -> Floats:
        """Lexical evidence for each of these articles, in standard deviations.

        An article that is not there in the client's language gets as much as the best one that
        is: letters choose among those, and never prefer them to what has other letters.
        """
        letters = np.zeros(len(articles), np.float32)
        group = next((g for g in self._groups if g.language == language), None)
        if group is None:
            return letters
        entries = self._entries_of[:, articles]
        own = (entries >= group.entries.start) & (entries < group.entries.stop)
        column, which = np.nonzero(own)
        if len(which) < 2:
            return letters
        rows = self._rows_of[entries[column, which]]
        found = group.lexical.similarity(text, self._lexical_row[rows].ravel())
        there = np.full(len(articles), -1.0, np.float32)
        np.maximum.at(there, which, found.reshape(rows.shape).max(axis=1))
        own_language = there[there >= 0]
        deviation = float(own_language.std())
        if deviation < 1e-6:
            return letters
        standard: Floats = (there - own_language.mean()) / np.float32(deviation)
        standard[there < 0] = standard.max()
        return standard

    def _cosines(self, rows: Floats, articles: Ints) -> Floats:
        """The highest raw cosine of any wording of each of these articles."""
        entries = self._entries_of[:, articles]
        there = np.minimum(entries, len(self.entries) - 1)
        cosines = rows[self._rows_of[there]].max(axis=2)
        cosines[entries == len(self.entries)] = -1
        nearest: Floats = cosines.max(axis=0)
        return nearest

    def nearest_entries(self, rows: Floats) -> Floats:
        """Each entry's highest value, from one value a row."""
        nearest: Floats = rows[self._rows_of].max(axis=1)
        return nearest

    def _leaning(self, language: str) -> Floats:
        """What each row gains from the base's subject and the query's language alone."""
        found = self._leanings.get(language)
        if found is None:
            towards = self.vectors.mean(axis=0) + self.cohort.offset(language)
            found = self._leanings[language] = _LEANING * (self.vectors @ towards)
        return found


def _best(similarities: Floats) -> Floats:
    """An entry's similarity from its rows' (down the first axis): one wording may be chance, so
    from three rows on it is the mean of the best and of the mean of the best three."""
    first: Floats = similarities[0]
    if len(similarities) < 3:
        return first if len(similarities) == 1 else cast(Floats, np.maximum(first, similarities[1]))
    second = third = np.full_like(first, -np.inf)
    for row in similarities[1:]:
        over_first = np.minimum(first, row)
        first = np.maximum(first, row)
        over_second = np.minimum(second, over_first)
        second = np.maximum(second, over_first)
        third = np.maximum(third, over_second)
    best: Floats = (first + (first + second + third) / 3) / 2
    return best

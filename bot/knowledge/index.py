"""The immutable index of everything published, and its ranking.

A question in any language is compared with every wording of every article in every locale. What
makes that comparable across languages (13 languages, half the base in the client's, hit@1 76.6 ->
95.2 %) is that an article's similarity counts from the mean similarity of *its own language's*
articles: otherwise the client's own language wins, whatever it says.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.articles import Entry
from bot.knowledge.background import Cohort
from bot.knowledge.lexical import Lexical
from bot.knowledge.passages import language_of, passages, worded
from bot.knowledge.words import Words, unpacked

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

LEXICAL_WEIGHT = 0.3
"""Standard deviations of meaning that one standard deviation of letters is worth."""

WORD_WEIGHT = 1.0
"""The same of one standard deviation of single words. Anything from .7 to 1.4 is better than none
on all that was measured (docs/decisions/0010)."""

CANDIDATES = 12
"""Articles, nearest in meaning, that letters and words are compared for."""

_PRIOR = 4.0
"""Imagined articles that a language's mean counts beside its own; see `Snapshot._scores`."""

_HUB = 0.25
"""Share that is taken off of how near a row lies to the background questions nearest to it: some
passages are near to whatever is asked (cross-domain similarity local scaling, Conneau et al. 2018,
with what nobody asks this base in place of its askers). All of it is too much: what is near to
everything is often the most general article, and asked for most."""

_NEIGHBOURS = 10
"""Background questions that count as nearest; as there."""

_WHOLE = np.float32(0.25)
"""Weight of title with body beside the best wordings. Chosen on the sample base's wordings asked in
languages the base lacked: hit@1 74.7 -> 76.4 %, and 48.1 -> 51.7 where articles have a title alone;
on the development FAQ, whose questions are translations of the titles, it costs .3."""

_DIRECTIONS = 256
"""Of a vector's, those along which the base's rows are longest: a query is compared along these.
Exact for a base of as many rows; with more, nothing measured is found otherwise, and the search
over 20,000 rows takes 1.7 times the bare product instead of 2."""

_LEAST_SPREAD = 1e-3
"""In cosine; a base of one article has none."""


@dataclass(frozen=True)
class Group:
    """One language's share of the index: consecutive entries, and their letters."""

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
        words: what the question's words say of the first (`bot.knowledge.words.Evidence`: near and
            shared); None if they are not known.
    """

    articles: Ints
    scores: Floats
    cosines: Floats
    mean: float
    spread: float
    words: tuple[float, float] | None = None


_NONE = np.zeros(0, np.float32)
_NOBODY = np.zeros(0, np.intp)
NO_RANKING = Ranking(np.zeros(0, np.intp), _NONE, _NONE, 0.0, 1.0)


class Snapshot:
    """An index over published entries. Never changed once built; safe to share among threads.

    Args:
        version: the knowledge version it was built from.
        entries: what is published.
        vectors: vectors by digest; passages without one are left out, and entries without any.
            Wordings' words are among them, as far as there are any.
        dimensions: length of a vector.

    Attributes:
        entries: what is searched, by language, article and locale.
        articles: ids, sorted; a ranking speaks of their positions.
        number: each id's position there.
        article_of: each entry's position there.
        bodies: entries by article and locale.
        locales: the locales of each article.
        cohort: the background the base's similarities are seen against.
        words: of every article's wordings.
        spelt: the words' rows of each wording, by its text.
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
        self.number = {article: n for n, article in enumerate(self.articles)}
        self.article_of: Ints = np.array([self.number[e.article] for e in self.entries], np.intp)
        self.bodies = {(e.article, e.locale): e for e in self.entries}
        self.locales: dict[str, list[str]] = {}
        for entry in self.entries:
            self.locales.setdefault(entry.article, []).append(entry.locale)
        self.spelt: dict[str, Floats] = {}
        self.words = self._worded(vectors)
        self._lay_out([texts for _, texts in found], dimensions)
        self._middle: Floats = self.vectors.mean(axis=0) if self.texts else _NONE
        self._groups = self._grouped()
        # One column a locale; where an article has fewer, the position past the last entry.
        most = max(map(len, self.locales.values()), default=1)
        self._entries_of: Ints = np.full((most, len(self.articles)), len(self.entries), np.intp)
        filled = np.zeros(len(self.articles), np.intp)
        for n, article in enumerate(self.article_of):
            self._entries_of[filled[article], article] = n
            filled[article] += 1
        self._hub = self._hubness()
        self._leanings: dict[str, Floats] = {}

    def _worded(self, vectors: Mapping[str, Floats]) -> Words:
        found: list[list[tuple[str, Floats]]] = [[] for _ in self.articles]
        for entry, article in zip(self.entries, self.article_of.tolist(), strict=True):
            there = {
                p.text: unpacked(vectors[p.digest]) for p in worded(entry) if p.digest in vectors
            }
            self.spelt.update(there)
            found[article] += [(language_of(entry.locale), each) for each in there.values()]
        return Words(found)

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
        _, directions = np.linalg.eigh(self.vectors.T @ self.vectors)
        self._directions: Floats = np.ascontiguousarray(directions[:, -_DIRECTIONS:])
        self._searched: Floats = self.vectors @ self._directions

    def _grouped(self) -> list[Group]:
        languages = [language_of(e.locale) for e in self.entries]
        groups = []
        for language in dict.fromkeys(languages):
            first = languages.index(language)
            entries = slice(first, first + languages.count(language))
            texts = [
                [self.texts[row] for row in dict.fromkeys(self._rows_of[n].tolist())]
                for n in range(entries.start, entries.stop)
            ]
            groups.append(Group(language, entries, Lexical(texts)))
        self._starts: Ints = np.array([g.entries.start for g in groups], np.intp)
        self._sizes: Ints = np.diff(self._starts, append=len(languages))
        self._group_of: Ints = np.repeat(np.arange(len(groups)), self._sizes)
        # Where passages of each language lie from those of all, as the background has it.
        known = np.array([group.language in self.cohort.languages for group in groups], bool)
        usual = np.stack([self.cohort.middle(g.language) for g in groups]) if groups else _NONE
        share = self._sizes * known / max(1, int((self._sizes * known).sum()))
        self._shifts: Floats = ((usual - share @ usual) * known[:, None]).astype(np.float32)
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

    def rank(
        self,
        query: Floats,
        text: str,
        locale: str,
        without: Collection[int] = (),
        limit: int = CANDIDATES,
        words: Floats | None = None,
    ) -> Ranking:
        """Rank the articles nearest to a query.

        Args:
            query: its vector; a zero vector ranks nothing.
            text: its cleaned text, for the lexical evidence.
            locale: the language it is taken to be written in.
            without: positions of articles to leave out as if they were not in the base.
            limit: how many to rank, at least `CANDIDATES`; the order does not depend on it.
            words: its words (`bot.knowledge.words`), a row each; None: without their evidence.
        """
        if len(set(without)) >= len(self.articles) or not query.any():
            return NO_RANKING
        language = language_of(locale)
        rows: Floats = self._searched @ (query @ self._directions)
        scores, spread = self._scores(rows - self._leaning(language), query, without)
        best: Floats = scores[self._entries_of].max(axis=0)
        if without:
            best[list(without)] = -np.inf
        kept = min(max(limit, CANDIDATES), len(self.articles) - len(set(without)))
        nearest = np.argpartition(best, len(best) - kept)[-kept:]
        nearest = nearest[np.lexsort((nearest, -best[nearest]))]
        evidence = LEXICAL_WEIGHT * self._letters(text, language, nearest[:CANDIDATES])
        spelt = None
        if words is not None:
            spelt = self.words.evidence(words, language, nearest[:CANDIDATES])
            evidence += WORD_WEIGHT * _standard(spelt.near)
        final: Floats = best[nearest]
        final[: len(evidence)] += evidence
        final[len(evidence) :] += evidence.min()
        order = np.lexsort((nearest, -final))
        ranked = nearest[order]
        mean = float(self._middle @ query)
        cosines = self._cosines(rows, ranked)
        said = None if spelt is None else spelt.of(int(order[0]))
        return Ranking(ranked, final[order], cosines, mean, spread, said)

    def _scores(
        self, rows: Floats, query: Floats, without: Collection[int]
    ) -> tuple[Floats, float]:
        """Entries' similarity from their language's mean, in standard deviations of all.

        A language with few articles has no mean to speak of, so `_PRIOR` more are counted that
        are as near as the whole base, shifted by how the background's languages differ.
        One more value stands at the end, for locales that an article does not have.
        """
        scores = np.full(len(self.entries) + 1, -np.inf, np.float32)
        for block in self._blocks:
            scores[block.entries] = _best(rows[block.rows].reshape(block.each, -1))
        values = scores[:-1]
        sums, counts = np.add.reduceat(values, self._starts, dtype=np.float64), self._sizes
        gone = self._entries_of[:, list(without)].ravel() if without else _NOBODY
        gone = gone[gone < len(values)]
        if len(gone):
            sums = sums - np.bincount(self._group_of[gone], values[gone], len(sums))
            counts = counts - np.bincount(self._group_of[gone], minlength=len(sums))
        kept = int(counts.sum())
        expected = sums.sum() / kept + self._shifts @ query
        means = (sums + _PRIOR * expected) / (counts + _PRIOR)
        values -= np.repeat(means.astype(np.float32), self._sizes)
        squares = float(values @ values) - float(values[gone] @ values[gone])
        spread = max((max(squares, 0.0) / kept) ** 0.5, _LEAST_SPREAD)
        values /= np.float32(spread)
        return scores, spread

    def _letters(self, text: str, language: str, articles: Ints) -> Floats:
        """Lexical evidence for each of these articles, in standard deviations.

        An article that is not there in the client's language gets as much as the best one that
        is: letters choose among those, and never prefer them to what has other letters.
        """
        group = next((g for g in self._groups if g.language == language), None)
        if group is None:
            return np.zeros(len(articles), np.float32)
        entries = self._entries_of[:, articles]
        column, which = (
            (entries >= group.entries.start) & (entries < group.entries.stop)
        ).nonzero()
        if len(which) < 2:
            return np.zeros(len(articles), np.float32)
        found = group.lexical.similarity(text, entries[column, which] - group.entries.start)
        there = np.full(len(articles), -1.0, np.float32)
        np.maximum.at(there, which, found)
        there[there < 0] = np.nan
        return _standard(there)

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
        """What each row gains from being near to anything, and from the query's language alone."""
        found = self._leanings.get(language)
        if found is None:
            found = self._leanings[language] = self._hub + self.vectors @ self.cohort.offset(
                language
            )
        return found

    def _hubness(self) -> Floats:
        questions = self.cohort.queries
        if not len(questions):
            return np.zeros(len(self.vectors), np.float32)
        nearest = np.partition(self.vectors @ questions.T, -_NEIGHBOURS, axis=1)[:, -_NEIGHBOURS:]
        hub: Floats = _HUB * nearest.mean(axis=1)
        return hub


def _standard(found: Floats) -> Floats:
    """In standard deviations of these; where it is NaN, as much as the best.

    What cannot be compared is neither preferred nor put behind.
    """
    # By hand: NumPy's own deviation takes 25 microseconds, and a search wants two.
    known = ~np.isnan(found)
    there = found[known]
    if not len(there):
        return np.zeros(len(found), np.float32)
    there -= there.sum() / np.float32(len(there))
    deviation = math.sqrt(float(there @ there) / len(there))
    if deviation < 1e-6:
        return np.zeros(len(found), np.float32)
    there /= np.float32(deviation)
    standard = np.full(len(found), there.max(), np.float32)
    standard[known] = there
    return standard


def _best(similarities: Floats) -> Floats:
    """An entry's similarity from its rows' (down the first axis, title with body last).

    One wording may be chance, so from three rows on it is the mean of the best and of the mean of
    the best three. The whole counts beside that, for what no wording says.
    """
    first: Floats = similarities[0]
    if len(similarities) == 1:
        return first
    second = third = np.full_like(first, -np.inf)
    for row in similarities[1:]:
        over_first = np.minimum(first, row)
        first = np.maximum(first, row)
        over_second = np.minimum(second, over_first)
        second = np.maximum(second, over_first)
        third = np.maximum(third, over_second)
    best = first if len(similarities) == 2 else (first + (first + second + third) / 3) / 2
    weighed: Floats = (best + _WHOLE * similarities[-1]) / np.float32(1 + _WHOLE)
    return weighed

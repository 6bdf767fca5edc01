"""Faults between two articles: that they say the same."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from bot.knowledge.articles import Entry, by_locale
from bot.knowledge.clean import clean
from bot.knowledge.embed import Embedder, Floats, Kind
from bot.knowledge.passages import passages

TWICE: Final = 0.6
"""Cosine of two articles' centred vectors from which they say the same. In the sample base, whose
38 articles have a subject each, one pair in five languages comes so near (0.64: damaged items,
wrong items); of six rewritten articles three do (0.64 to 0.72)."""

_ENOUGH: Final = 8  # texts of a language; the mean of fewer is no measure of what is usual


class Remembering:
    """An embedder that computes each text once: a check-up comes again after every change."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.dimensions = embedder.dimensions
        self._embedder = embedder
        self._known: dict[tuple[str, Kind], Floats] = {}

    def embed(self, texts: Sequence[str], kind: Kind) -> Floats:
        """See `Embedder.embed`."""
        wanted = [(text, kind) for text in texts]
        for key in wanted:
            if key not in self._known:
                self._known[key] = self._embedder.embed([key[0]], kind)[0]
        return np.stack([self._known[key] for key in wanted])

    def words(self, text: str) -> Floats:
        """See `Embedder.words`."""
        return self._embedder.words(text)

    def forget(self, most: int) -> None:
        """Keep the `most` that came last."""
        while len(self._known) > most:
            del self._known[next(iter(self._known))]


def twice(
    published: Sequence[Entry], vectors: Mapping[str, Floats]
) -> Iterator[tuple[Entry, Entry, bool]]:
    """Pairs of articles in one locale that say the same, and whether in the same words."""
    for some in by_locale(published).values():
        seen: dict[str, Entry] = {}
        for entry in some:
            same = seen.setdefault(clean(entry.body).casefold(), entry)
            if same is not entry:
                yield same, entry, True
        there = [(e, vectors[_whole(e)]) for e in some if _whole(e) in vectors]
        for a, b in _near(np.stack([v for _, v in there]) if there else None, TWICE):
            one, other = there[a][0], there[b][0]
            if clean(one.body).casefold() != clean(other.body).casefold():
                yield one, other, False


def _whole(entry: Entry) -> str:
    return passages(entry)[-1].digest


def _near(rows: Floats | None, alike: float) -> Iterator[tuple[int, int]]:
    """Pairs of rows that are alike once what all of them share is taken off."""
    if rows is None or len(rows) < _ENOUGH:
        return
    moved = rows - rows.mean(axis=0)
    moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    for a in range(1, len(moved)):  # a row at a time: a square of a large base fills the memory
        for b in np.flatnonzero(moved[:a] @ moved[a] >= alike):
            yield int(b), a

"""Faults between two texts: twice the same article, and figures that contradict each other."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from bot.knowledge.articles import Entry
from bot.knowledge.clean import clean
from bot.knowledge.embed import Embedder, Floats, Kind
from bot.knowledge.figures import Difference, differences, figures, sentences
from bot.knowledge.passages import passages
from bot.languages.formats import fold_digits

TWICE: Final = 0.6
"""Cosine of two articles' centred vectors from which they say the same. In the sample base, whose
38 articles have a subject each, one pair in five languages comes so near (0.64: damaged items,
wrong items); of six rewritten articles three do (0.64 to 0.72)."""

SAME_SUBJECT: Final = 0.68
"""Cosine of two centred sentences, without their figures, from which other figures are worth a
look. In the sample base four pairs of articles come so near, two of them about the same thing at
home and abroad; of fourteen contradicting sentences, written anew in five languages, five do."""

MOST_SENTENCES: Final = 3_000
"""Of one locale; their comparison grows with the square, and a minute and a half of model time is
enough. A larger base is not searched for contradictions between articles."""

_ENOUGH: Final = 8  # texts of a language; the mean of fewer is no measure of what is usual
_WORDS: Final = 5  # "There's a fee of 30" is alike to anything that costs
_FIGURE: Final = re.compile(r"\d[\d,.:]*")


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

    def forget(self, most: int) -> None:
        """Keep the `most` that came last."""
        while len(self._known) > most:
            del self._known[next(iter(self._known))]


def contradictions_between_locales(
    bodies: Sequence[Entry],
) -> Iterator[tuple[Entry, Entry, Difference]]:
    """Figures in a translation that its source does not have, nor the source's it.

    A translation that is known to be behind is left out: it is reported as that.
    """
    sources = {e.article: e for e in bodies if e.is_source}
    for entry in bodies:
        source = sources.get(entry.article)
        if source is None or entry.is_source or entry.source_version != source.version:
            continue
        for difference in differences(entry.body, source.body):
            yield entry, source, difference


def twice(
    published: Sequence[Entry], vectors: Mapping[str, Floats]
) -> Iterator[tuple[Entry, Entry, bool]]:
    """Pairs of articles in one locale that say the same, and whether in the same words."""
    for some in _by_locale(published).values():
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


def contradictions_between_articles(
    published: Sequence[Entry], embedder: Embedder
) -> Iterator[tuple[Entry, Entry, Difference, str, str]]:
    """Sentences of two articles that are about the same and give different figures.

    Embeds every sentence with a figure: some 30 ms each.
    """
    for some in _by_locale(published).values():
        told = [
            (entry, sentence)
            for entry in some
            for sentence in sentences(entry.body)
            if len(sentence.split()) >= _WORDS
            and any(f.kind != "number" for f in figures(sentence))
        ]
        if not _ENOUGH <= len(told) <= MOST_SENTENCES:
            continue
        masked = [_FIGURE.sub("#", fold_digits(sentence)) for _, sentence in told]
        for a, b in _near(embedder.embed(masked, "passage"), SAME_SUBJECT):
            (one, here), (other, there) = told[a], told[b]
            if one.article == other.article:
                continue
            for difference in differences(here, there):
                if difference.kind != "number":
                    yield one, other, difference, here, there


def _by_locale(entries: Sequence[Entry]) -> Mapping[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.locale].append(entry)
    return found


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

"""Two texts that say different things about one matter: translations, and articles.

A translation is held against its source. Which sentences of two articles are about one matter
nobody has said, so each is held against the sentence of the other articles that is nearest to it,
and has figures of the same kind: days against days, an address against an address. What one
article denies and another says in the same words is `bot.knowledge.polarity`'s.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from bot.knowledge.articles import Entry, by_locale
from bot.knowledge.embed import Embedder, Floats
from bot.knowledge.figures import Difference, Kind, differences, figures, without_figures
from bot.knowledge.passages import passages
from bot.knowledge.polarity import opposed
from bot.knowledge.statements import Statement, statements

BY_CHANCE: Final = 0.5
"""Pairs with one kind of figure that may stand out as far by chance, were they about nothing in
common: what is about one matter stands out farther. So what is asked for grows with the base."""

LEAST: Final = 2.0
"""How far two statements about one matter stand out at least, in standard deviations of all pairs
of their language: with any embedding model. It and `BY_CHANCE` were chosen on 38 sentences written
to contradict the sample base, and on that base, which contradicts itself nowhere."""

MOST_STATEMENTS: Final = 3_000
"""Of one locale, with figures; their comparison grows with the square, and a minute and a half of
model time is enough. A larger base is not searched for contradictions between articles."""

_ENOUGH: Final = 8  # texts of a language; the mean of fewer is no measure of what is usual
_USUAL: Final = 3
"""Directions that most sentences with figures share ("within # days", "costs #"): taken off, what
is left is the matter (Mu & Viswanath, All-but-the-Top, 2018)."""
_FEW: Final = 40  # statements; directions of fewer are the matters themselves
_FARTHEST: Final = 5.0
"""Times that one amount may be the other: ₹10,000 and ₹30 are not about the same."""


class Clash(NamedTuple):
    """Two statements that say different things of one matter."""

    here: Statement
    there: Statement


def between_locales(bodies: Sequence[Entry]) -> Iterator[tuple[Entry, Entry, Difference]]:
    """Figures in a translation that its source does not have, nor the source's it.

    Two translations are held against each other where both agree with their source: what it does
    not say, they may each say otherwise. A translation that is known to be behind is left out: it
    is reported as that.
    """
    fresh: dict[str, list[Entry]] = defaultdict(list)
    sources = {e.article: e for e in bodies if e.is_source}
    for entry in bodies:
        source = sources.get(entry.article)
        if source is None or entry.is_source or entry.source_version != source.version:
            continue
        found = list(differences(entry.body, source.body))
        for difference in found:
            yield entry, source, difference
        if not found:
            fresh[entry.article].append(entry)
    for translations in fresh.values():
        for one, other in combinations(translations, 2):
            for difference in differences(one.body, other.body):
                yield one, other, difference


def between_articles(
    published: Sequence[Entry], vectors: Mapping[str, Floats], embedder: Embedder
) -> Iterator[Clash]:
    """Statements of two articles in one locale that are about one matter and differ in it.

    Embeds every statement with a figure: some 30 ms each.

    Args:
        vectors: those of wordings, by digest; an article's help to know what it is about.
    """
    for some in by_locale(published).values():
        for here, there in opposed(some):
            yield Clash(here, there)
        told = [s for entry in some for s in statements(entry) if _kinds(s.text)]
        if not _ENOUGH <= len(told) <= MOST_STATEMENTS:
            continue
        seen = set()
        for here, there, kind in _nearest(told, _likeness(told, vectors, embedder)):
            pair = frozenset((here, there))
            found = differences(here.text, there.text)
            if (pair, kind) not in seen and any(one.kind == kind for one in found):
                seen.add((pair, kind))
                yield Clash(here, there)


def _kinds(text: str) -> frozenset[Kind]:
    return frozenset(f.kind for f in figures(text)) - {"number"}


def _likeness(
    told: Sequence[Statement], vectors: Mapping[str, Floats], embedder: Embedder
) -> Floats:
    """How much more alike two statements are than is usual: standard deviations, a square.

    By what they say with their titles, and by how near either comes to a wording of the other's
    article; never with their figures.
    """
    rows = _distinct(embedder.embed([without_figures(s.titled) for s in told], "passage"))
    alike = rows @ rows.T
    articles = [s.entry.article for s in told]
    wordings = {
        s.entry.article: [vectors[p.digest] for p in passages(s.entry)[:-1] if p.digest in vectors]
        for s in told
    }
    asked = [(article, vector) for article, some in wordings.items() for vector in some]
    if len(asked) >= _ENOUGH:
        owners = np.array([article for article, _ in asked])
        near = rows @ _distinct(np.stack([vector for _, vector in asked])).T
        best = {a: near[:, owners == a].max(axis=1, initial=-1.0) for a in wordings}
        leads = np.stack([best[a] for a in articles], axis=1)
        alike += np.maximum(leads, leads.T)
    owners = np.array(articles)
    usual = alike[owners[:, None] != owners]
    if not usual.size:
        return alike
    standing: Floats = (alike - usual.mean()) / max(float(usual.std()), 1e-9)
    return standing


def _distinct(rows: Floats) -> Floats:
    """Unit rows without their mean, and without the directions that most of them share."""
    moved = rows - rows.mean(axis=0)
    if len(rows) >= _FEW:
        _, _, directions = np.linalg.svd(moved, full_matrices=False)
        shared = directions[:_USUAL]
        moved = moved - (moved @ shared.T) @ shared
    units: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return units


def _nearest(
    told: Sequence[Statement], alike: Floats
) -> Iterator[tuple[Statement, Statement, Kind]]:
    """For each statement and kind of figure the nearest about one matter in another article."""
    owners = np.array([s.entry.article for s in told])
    kinds = [_kinds(s.text) for s in told]
    for kind in sorted({k for some in kinds for k in some}):
        having = np.array([kind in some for some in kinds])
        least = _least(int(having.sum()))
        for a in np.flatnonzero(having):
            near = np.flatnonzero(having & (owners != owners[a]) & (alike[a] >= least))
            for b in near[np.argsort(-alike[a, near])]:
                if _comparable(told[a].text, told[b].text, kind):
                    yield told[a], told[b], kind
                    break


def _least(statements: int) -> float:
    pairs = statements * (statements - 1) / 2
    return max(LEAST, NormalDist().inv_cdf(1 - BY_CHANCE / max(pairs, 1.0)))


def _comparable(here: str, there: str, kind: Kind) -> bool:
    """Are two amounts of a size? What is no amount always is."""
    if kind not in ("duration", "money"):
        return True
    ours, theirs = ([f.value for f in figures(text) if f.kind == kind] for text in (here, there))
    return any(max(a, b) <= _FARTHEST * min(a, b) for a in ours for b in theirs)

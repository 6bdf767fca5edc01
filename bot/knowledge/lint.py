"""What is wrong with a base: faults an author can mend, found without asking a client."""

import asyncio
import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.db import Database
from bot.knowledge.articles import Entry, entries, stale
from bot.knowledge.embed import Embedder, Floats
from bot.knowledge.index import Snapshot
from bot.knowledge.lint_contradictions import between_articles, between_locales
from bot.knowledge.lint_pairs import twice
from bot.knowledge.lint_texts import dead_links, hard_words, long_sentences, raw_html
from bot.knowledge.models import ARCHIVED, PUBLISHED
from bot.knowledge.passages import passages
from bot.knowledge.store import stored

Fault = Literal[
    "contradicts its source",
    "locales contradict",
    "dead link",
    "raw html",
    "stale",
    "no source",
    "never wins",
    "same text",
    "same wording",
    "leads elsewhere",
    "missing locale",
    "may contradict",
    "says the same",
    "long sentence",
    "hard word",
]
FAULTS: Final[tuple[Fault, ...]] = Fault.__args__  # type: ignore[attr-defined]

HINTS: Final[frozenset[Fault]] = frozenset(
    {"may contradict", "says the same", "long sentence", "hard word"}
)
"""What is worth a look and may well be right; the rest is wrong."""

_SHOWN: Final = 160  # characters of a sentence


@dataclass(frozen=True)
class Finding:
    """One fault.

    Attributes:
        fault:
            `contradicts its source`: a figure that the source has not, nor the source's it.
            `locales contradict`: another translation gives another figure, the source none.
            `dead link`: an address that no client can follow from the chat.
            `raw html`: shown to clients as it is written.
            `stale`: its source has moved on. `no source`: no body in the source locale.
            `never wins`: asked as any of its wordings, another article wins.
            `same text`, `same wording`: stands in another article too.
            `leads elsewhere`: asked as it stands, another article wins.
            `missing locale`: published in others of the base's main locales.
            `may contradict`: another article says otherwise in a sentence about the same matter.
            `says the same`: another article does, in other words.
            `long sentence`, `hard word`: hard to read, or not what clients say.
        detail: the locale, wording, sentence, address or figures it is about.
        other: the other article, or what to say instead.
    """

    article: str
    locale: str
    fault: Fault
    detail: str
    other: str = ""

    @property
    def hint(self) -> bool:
        """May it well be right?"""
        return self.fault in HINTS


def lint(
    bodies: Sequence[Entry],
    vectors: Mapping[str, Floats],
    dimensions: int,
    embedder: Embedder | None = None,
) -> list[Finding]:
    """All findings, the gravest sort first, then by article and locale.

    Args:
        bodies: all of them, drafts too.
        vectors: the cached vectors by digest; what has none is not asked.
        dimensions: length of a vector.
        embedder: compares single sentences; None: articles are not searched for contradictions.
    """
    living = [e for e in bodies if e.state != ARCHIVED]
    published = [e for e in living if e.state == PUBLISHED]
    found = [*_translations(living, published), *_shared(published), *_texts(published)]
    found += _misled(Snapshot(0, published, vectors, dimensions))
    found += _pairs(published, vectors, embedder)
    order = {fault: n for n, fault in enumerate(FAULTS)}
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda f: (order[f.fault], f.article, f.locale, f.detail, f.other))


async def lint_base(db: Database, embedder: Embedder) -> list[Finding]:
    """`lint` of what a database holds; texts without a vector yet are not asked."""
    async with db.reading() as session:
        everything = await entries(session)
    digests = {p.digest for entry in everything for p in passages(entry)}
    vectors = await stored(db, embedder.name, digests)
    return await asyncio.to_thread(lint, everything, vectors, embedder.dimensions, embedder)


def _translations(living: Sequence[Entry], published: Sequence[Entry]) -> Iterator[Finding]:
    have: dict[str, set[str]] = defaultdict(set)
    for entry in published:
        have[entry.article].add(entry.locale)
    locales = [locale for there in have.values() for locale in there]
    # A locale is one of the base's own when most articles have it; a single one is an experiment.
    main = {locale for locale in set(locales) if locales.count(locale) * 2 > len(have)}
    for article, there in have.items():
        for locale in sorted(main - there):
            yield Finding(article, locale, "missing locale", ", ".join(sorted(there)))
    sources = {e.article for e in living if e.is_source}
    for entry in stale(living):
        if entry.article in sources:
            yield Finding(entry.article, entry.locale, "stale", entry.source_locale)
        else:
            yield Finding(entry.article, entry.locale, "no source", entry.source_locale)


def _shared(published: Sequence[Entry]) -> Iterator[Finding]:
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entry in published:
        for passage in passages(entry)[:-1]:
            owners[entry.locale, passage.text.casefold()].append(entry.article)
    for (locale, wording), sharing in owners.items():
        for article in sharing:
            for other in sorted(set(sharing) - {article}):
                yield Finding(article, locale, "same wording", wording, other)


def _texts(published: Sequence[Entry]) -> Iterator[Finding]:
    for entry in published:
        blank = Finding(entry.article, entry.locale, "dead link", "")
        for address in dead_links(entry):
            yield dataclasses.replace(blank, detail=address[:_SHOWN])
        for code in raw_html(entry):
            yield dataclasses.replace(blank, fault="raw html", detail=code[:_SHOWN])
        for sentence in long_sentences(entry):
            yield dataclasses.replace(blank, fault="long sentence", detail=sentence[:_SHOWN])
        for word, plain in hard_words(entry):
            yield dataclasses.replace(blank, fault="hard word", detail=word, other=plain)


def _misled(snapshot: Snapshot) -> Iterator[Finding]:
    asked: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row, text, n in snapshot.wordings():
        entry = snapshot.entries[n]
        words = snapshot.spelt.get(text)
        ranking = snapshot.rank(row, text, entry.locale, words=words)
        if len(ranking.articles):
            asked[n].append((text, snapshot.articles[ranking.articles[0]]))
    for n, won in asked.items():
        entry = snapshot.entries[n]
        lost = [(text, winner) for text, winner in won if winner != entry.article]
        if len(lost) == len(won):
            winners = ", ".join(dict.fromkeys(winner for _, winner in lost))
            yield Finding(entry.article, entry.locale, "never wins", entry.title[:_SHOWN], winners)
            continue
        for text, winner in lost:
            yield Finding(entry.article, entry.locale, "leads elsewhere", text[:_SHOWN], winner)


def _pairs(
    published: Sequence[Entry], vectors: Mapping[str, Floats], embedder: Embedder | None
) -> Iterator[Finding]:
    for entry, other, difference in between_locales(published):
        detail = f"{', '.join(difference.here)} ≠ {', '.join(difference.there)}"
        fault: Fault = "contradicts its source" if other.is_source else "locales contradict"
        yield Finding(entry.article, entry.locale, fault, detail, other.locale)
    for one, other, exactly in twice(published, vectors):
        fault = "same text" if exactly else "says the same"
        yield Finding(one.article, one.locale, fault, one.title[:_SHOWN], other.article)
    if embedder is None:
        return
    for here, there in between_articles(published, vectors, embedder):
        detail = f"{here.text[:_SHOWN]} ≠ {there.text[:_SHOWN]}"
        yield Finding(
            here.entry.article, here.entry.locale, "may contradict", detail, there.entry.article
        )

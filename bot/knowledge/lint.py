"""What is wrong with a base: faults an author can mend, found without asking a client."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.db import Database
from bot.knowledge.articles import Entry, entries, stale
from bot.knowledge.embed import Embedder, Floats
from bot.knowledge.index import Snapshot
from bot.knowledge.models import ARCHIVED, PUBLISHED
from bot.knowledge.passages import passages
from bot.knowledge.store import stored

Fault = Literal["missing locale", "stale", "no source", "same wording", "leads elsewhere"]


@dataclass(frozen=True)
class Finding:
    """One fault.

    Attributes:
        fault: `missing locale` (published in others of the base's main locales), `stale` (its
            source has moved on), `no source` (no body in the source locale), `same wording` (stands
            in another article too), `leads elsewhere` (asked as it stands, another article wins).
        detail: the locale or wording it is about, and the other article.
    """

    article: str
    locale: str
    fault: Fault
    detail: str


def lint(bodies: Sequence[Entry], vectors: Mapping[str, Floats], dimensions: int) -> list[Finding]:
    """All findings, by article and locale.

    Args:
        bodies: all of them, drafts too.
        vectors: the cached vectors by digest; what has none is not asked.
        dimensions: length of a vector.
    """
    living = [e for e in bodies if e.state != ARCHIVED]
    published = [e for e in living if e.state == PUBLISHED]
    found = [*_translations(living, published), *_shared(published)]
    found += _misled(Snapshot(0, published, vectors, dimensions))
    return sorted(found, key=lambda f: (f.article, f.locale, f.fault, f.detail))


async def lint_base(db: Database, embedder: Embedder) -> list[Finding]:
    """`lint` of what a database holds; texts without a vector yet are not asked."""
    async with db.reading() as session:
        everything = await entries(session)
    digests = {p.digest for entry in everything for p in passages(entry)}
    vectors = await stored(db, embedder.name, digests)
    return await asyncio.to_thread(lint, everything, vectors, embedder.dimensions)


def _translations(living: Sequence[Entry], published: Sequence[Entry]) -> Iterator[Finding]:
    have: dict[str, set[str]] = defaultdict(set)
    for entry in published:
        have[entry.article].add(entry.locale)
    locales = [locale for there in have.values() for locale in there]
    # A locale is one of the base's own when most articles have it; a single one is an experiment.
    main = {locale for locale in locales if locales.count(locale) * 2 > len(have)}
    for article, there in have.items():
        for locale in sorted(main - there):
            yield Finding(article, locale, "missing locale", f"there is {', '.join(sorted(there))}")
    sources = {e.article for e in living if e.is_source}
    for entry in stale(living):
        if entry.article in sources:
            yield Finding(
                entry.article, entry.locale, "stale", f"of version {entry.source_version}"
            )
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
                yield Finding(article, locale, "same wording", f"{wording!r}, also {other}")


def _misled(snapshot: Snapshot) -> Iterator[Finding]:
    for row, text, n in snapshot.wordings():
        entry = snapshot.entries[n]
        ranking = snapshot.rank(row, text, entry.locale)
        if not len(ranking.articles):
            continue
        winner = snapshot.articles[ranking.articles[0]]
        if winner != entry.article:
            yield Finding(
                entry.article, entry.locale, "leads elsewhere", f"{text[:80]!r} to {winner}"
            )

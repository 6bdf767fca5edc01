"""Articles in and out: planned first, then all or nothing, with a report either way."""

import asyncio
import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.db import Database
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.formats import Found, Rejected, Source, check_form, read, write
from bot.knowledge.models import PUBLISHED

_DEFAULT_SOURCE = "en"

Key = tuple[str, str]
"""Article and locale."""


@dataclass(frozen=True)
class Report:
    """What an import did, or with `dry_run` would do.

    Attributes:
        added, changed, unchanged, removed: bodies, as (article, locale).
        rejected: what cannot be imported; if there is any, nothing was.
    """

    added: tuple[Key, ...]
    changed: tuple[Key, ...]
    unchanged: tuple[Key, ...]
    removed: tuple[Key, ...]
    rejected: tuple[Rejected, ...]
    dry_run: bool

    @property
    def applied(self) -> bool:
        """Was anything allowed to be written?"""
        return not self.dry_run and not self.rejected

    def to_json(self) -> dict[str, object]:
        """Counts, and each fault with file, line and reason."""
        return {
            "applied": self.applied,
            "added": len(self.added),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
            "removed": len(self.removed),
            "rejected": [
                {"file": r.source.file, "line": r.source.line, "reason": r.reason}
                for r in self.rejected
            ],
        }


async def import_path(
    db: Database,
    path: Path,
    replace: bool = False,
    dry_run: bool = False,
    by: str = "import",
    seen: Callable[[int], None] | None = None,
) -> Report:
    """Bring the base to what stands in a file or folder.

    Fields that a form has no place for, or that are not given, stay as they are stored.

    Args:
        path: see `bot.knowledge.formats.read`.
        replace: remove what is not in the import.
        dry_run: only report.
        by: who is said to have changed the articles.
        seen: told how many bodies were read, now and then, from a worker thread.

    Raises:
        FileNotFoundError: nothing is there.
        bot.knowledge.formats.TooMuch: it is beyond the limits.
    """
    found, rejected = await asyncio.to_thread(read, path, seen)
    if not found and not rejected:
        rejected = [Rejected(Source(path.name), "no articles in it")]
    # Planned before the write lock is taken: comparing a large base takes seconds.
    async with db.reading() as session:
        stored = {(e.article, e.locale): e for e in await articles.entries(session)}
    wanted, faults = _planned(found, stored)
    gone = sorted(stored.keys() - wanted.keys()) if replace else []
    report = _report(wanted, stored, gone, [*rejected, *faults], dry_run)
    if report.applied:
        moved = [e for k, e in wanted.items() if k not in stored or _moved(stored[k], e)]
        kept = {article for article, _ in wanted}
        async with db.transaction() as session:
            await articles.write_many(session, moved, by)
            whole = sorted({article for article, _ in gone if article not in kept})
            await articles.remove(session, whole)
            for article, locale in gone:
                if article in kept:
                    await articles.remove_body(session, article, locale)
    return report


def _moved(old: Entry, new: Entry) -> bool:
    return not old.says_the_same_as(new) or old.source_version != new.source_version


def _planned(
    found: Sequence[Found], stored: Mapping[Key, Entry]
) -> tuple[dict[Key, Entry], list[Rejected]]:
    """What shall stand in the base, and what contradicts itself."""
    sources = _source_locales(found, stored)
    wanted: dict[Key, Entry] = {}
    for item in found:
        given: dict[str, Any] = dict(item.given)
        key = (str(given["article"]), str(given["locale"]))
        start = stored.get(key) or Entry(*key, title="", body="", state=PUBLISHED)
        given["source_locale"] = sources[key[0]]
        given.setdefault("updated", None)
        wanted[key] = dataclasses.replace(start, **given)
    faults = []
    for item in found:
        told = str(item.given.get("source_locale", ""))
        article = str(item.given["article"])
        if told and told != sources[article]:
            faults.append(
                Rejected(item.source, f"source_locale {told}, elsewhere {sources[article]}")
            )
        told = str(item.given.get("category", ""))
        if told and told != _category(article, wanted):
            faults.append(
                Rejected(item.source, f"category {told}, elsewhere {_category(article, wanted)}")
            )
    return _in_step(wanted, stored), faults


def _category(article: str, wanted: Mapping[Key, Entry]) -> str:
    return next((e.category for k, e in wanted.items() if k[0] == article and e.category), "")


def _source_locales(found: Sequence[Found], stored: Mapping[Key, Entry]) -> dict[str, str]:
    """Each article's source locale: as given, as stored, English, or the first there is."""
    told: dict[str, str] = {}
    locales: dict[str, list[str]] = defaultdict(list)
    for entry in stored.values():
        told.setdefault(entry.article, entry.source_locale)
    given = {
        str(i.given["article"]): str(i.given["source_locale"])
        for i in reversed(found)
        if "source_locale" in i.given
    }
    for item in found:
        locales[str(item.given["article"])].append(str(item.given["locale"]))
    for article, there in locales.items():
        default = _DEFAULT_SOURCE if _DEFAULT_SOURCE in there else there[0]
        told[article] = given.get(article) or told.get(article) or default
    return told


def _in_step(wanted: Mapping[Key, Entry], stored: Mapping[Key, Entry]) -> dict[Key, Entry]:
    """Translations that change together with their source keep up with its new version."""
    made = dict(wanted)
    for key, entry in wanted.items():
        source, old = wanted.get((key[0], entry.source_locale)), stored.get(key)
        before = stored.get((key[0], entry.source_locale))
        if entry.is_source or source is None or before is None:
            continue
        moved = not before.says_the_same_as(source)
        if moved and not (old and old.says_the_same_as(entry)):
            following = max(before.version + 1, source.source_version)
            made[key] = dataclasses.replace(entry, source_version=following)
    return made


def _report(
    wanted: Mapping[Key, Entry],
    stored: Mapping[Key, Entry],
    gone: Sequence[Key],
    rejected: Sequence[Rejected],
    dry_run: bool,
) -> Report:
    sorts: dict[str, list[Key]] = defaultdict(list)
    for key, entry in sorted(wanted.items()):
        old = stored.get(key)
        same = old is not None and old.says_the_same_as(entry)
        sorts["added" if old is None else "unchanged" if same else "changed"].append(key)
    return Report(
        tuple(sorts["added"]),
        tuple(sorts["changed"]),
        tuple(sorts["unchanged"]),
        tuple(gone),
        tuple(rejected),
        dry_run,
    )


async def export(db: Database, path: Path, locale: str | None = None) -> dict[str, int]:
    """Write every body, drafts too, in the form that the path's ending says.

    Args:
        path: see `bot.knowledge.formats.write`; a FAQPage is for everybody to read, so only what
            is published goes into one.

    Returns:
        How many bodies by locale.

    Raises:
        UnknownForm: the path ends in no form we write.
    """
    check_form(path)
    async with db.reading() as session:
        entries = await articles.entries(session, locale=locale)
    written = await asyncio.to_thread(write, path, entries)
    return dict(Counter(e.locale for e in written))

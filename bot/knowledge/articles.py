"""Reading and changing articles; every change is a new version and says who made it.

All functions take a session of the caller's transaction; a change of what clients may be answered
with raises the knowledge version in that same transaction.
"""

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import JsonDict, now
from bot.knowledge.models import (
    ARCHIVED,
    PUBLISHED,
    Article,
    Body,
    BodyVersion,
    Draft,
    KnowledgeVersion,
)


@dataclass(frozen=True)
class Entry:
    """An article in one locale, as an author writes it.

    `version` is the stored version it was read at, 0 when it is not stored. `source_version` is
    the version of the source locale's body that it corresponds to.
    """

    article: str
    locale: str
    title: str
    body: str
    questions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    category: str = ""
    state: str = PUBLISHED
    source_locale: str = ""
    source_version: int = 1
    updated: dt.date | None = None
    version: int = 0

    @property
    def is_source(self) -> bool:
        """Is this the locale that the others are translated from?"""
        return self.locale == self.source_locale

    def says_the_same_as(self, other: "Entry") -> bool:
        """Would writing one over the other change nothing but numbers and dates?"""
        return _content(self) == _content(other)


def _content(entry: Entry) -> Entry:
    return dataclasses.replace(entry, version=0, source_version=0, updated=None)


class Conflict(Exception):
    """Somebody changed the body since it was read; `current` is what they wrote."""

    def __init__(self, current: Entry) -> None:
        super().__init__(
            f"{current.article} ({current.locale}) was changed meanwhile; "
            f"it is at version {current.version} now."
        )
        self.current = current


class NoSuchArticle(Exception):
    """There is no such article, or it has no body in that locale, or not that version."""


def _entry(article: Article, body: Body | BodyVersion) -> Entry:
    moment: dt.datetime = body.updated_at if isinstance(body, Body) else body.at  # type: ignore[union-attr]
    return Entry(
        article=body.article,
        locale=body.locale,
        title=body.title,
        body=body.body,
        questions=tuple(body.questions),
        tags=tuple(body.tags),
        category=article.category,
        state=body.state,
        source_locale=article.source_locale,
        source_version=body.source_version,
        updated=moment.date(),
        version=body.version,
    )


async def entries(
    session: AsyncSession,
    articles: Iterable[str] | None = None,
    locale: str | None = None,
    state: str | None = None,
    lock: bool = False,
) -> list[Entry]:
    """Bodies as they are now, by article, the source locale first, then by locale.

    Args:
        articles: only of these; None: of all.
        lock: keep others from changing them until this transaction ends.
    """
    query = sa.select(Article, Body).join(Body, Body.article == Article.id)
    if locale is not None:
        query = query.where(Body.locale == locale)
    if state is not None:
        query = query.where(Body.state == state)
    if lock:
        query = query.with_for_update()
    queries = [query]
    if articles is not None:
        queries = [query.where(Article.id.in_(some)) for some in _chunks(sorted(set(articles)))]
    found = [_entry(a, b) for q in queries for a, b in await session.execute(q)]
    return sorted(found, key=lambda e: (e.article, not e.is_source, e.locale))


async def entry(session: AsyncSession, article: str, locale: str) -> Entry:
    """One body as it is now.

    Raises:
        NoSuchArticle: it does not exist.
    """
    found = await entries(session, [article], locale)
    if not found:
        raise NoSuchArticle(f"There is no article {article!r} in {locale!r}.")
    return found[0]


async def write(
    session: AsyncSession, wanted: Entry, by: str, expected_version: int | None = None
) -> Entry:
    """Store one body, new or changed, as its next version.

    Args:
        wanted: the body; of its numbers only `source_version` counts, and for the source itself
            the larger of it and the next version is taken.
        by: who changes it.
        expected_version: the version the author saw (0: none); None writes over anything.

    Returns:
        The body as stored; without a new version when it said the same already.

    Raises:
        Conflict: the stored version is another than the expected one.
    """
    if expected_version is not None:
        there = await entries(session, [wanted.article], wanted.locale, lock=True)
        if expected_version != (there[0].version if there else 0):
            raise Conflict(there[0] if there else dataclasses.replace(wanted, version=0))
    await write_many(session, [wanted], by)
    return await entry(session, wanted.article, wanted.locale)


async def write_many(session: AsyncSession, wanted: Sequence[Entry], by: str) -> None:
    """Store bodies as `write` does, each of (article, locale) once, in a few statements."""
    ids = sorted({e.article for e in wanted})
    there = {(e.article, e.locale): e for e in await entries(session, ids, lock=True)}
    sources = {e.article: e.source_locale for e in there.values()}
    versions = await _last_versions(session, ids)
    bodies: tuple[list[JsonDict], list[JsonDict]] = ([], [])
    catalogue: dict[str, JsonDict] = {}
    history, visible = [], False
    for e in wanted:
        source = e.source_locale or sources.get(e.article) or e.locale
        e = dataclasses.replace(e, source_locale=source)
        old = there.get((e.article, e.locale))
        if (
            old
            and old.says_the_same_as(e)
            and (e.is_source or old.source_version == e.source_version)
        ):
            continue
        visible |= PUBLISHED in (e.state, old.state if old else None)
        catalogue[e.article] = {"id": e.article, "category": e.category, "source_locale": source}
        version = 1 + versions.get((e.article, e.locale), 0)
        if e.is_source:
            version = max(version, e.source_version)
        row = _row(e, version)
        history.append(row | {"at": _moment(e), "by": by})
        bodies[old is not None].append(row | {"updated_at": _moment(e), "updated_by": by})
    known = set(sources)
    await _put(session, Article, [r for r in catalogue.values() if r["id"] not in known], ())
    await _put(session, Article, [r for r in catalogue.values() if r["id"] in known], ("id",))
    await _put(session, Body, bodies[False], ())
    await _put(session, Body, bodies[True], ("article", "locale"))
    await _put(session, BodyVersion, history, ())
    session.expire_all()
    if visible:
        await raise_version(session)


def _row(e: Entry, version: int) -> JsonDict:
    return {
        "article": e.article,
        "locale": e.locale,
        "title": e.title,
        "body": e.body,
        "questions": list(e.questions),
        "tags": list(e.tags),
        "state": e.state,
        "version": version,
        "source_version": version if e.is_source else e.source_version,
    }


def _moment(e: Entry) -> dt.datetime:
    moment = now()
    if e.updated is None or e.updated == moment.date():
        return moment
    return dt.datetime.combine(e.updated, dt.time(), dt.timezone.utc)


async def _put(
    session: AsyncSession, model: Any, rows: Sequence[JsonDict], key: tuple[str, ...]
) -> None:
    """Insert rows, or with a key update those that it names: one statement, many values."""
    if not rows:
        return
    table = model.__table__
    connection = await session.connection()
    if not key:
        await connection.execute(sa.insert(table), list(rows))
        return
    found = sa.and_(*(table.c[name] == sa.bindparam(f"key_{name}") for name in key))
    changed = {name: sa.bindparam(name) for name in rows[0] if name not in key}
    values = [r | {f"key_{name}": r[name] for name in key} for r in rows]
    await connection.execute(sa.update(table).where(found).values(changed), values)


async def _last_versions(
    session: AsyncSession, articles: Sequence[str]
) -> dict[tuple[str, str], int]:
    # From the history: a removed article that comes back goes on counting.
    found: dict[tuple[str, str], int] = {}
    for some in _chunks(articles):
        query = (
            sa.select(BodyVersion.article, BodyVersion.locale, sa.func.max(BodyVersion.version))
            .where(BodyVersion.article.in_(some))
            .group_by(BodyVersion.article, BodyVersion.locale)
        )
        found.update(((a, x), v) for a, x, v in await session.execute(query))
    return found


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), 500):  # SQLite's older limit: 999 parameters
        yield values[start : start + 500]


async def history(session: AsyncSession, article: str, locale: str) -> list[Entry]:
    """All versions of a body, the newest first."""
    owner = await session.get(Article, article)
    if owner is None:
        raise NoSuchArticle(f"There is no article {article!r}.")
    query = (
        sa.select(BodyVersion)
        .where(BodyVersion.article == article, BodyVersion.locale == locale)
        .order_by(BodyVersion.version.desc())
    )
    return [_entry(owner, row) for row in (await session.execute(query)).scalars()]


async def restore(session: AsyncSession, article: str, locale: str, version: int, by: str) -> Entry:
    """Make an old version the newest one.

    Raises:
        NoSuchArticle: the body never had that version.
    """
    for old in await history(session, article, locale):
        if old.version == version:
            return await write(session, dataclasses.replace(old, updated=None), by)
    raise NoSuchArticle(f"{article!r} ({locale}) has no version {version}.")


async def remove(session: AsyncSession, articles: Sequence[str]) -> None:
    """Take whole articles out of the base; their version history stays."""
    for some in _chunks(articles):
        for column in (Draft.article, Body.article, Article.id):
            await session.execute(
                sa.delete(column.class_)
                .where(column.in_(some))
                .execution_options(synchronize_session=False)
            )
    if articles:
        await raise_version(session)


async def remove_body(session: AsyncSession, article: str, locale: str) -> None:
    """Take one locale of an article out of the base; its version history stays."""
    for model in (Draft, Body):
        await session.execute(
            sa.delete(model)
            .where(model.article == article, model.locale == locale)
            .execution_options(synchronize_session=False)
        )
    await raise_version(session)


def stale(found: Iterable[Entry]) -> list[Entry]:
    """Of these bodies, those whose source has moved on and those whose source is missing."""
    found = list(found)
    source = {e.article: e.version for e in found if e.is_source}
    return [e for e in found if e.source_version != source.get(e.article) and e.state != ARCHIVED]


def by_locale(found: Iterable[Entry]) -> Mapping[str, list[Entry]]:
    """These bodies by the locale they are in."""
    locales: dict[str, list[Entry]] = defaultdict(list)
    for each in found:
        locales[each.locale].append(each)
    return locales


async def version(session: AsyncSession) -> int:
    """The knowledge version: another number means that something changed."""
    found = await session.scalar(sa.select(KnowledgeVersion.version))
    return int(found or 0)


async def raise_version(session: AsyncSession) -> None:
    """Tell every process, by the time this transaction commits, that the base has changed."""
    raised = await session.execute(
        sa.update(KnowledgeVersion)
        .values(version=KnowledgeVersion.version + 1)
        .execution_options(synchronize_session=False)
    )
    if raised.rowcount == 0:
        session.add(KnowledgeVersion(id=1, version=1))
        await session.flush()

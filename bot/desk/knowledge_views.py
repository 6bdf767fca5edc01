"""What the desk shows of the knowledge base, read from the tables."""

import dataclasses
import datetime as dt
import difflib
import urllib.parse
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.knowledge.articles import Entry
from bot.knowledge.base import nearest
from bot.knowledge.models import ARCHIVED, DRAFT, Article, Body, BodyVersion, Draft

PAGE = 50

Status = Literal["published", "draft", "archived", "stale", "missing"]
STATUSES = ("published", "draft", "machine", "stale", "missing", "archived")
"""What the list is narrowed to: drafts are those that wait beside a published text too."""

Waiting = Literal["", "draft", "machine"]


@dataclasses.dataclass(frozen=True)
class Badge:
    """One locale of one article: what an author must know of it at a glance.

    `waiting` is the draft beside it: nothing, somebody's, or a machine's that nobody has read.
    """

    locale: str
    status: Status
    waiting: Waiting = ""


@dataclasses.dataclass(frozen=True)
class Row:
    """One article in the list."""

    article: str
    title: str
    title_locale: str
    category: str
    badges: tuple[Badge, ...]
    updated_at: dt.datetime


@dataclasses.dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; empty fields narrow nothing.

    `status` counts in `locale` where one is given, else in any locale of the article.
    """

    locale: str = ""
    status: str = ""
    category: str = ""
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Listed:
    """One page of the list. `main` are the locales that most articles have."""

    rows: tuple[Row, ...]
    total: int
    main: tuple[str, ...]
    locales: tuple[str, ...]
    categories: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Change:
    """One version in a body's history. `by` is an agent's id, or what else changed it."""

    version: int
    at: dt.datetime
    by: str
    state: str
    entry: Entry


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of a comparison: `mark` is `+`, `-` or a space."""

    mark: str
    text: str


def address(article: str, locale: str, **more: object) -> str:
    """The page of an article in a locale."""
    query = urllib.parse.urlencode({"locale": locale, **more})
    return f"/desk/knowledge/{urllib.parse.quote(article, safe='')}?{query}"


def questions_of(text: str) -> tuple[str, ...]:
    """The wordings in a text that has one a line, each once."""
    return tuple(dict.fromkeys(found for line in text.splitlines() if (found := line.strip())))


def compare(old: Entry | None, new: Entry) -> list[Line]:
    """What changed from one text of an article to another, line by line, with some context."""
    lines = difflib.unified_diff(_lines(old), _lines(new), lineterm="", n=2)
    # The first two lines name files; those with @@ count lines, and say that some are left out.
    shown = [line for line in list(lines)[2:] if not line.startswith(("@@ -1", "@@ -0"))]
    return [Line("…", "") if line.startswith("@@") else Line(line[0], line[1:]) for line in shown]


def _lines(entry: Entry | None) -> list[str]:
    if entry is None:
        return []
    tags = [f"# {', '.join(entry.tags)}"] if entry.tags else []
    questions = [f"? {question}" for question in entry.questions]
    return [entry.title, "", *entry.body.splitlines(), "", *questions, *tags]


async def listed(session: AsyncSession, wanted: Filter, reader: str, page: int = 1) -> Listed:
    """A page of the articles that a filter leaves, by category and id.

    Args:
        reader: the desk's locale: titles are shown in it where there is one.
        page: from 1.
    """
    counts = await session.execute(sa.select(Body.locale, sa.func.count()).group_by(Body.locale))
    by_locale = Counter({locale: count for locale, count in counts})
    categories = await session.execute(sa.select(Article.category).distinct())
    articles = int(await session.scalar(sa.select(sa.func.count()).select_from(Article)) or 0)
    # As `kb lint` has it: a locale that most articles have is expected of every one.
    main = tuple(sorted(tag for tag, count in by_locale.items() if count * 2 > articles))
    query = _narrowed(sa.select(Article), wanted, main)
    total = await session.scalar(sa.select(sa.func.count()).select_from(query.subquery()))
    found = await session.execute(
        query.order_by(Article.category, Article.id).limit(PAGE).offset((page - 1) * PAGE)
    )
    chosen = list(found.scalars())
    bodies: dict[str, list[Body]] = defaultdict(list)
    ids = [article.id for article in chosen]
    for body in (await session.execute(sa.select(Body).where(Body.article.in_(ids)))).scalars():
        bodies[body.article].append(body)
    waiting = await _waiting(session, ids)
    drafted = await session.execute(sa.select(Draft.locale).distinct())
    return Listed(
        rows=tuple(
            _row(article, bodies[article.id], waiting[article.id], main, wanted.locale or reader)
            for article in chosen
            if bodies[article.id]
        ),
        total=int(total or 0),
        main=main,
        locales=tuple(sorted({*by_locale, *drafted.scalars()})),
        categories=tuple(sorted(found for found in categories.scalars() if found)),
    )


async def _waiting(session: AsyncSession, articles: Sequence[str]) -> dict[str, dict[str, Waiting]]:
    found: dict[str, dict[str, Waiting]] = defaultdict(dict)
    query = sa.select(Draft.article, Draft.locale, Draft.machine).where(Draft.article.in_(articles))
    for article, locale, machine in await session.execute(query):
        found[article][locale] = "machine" if machine else "draft"
    return found


def _row(
    article: Article,
    bodies: Sequence[Body],
    waiting: Mapping[str, Waiting],
    main: Iterable[str],
    reader: str,
) -> Row:
    there = {body.locale: body for body in bodies}
    titled = there[nearest(reader, there)]
    return Row(
        article=article.id,
        title=titled.title,
        title_locale=titled.locale,
        category=article.category,
        badges=badges(article.source_locale, there, main, waiting),
        updated_at=max(body.updated_at for body in bodies),
    )


async def badges_of(
    session: AsyncSession, article: str, source_locale: str, main: Iterable[str]
) -> tuple[Badge, ...]:
    """An article's badges; see `badges`."""
    found = await session.execute(sa.select(Body).where(Body.article == article))
    waiting = (await _waiting(session, [article]))[article]
    return badges(source_locale, {body.locale: body for body in found.scalars()}, main, waiting)


def badges(
    source_locale: str,
    there: Mapping[str, Body],
    main: Iterable[str],
    waiting: Mapping[str, Waiting],
) -> tuple[Badge, ...]:
    """One badge a locale, the source first."""
    source = there.get(source_locale)
    tags = sorted({*there, *main, *waiting}, key=lambda tag: (tag != source_locale, tag))
    return tuple(Badge(tag, _status(there.get(tag), source), waiting.get(tag, "")) for tag in tags)


def _status(body: Body | None, source: Body | None) -> Status:
    if body is None:
        return "missing"
    moved = source is not None and body.source_version != source.version
    if moved and body.state != ARCHIVED:
        return "stale"
    state: Status = body.state
    return state


def _narrowed(query: sa.sql.Select, wanted: Filter, main: Sequence[str]) -> sa.sql.Select:
    has = sa.exists().where(Body.article == Article.id)
    here = has.where(Body.locale == wanted.locale) if wanted.locale else has
    if wanted.category:
        query = query.where(Article.category == wanted.category)
    if wanted.text:
        like = "%" + "".join(f"\\{c}" if c in "\\%_" else c for c in wanted.text) + "%"
        fields = (Article.id, Body.title, Body.body)
        query = query.where(has.where(sa.or_(*(f.ilike(like, escape="\\") for f in fields))))
    if wanted.status == "missing":
        expected = [wanted.locale] if wanted.locale else list(main)
        return query.where(sa.or_(*(~has.where(Body.locale == tag) for tag in expected)))
    if wanted.status == "stale":
        source = aliased(Body)
        moved = sa.and_(
            source.article == Body.article,
            source.locale == Article.source_locale,
            source.version != Body.source_version,
            Body.state != ARCHIVED,
        )
        return query.where(here.where(sa.exists().where(moved).correlate(Article, Body)))
    waits = sa.exists().where(Draft.article == Article.id)
    waits = waits.where(Draft.locale == wanted.locale) if wanted.locale else waits
    if wanted.status == "machine":
        return query.where(waits.where(Draft.machine != ""))
    if wanted.status == DRAFT:
        return query.where(sa.or_(here.where(Body.state == DRAFT), waits))
    if wanted.status:
        return query.where(here.where(Body.state == wanted.status))
    return query.where(sa.or_(here, waits)) if wanted.locale else query


async def changes(session: AsyncSession, article: str, locale: str) -> list[Change]:
    """Every version of a body, the newest first, with who made it and when."""
    found = await session.execute(
        sa.select(BodyVersion)
        .where(BodyVersion.article == article, BodyVersion.locale == locale)
        .order_by(BodyVersion.version.desc())
    )
    return [
        Change(
            row.version,
            row.at,
            row.by,
            row.state,
            Entry(
                article,
                locale,
                row.title,
                row.body,
                tuple(row.questions),
                tuple(row.tags),
                state=row.state,
                source_version=row.source_version,
                version=row.version,
            ),
        )
        for row in found.scalars()
    ]

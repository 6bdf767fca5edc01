"""Drafts beside the published text: an article can be rewritten without touching what is live.

A body that clients get changes only by being published. What is written meanwhile, by an author or
by a translation service, waits here; whoever saves, publishes or discards it says which draft they
saw, so that nobody writes over a text they have not read.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import new_id, now
from bot.knowledge.articles import Conflict, Entry
from bot.knowledge.models import DRAFT, Article, Draft


@dataclass(frozen=True)
class Pending:
    """A draft that waits.

    Attributes:
        entry: its text; `version` is the body's version that it was begun over.
        mark: names this state of the draft.
        machine: the translation service that wrote it and nobody has confirmed; else empty.
        by: who saved it last, an agent's id.
    """

    entry: Entry
    mark: str
    machine: str
    at: dt.datetime
    by: str


class DraftConflict(Conflict):
    """Another draft waits than the one that was seen; `pending` is that one."""

    def __init__(self, pending: Pending) -> None:
        super().__init__(pending.entry)
        self.pending = pending


async def pending(session: AsyncSession, articles: Iterable[str]) -> dict[tuple[str, str], Pending]:
    """The drafts that wait, by article and locale.

    Args:
        articles: of a page or less; their number is not cut into several queries.
    """
    # Columns and no objects: what waits is replaced by statements, and a session would remember.
    query = (
        sa.select(Article.source_locale, *Draft.__table__.c)
        .join(Draft, Draft.article == Article.id)
        .where(Draft.article.in_(sorted(set(articles))))
    )
    return {(row.article, row.locale): _pending(row) for row in await session.execute(query)}


def _pending(row: Any) -> Pending:
    entry = Entry(
        article=row.article,
        locale=row.locale,
        title=row.title,
        body=row.body,
        questions=tuple(row.questions),
        tags=tuple(row.tags),
        category=row.category,
        state=DRAFT,
        source_locale=row.source_locale,
        source_version=row.source_version,
        version=row.based_on,
    )
    return Pending(entry, row.mark, row.machine, row.at, row.by)


async def keep(
    session: AsyncSession, wanted: Entry, by: str, seen: str, machine: str = ""
) -> Pending:
    """Store a draft in place of the one that was seen.

    Args:
        wanted: its text; `version`: the body's version that it is begun over.
        seen: the `mark` of the draft it is written over; empty: there was none.
        machine: the service that wrote it, where no person has confirmed it.

    Raises:
        DraftConflict: another draft waits than the one that was seen.
    """
    await _take(session, wanted, seen)
    entry = dataclasses.replace(wanted, state=DRAFT)
    made = Pending(entry, new_id(), machine, now(), by)
    await session.execute(
        sa.insert(Draft).values(
            article=entry.article,
            locale=entry.locale,
            title=entry.title,
            body=entry.body,
            questions=list(entry.questions),
            tags=list(entry.tags),
            category=entry.category,
            source_version=entry.source_version,
            based_on=entry.version,
            machine=machine,
            mark=made.mark,
            at=made.at,
            by=by,
        )
    )
    return made


async def drop(session: AsyncSession, wanted: Entry, seen: str) -> None:
    """Remove the draft that was seen: it was published, or is not wanted.

    Raises:
        DraftConflict: another draft waits than the one that was seen.
    """
    await _take(session, wanted, seen)


async def _take(session: AsyncSession, wanted: Entry, seen: str) -> None:
    # The article's row stands for a draft that is not there yet: of two who begin one, one waits.
    row = sa.select(Article.id).where(Article.id == wanted.article)
    await session.execute(row.with_for_update())
    there = (await pending(session, [wanted.article])).get((wanted.article, wanted.locale))
    # One that is gone is no conflict: nobody's text is written over.
    if there is not None and there.mark != seen:
        raise DraftConflict(there)
    await session.execute(
        sa.delete(Draft)
        .where(Draft.article == wanted.article, Draft.locale == wanted.locale)
        .execution_options(synchronize_session=False)
    )

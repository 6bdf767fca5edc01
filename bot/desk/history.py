"""A conversation's history as the desk shows it, a page at a time from its end."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log, ownership
from bot.conversations.models import Conversation, Event
from bot.db import JsonDict
from bot.flow import delivery
from bot.flow.translation import of_messages
from bot.knowledge.models import PUBLISHED, Article, Body

SHOWN = (
    log.MESSAGE,
    "note",
    "article_shown",
    "rated",
    "rating_comment",
    "follow_up_opened",
    "interaction_closed",
    ownership.OWNER_CHANGED,
)
"""Kinds of events that belong in a conversation's history at the desk."""

PAGE = 100
"""Events shown at first, and added each time earlier ones are asked for."""
MOST = 600
"""Events that an open page may grow to before it begins anew at the newest."""


@dataclasses.dataclass(frozen=True)
class Item:
    """One line of a conversation's history."""

    seq: int
    kind: str
    author: str | None
    text: str
    language: str | None
    payload: JsonDict
    at: dt.datetime


@dataclasses.dataclass(frozen=True)
class History:
    """A stretch of a conversation, oldest first; `earlier` when more stands before it.

    `translations` are the latest by message and language, `articles` titles by id, `deliveries`
    state and reason by message, on channels that have to be sent to.
    """

    items: tuple[Item, ...]
    earlier: bool
    translations: Mapping[int, Mapping[str, JsonDict]]
    articles: Mapping[str, str]
    deliveries: Mapping[int, tuple[str, str | None]]

    @property
    def first(self) -> int:
        """The number of the oldest line, 0 where there is none."""
        return self.items[0].seq if self.items else 0


async def history(
    session: AsyncSession, conversation: str, reads: str, *, since: int = 0, before: int = 0
) -> History:
    """The newest page of a conversation.

    Args:
        reads: the language of who looks at it.
        since: everything from this number on instead, up to `MOST` events: what an open page has
            and what came after it.
        before: the page that ends before this number instead.
    """
    where = [Event.conversation_id == conversation, Event.kind.in_(SHOWN)]
    if before:
        where.append(Event.seq < before)
    elif since:
        where.append(Event.seq >= since)
    size = MOST if since and not before else PAGE
    found = await session.execute(
        sa.select(Event).where(*where).order_by(Event.seq.desc()).limit(size + 1)
    )
    events = found.scalars().all()
    if len(events) > size and size == MOST:
        return await history(session, conversation, reads)
    items = tuple(_item(event) for event in reversed(events[:size]))
    first = items[0].seq if items else 0
    translated = await of_messages(session, conversation, first)
    shown = {item.payload["article"] for item in items if item.kind == "article_shown"}
    return History(
        items=items,
        earlier=len(events) > size or await _any_before(session, conversation, first),
        translations={
            seq: {language: tried[-1] for language, tried in by_language.items()}
            for seq, by_language in translated.items()
        },
        articles=await titles(session, shown, reads, conversation),
        deliveries=await delivery.states(session, conversation, first),
    )


async def _any_before(session: AsyncSession, conversation: str, seq: int) -> bool:
    found = await session.execute(
        sa.select(Event.seq)
        .where(Event.conversation_id == conversation, Event.kind.in_(SHOWN), Event.seq < seq)
        .order_by(Event.seq.desc())
        .limit(1)
    )
    return found.first() is not None


def _item(event: Event) -> Item:
    return Item(
        seq=event.seq,
        kind=event.kind,
        author=event.author,
        text=event.payload.get("text", ""),
        language=event.payload.get("language"),
        payload=event.payload,
        at=event.at,
    )


async def titles(
    session: AsyncSession, articles: set[str], reads: str, conversation: str
) -> dict[str, str]:
    """What articles are called, for a reader of a conversation.

    In the language of who `reads` it, else in the conversation's, else as their source has it; what
    clients can get goes before what is put away or not yet theirs.
    """
    if not articles:
        return {}
    row = await session.get(Conversation, conversation)
    spoken = [_language(reads), *([_language(row.locale)] if row else [])]

    def place(body: Any) -> tuple[bool, int]:
        wanted = [*spoken, _language(body.source_locale), _language(body.locale)]
        return body.state != PUBLISHED, wanted.index(_language(body.locale))

    found = await session.execute(
        sa.select(Body.article, Body.title, Body.locale, Body.state, Article.source_locale)
        .join(Article, Article.id == Body.article)
        .where(Body.article.in_(articles))
        .order_by(Body.locale)
    )
    best_last = sorted(found.all(), key=place, reverse=True)
    return {body.article: body.title for body in best_last}


def _language(tag: str) -> str:
    return tag.split("-")[0]

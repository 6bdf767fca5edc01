"""Changing articles from the desk: begin, save, publish, archive, restore, mark as up to date."""

import dataclasses
import unicodedata
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk import audit, knowledge_drafts
from bot.desk.access import Desk
from bot.desk.bodies import ArticleChange, ArticleState, ArticleText, Asked, NewArticle
from bot.desk.knowledge_drafts import UNSAVED, author, publishable, refusal, state_of
from bot.desk.knowledge_views import questions_of
from bot.knowledge import articles, checks, drafts
from bot.knowledge.articles import Entry, NoSuchArticle
from bot.knowledge.models import DRAFT, Article, BodyVersion
from bot.languages.locales import known, native
from bot.languages.say import say

RESERVED = ("check", "gaps", "new")
"""Ids that would hide behind the desk's own pages."""

_SLUG = 60
_DRAFTED = 12
"""Clients' wordings that a drafted article begins with, a locale; more alike ones add nothing."""


def routes(desk: Desk) -> APIRouter:
    """The knowledge part of the desk's API."""
    router = APIRouter(prefix="/api/desk/knowledge", tags=["desk: knowledge"])

    def done(entry: Entry) -> ArticleState:
        desk.indexing.due(entry.article)
        return state_of(entry)

    @router.post("", response_model=ArticleState, status_code=201)
    async def begin(body: NewArticle, request: Request) -> Response | ArticleState:
        """Begin an article as a draft; with clients' wordings, one draft a language."""
        who = await author(desk, request)
        try:
            async with desk.db.transaction() as session:
                entries = _drafts(await _free_id(session, body.title), body)
                await articles.write_many(session, entries, who.id)
                audit.note(session, who.id, "article_begun", article=entries[0].article)
        except UNSAVED as error:
            return await refusal(desk, error, who)
        return done(dataclasses.replace(entries[0], version=1))

    @router.put("/{article:path}", response_model=ArticleState)
    async def save(article: str, body: ArticleText, request: Request) -> Response | ArticleState:
        """Store an article's text in one locale. 409 with the other text if somebody was faster."""
        who = await author(desk, request)
        try:
            async with desk.db.transaction() as session:
                wanted = await _wanted(session, article, body)
                saved = await knowledge_drafts.save(session, wanted, body, who)
                audit.note(session, who.id, "article_saved", **_what(saved.entry))
        except UNSAVED as error:
            return await refusal(desk, error, who)
        return state_of(saved.entry, saved.mark) if saved.mark else done(saved.entry)

    @router.patch("/{article:path}", response_model=ArticleState)
    async def change(
        article: str, body: ArticleChange, request: Request
    ) -> Response | ArticleState:
        """Change an article's state, bring an earlier version back, or mark it as up to date."""
        who = await author(desk, request)
        try:
            async with desk.db.transaction() as session:
                wanted = await _changed(session, article, body)
                entry = await articles.write(session, wanted, who.id, body.version)
                audit.note(session, who.id, "article_changed", **_what(entry))
        except UNSAVED as error:
            return await refusal(desk, error, who)
        return done(entry)

    return router


def _what(entry: Entry) -> dict[str, Any]:
    return {
        "article": entry.article,
        "locale": entry.locale,
        "version": entry.version,
        "state": entry.state,
    }


async def _wanted(session: AsyncSession, article: str, body: ArticleText) -> Entry:
    there = {e.locale: e for e in await articles.entries(session, [article], lock=True)}
    if not there:
        raise NoSuchArticle(article)
    source_locale = next(iter(there.values())).source_locale
    locale = checks.locale_tag(body.locale)
    old, source = there.get(locale), there.get(source_locale)
    source_version = source.version if source else 1
    waiting = (await drafts.pending(session, [article])).get((article, locale))
    before = waiting.entry if waiting and waiting.mark == body.draft else old
    if before and not body.up_to_date:
        source_version = before.source_version
    fields = checks.fields(
        {
            "article": article,
            "locale": locale,
            "title": body.title,
            # A draft may wait for its answer; what stands there then is refused by `publishable`.
            "body": body.body if body.body.strip() else say("desk.kb.unwritten", locale),
            "questions": questions_of(body.questions),
            "tags": [tag for part in body.tags.split(",") if (tag := part.strip())],
            "state": body.state,
        }
    )
    # An id from elsewhere may hold what `checks.line` would spell otherwise; it is there already.
    fields["article"] = article
    category = checks.line("category", body.category, 60, empty=True)
    publishable(str(fields["body"]), body.state)
    return Entry(
        **fields,  # type: ignore[arg-type]  # named and checked by `checks.fields`
        category=category,
        source_locale=source_locale,
        source_version=source_version,
    )


async def _changed(session: AsyncSession, article: str, body: ArticleChange) -> Entry:
    current = await articles.entry(session, article, body.locale)
    wanted = current
    if body.restore is not None:
        past = await articles.history(session, article, body.locale)
        wanted = next((old for old in past if old.version == body.restore), current)
        if wanted.version != body.restore:
            raise NoSuchArticle(article)
        # What was said then is as old as it is; where it is shown stays as it is now.
        wanted = dataclasses.replace(wanted, state=current.state)
    if body.state is not None:
        wanted = dataclasses.replace(wanted, state=body.state)
    if body.up_to_date:
        source = await articles.entry(session, article, current.source_locale)
        wanted = dataclasses.replace(wanted, source_version=source.version)
    publishable(wanted.body, wanted.state)
    return dataclasses.replace(wanted, updated=None)


def _drafts(article: str, begun: NewArticle) -> list[Entry]:
    """The drafts of a new article: its own locale, then every other language it was asked in."""
    locale = checks.locale_tag(begun.locale)
    by_locale: dict[str, list[str]] = {locale: []}
    for asked in begun.wordings:
        by_locale.setdefault(_written(asked, locale), []).append(asked.text)
    return [
        Entry(
            article,
            tag,
            checks.line("title", begun.title if tag == locale else wordings[0], checks.MAX_TITLE),
            say("desk.kb.unwritten", tag),
            checks.lines("questions", [text for text in wordings if text.strip()][:_DRAFTED]),
            category=checks.line("category", begun.category, 60, empty=True),
            state=DRAFT,
            source_locale=locale,
        )
        for tag, wordings in by_locale.items()
    ]


def _written(asked: Asked, otherwise: str) -> str:
    tag = native(checks.locale_tag(asked.language)) if asked.language != "und" else otherwise
    return tag if tag in {one.tag for one in known()} else otherwise


async def _free_id(session: AsyncSession, title: str) -> str:
    """An id from a title, with a number where it is taken, or was once."""
    wanted = slug(title)
    taken: set[str] = set(RESERVED)
    for column in (Article.id, BodyVersion.article):
        found = await session.execute(
            sa.select(column).where(sa.or_(column == wanted, column.like(f"{wanted}-%"))).distinct()
        )
        taken.update(found.scalars())
    if wanted not in taken:
        return wanted
    return next(made for n in range(2, len(taken) + 3) if (made := f"{wanted}-{n}") not in taken)


def slug(title: str) -> str:
    """Lower-case words with hyphens, in the title's own script: `Track an order`, `track-an-order`.

    Letters, their marks and digits stay; everything else separates words.
    """
    kept = "".join(
        c if unicodedata.category(c)[0] in "LMN" else "-"
        for c in unicodedata.normalize("NFC", title).lower()
    )
    words = [word for word in kept.split("-") if word]
    made = ""
    for word in words:
        if made and len(made) + 1 + len(word) > _SLUG:
            break
        made = f"{made}-{word}" if made else word[:_SLUG]
    return made or "article"

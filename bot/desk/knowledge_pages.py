"""The knowledge pages: the list, one article beside its source, its history, and the gaps."""

import functools
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.errors import ApiError
from bot.desk import knowledge_views as kb
from bot.desk import views
from bot.desk.access import Desk, Who, page_reader, writer
from bot.desk.bodies import Markdown, Unsaved
from bot.desk.knowledge_gaps import variants
from bot.desk.pages import render
from bot.knowledge import articles, checks, drafts
from bot.knowledge.articles import Entry, NoSuchArticle
from bot.knowledge.base import nearest
from bot.knowledge.checks import MAX_ID
from bot.knowledge.models import PUBLISHED
from bot.languages.locales import UnknownLocale, get, known
from bot.languages.say import say

_RECENT_CHANGES = 4
_GAPS = 100

Id = Annotated[str, Path(max_length=MAX_ID)]
Tag = Annotated[str, Query(max_length=35)]
Short = Annotated[str, Query(max_length=200)]


def direction(tag: str) -> str:
    """Which way a language is written."""
    try:
        return get(tag).direction
    except UnknownLocale:
        return "ltr"


def routes(desk: Desk) -> APIRouter:
    """The pages under `/desk/knowledge`."""
    router = APIRouter(include_in_schema=False)
    page = functools.partial(render, desk)

    @router.get("/desk/knowledge")
    async def listing(
        request: Request,
        locale: Tag = "",
        status: Short = "",
        category: Short = "",
        q: Short = "",
        page_number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
    ) -> Response:
        who = await page_reader(desk, request)
        wanted = kb.Filter(locale, status if status in kb.STATUSES else "", category, q.strip())
        async with desk.db.reading() as session:
            found = await kb.listed(session, wanted, who.locale, page_number)
        return page(
            "knowledge.html",
            who.locale,
            who,
            found=found,
            wanted=wanted,
            number=page_number,
            pages=max(1, -(-found.total // kb.PAGE)),
            statuses=kb.STATUSES,
            address=kb.address,
        )

    @router.get("/desk/knowledge/new")
    async def new(request: Request, title: Short = "") -> Response:
        who = await page_reader(desk, request)
        async with desk.db.reading() as session:
            found = await kb.listed(session, kb.Filter(), who.locale)
        return page(
            "knowledge_new.html",
            who.locale,
            who,
            title=title,
            categories=found.categories,
            every=known(),
        )

    async def gap_values(who: Who) -> dict[str, Any]:
        found, working = await desk.gaps.latest()
        return {
            "report": found,
            "working": working,
            "gaps": found.gaps[:_GAPS] if found else (),
            "variants": variants,
            "address": kb.address,
        }

    @router.get("/desk/knowledge/gaps")
    async def gaps(request: Request) -> Response:
        who = await page_reader(desk, request)
        return page("knowledge_gaps.html", who.locale, who, **await gap_values(who))

    @router.get("/desk/parts/knowledge/gaps")
    async def gaps_part(request: Request) -> Response:
        who = await page_reader(desk, request)
        return page("parts/knowledge_gaps.html", who.locale, who, **await gap_values(who))

    @router.get("/desk/knowledge/{article:path}")
    async def article_page(
        request: Request,
        article: Id,
        locale: Tag = "",
        view: Short = "",
        version: Annotated[int | None, Query(ge=1)] = None,
    ) -> Response:
        who = await page_reader(desk, request)
        try:
            async with desk.db.reading() as session:
                values = await _opened(session, article, locale, who)
        except (NoSuchArticle, checks.Invalid):
            missing = page("knowledge_gone.html", who.locale, who)
            missing.status_code = 404
            return missing
        if view == "history":
            return page("knowledge_history.html", who.locale, who, **_chosen(values, version))
        values["live"] = await live_values(values["entry"])
        values["translator"] = desk.bridge.by if desk.bridge else None
        return page("knowledge_article.html", who.locale, who, **values)

    async def live_values(entry: Entry | None) -> dict[str, Any]:
        if entry is None or entry.state != PUBLISHED:
            return {"state": entry.state if entry else "new"}
        if await desk.indexing.is_live(entry.article, entry.locale):
            return {"state": "live"}
        return {"state": "soon", "progress": desk.indexing.progress}

    @router.get("/desk/parts/knowledge/live/{article:path}")
    async def live_part(request: Request, article: Id, locale: Tag) -> Response:
        who = await page_reader(desk, request)
        try:
            async with desk.db.reading() as session:
                entry = await articles.entry(session, article, locale)
        except NoSuchArticle:
            raise ApiError(404, "not_found") from None
        return page(
            "parts/knowledge_live.html",
            who.locale,
            who,
            entry=entry,
            live=await live_values(entry),
        )

    @router.post("/desk/parts/knowledge/preview")
    async def preview(body: Markdown, request: Request) -> Response:
        who = await writer(desk, request)
        return page("parts/knowledge_preview.html", who.locale, who, text=body.body)

    @router.post("/desk/parts/knowledge/conflict/{article:path}")
    async def conflict(article: Id, body: Unsaved, request: Request) -> Response:
        who = await writer(desk, request)
        try:
            async with desk.db.reading() as session:
                current, made, draft = await _standing(session, article, body)
                names = await views.names(session)
        except NoSuchArticle:
            raise ApiError(404, "not_found") from None
        mine = Entry(
            article,
            body.locale,
            body.title,
            body.body.replace("\r\n", "\n"),
            kb.questions_of(body.questions),
            current.tags,
        )
        return page(
            "parts/knowledge_conflict.html",
            who.locale,
            who,
            current=current,
            made=made,
            draft=draft,
            names=names,
            lines=kb.compare(current, mine),
            direction=direction,
        )

    return router


async def _standing(
    session: AsyncSession, article: str, mine: Unsaved
) -> tuple[Entry, kb.Change | drafts.Pending, str]:
    """What an author ran into: the body where it moved on, else the draft that waits beside it."""
    there = await articles.entries(session, [article], mine.locale)
    waiting = (await drafts.pending(session, [article])).get((article, mine.locale))
    if waiting and mine.version == (there[0].version if there else 0):
        return waiting.entry, waiting, waiting.mark
    if not there:
        raise NoSuchArticle(article)
    return there[0], (await kb.changes(session, article, mine.locale))[0], ""


async def _opened(session: AsyncSession, article: str, locale: str, who: Who) -> dict[str, Any]:
    entries = {e.locale: e for e in await articles.entries(session, [article])}
    if not entries:
        raise NoSuchArticle(article)
    source_locale = next(iter(entries.values())).source_locale
    tag = checks.locale_tag(locale) if locale else nearest(who.locale, entries)
    entry, source = entries.get(tag), entries.get(source_locale)
    found = await kb.listed(session, kb.Filter(), who.locale)
    badges = await kb.badges_of(session, article, source_locale, found.main)
    past = await kb.changes(session, article, tag)
    waiting = (await drafts.pending(session, [article])).get((article, tag))
    text = waiting.entry if waiting else entry
    stale = bool(text and source and not text.is_source and articles.stale([text, source]))
    return {
        "article": article,
        "locale_tag": tag,
        "entry": entry,
        "source": source if tag != source_locale else None,
        "source_locale": source_locale,
        "stale": stale,
        "moved": await _moved(session, text, source) if stale else [],
        "waiting": waiting,
        "latest": text,
        "beside": kb.compare(entry, waiting.entry) if entry and waiting else [],
        "badges": badges,
        "others": [one for one in known() if one.tag not in {badge.locale for badge in badges}],
        "changes": past,
        "recent": past[:_RECENT_CHANGES],
        "names": await views.names(session),
        "unwritten": say("desk.kb.unwritten", tag),
        "categories": found.categories,
        "category": next(iter(entries.values())).category,
        "address": kb.address,
        "direction": direction,
        "every": known(),
    }


async def _moved(session: AsyncSession, entry: Entry | None, source: Entry | None) -> list[kb.Line]:
    """What the source says differently since a translation was made of it."""
    if entry is None or source is None:
        return []
    past = await kb.changes(session, source.article, source.locale)
    old = next((c.entry for c in past if c.version == entry.source_version), None)
    return kb.compare(old, source) if old else []


def _chosen(values: dict[str, Any], version: int | None) -> dict[str, Any]:
    """A version to look at, and what it changed."""
    past: list[kb.Change] = values["changes"]
    at = next((n for n, change in enumerate(past) if change.version == version), 0)
    chosen = past[at] if past else None
    before = past[at + 1].entry if at + 1 < len(past) else None
    return {
        **values,
        "chosen": chosen,
        "lines": kb.compare(before, chosen.entry) if chosen else [],
    }

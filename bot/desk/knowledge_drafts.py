"""Saving at the desk: what goes live, what waits beside it, and what a machine drafts."""

import dataclasses
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.errors import ApiError
from bot.desk import audit
from bot.desk.access import Desk, Who, writer
from bot.desk.bodies import ArticleState, ArticleText, MachineDraft, MachineState, WaitingDraft
from bot.desk.knowledge_views import address
from bot.handoff.agents import name_of
from bot.knowledge import articles, checks, drafts, machine
from bot.knowledge.articles import Conflict, Entry, NoSuchArticle
from bot.knowledge.drafts import DraftConflict
from bot.knowledge.models import DRAFT, PUBLISHED, Body
from bot.languages import formats
from bot.languages.locales import known
from bot.languages.say import say

_PER_MINUTE = 10
"""Machine drafts one author may ask for: each is some dozens of lines for the service."""

_NOT_STORED = {"Cache-Control": "no-store"}


class Refused(ValueError):
    """An article cannot be saved as it is; `key` is the string that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclasses.dataclass(frozen=True)
class Saved:
    """What was stored: the body, or a draft with a `mark` beside it."""

    entry: Entry
    mark: str = ""


async def author(desk: Desk, request: Request) -> Who:
    """The agent of a request that changes articles.

    Raises:
        ApiError: 401, 403: nobody is signed in, or they may only read.
    """
    who = await writer(desk, request)
    if not who.writes:
        raise ApiError(403, "not_allowed")
    return who


async def save(session: AsyncSession, wanted: Entry, body: ArticleText, who: Who) -> Saved:
    """Store what an author wrote: as the body, or beside it where clients get the body.

    Raises:
        Conflict: the body, or the draft beside it, is another than the author saw.
        Refused: it is a machine's, and nobody has said that they read it.
    """
    waiting = (await drafts.pending(session, [wanted.article])).get((wanted.article, wanted.locale))
    by_machine = waiting.machine if waiting and waiting.mark == body.draft else ""
    unread = bool(by_machine) and not body.confirmed
    if wanted.state == PUBLISHED and unread:
        raise Refused("desk.kb.confirm_first")
    old = await _stored(session, wanted)
    if wanted.state == DRAFT and (unread or (old and old.state == PUBLISHED)):
        _expected(old, wanted, body.version)
        text = dataclasses.replace(wanted, version=body.version)
        kept = await drafts.keep(session, text, who.id, body.draft, by_machine if unread else "")
        return Saved(kept.entry, kept.mark)
    entry = await articles.write(session, wanted, who.id, body.version)
    await drafts.drop(session, entry, body.draft)
    return Saved(entry)


async def _stored(session: AsyncSession, wanted: Entry) -> Entry | None:
    return next(iter(await articles.entries(session, [wanted.article], wanted.locale)), None)


def _expected(old: Entry | None, wanted: Entry, version: int) -> None:
    if version != (old.version if old else 0):
        raise Conflict(old or dataclasses.replace(wanted, version=0))


def publishable(body: str, state: str) -> None:
    """Let no placeholder go to clients.

    Raises:
        Refused: the body is still the one that says "write here".
    """
    if state == PUBLISHED and unwritten(body):
        raise Refused("desk.kb.write_first")


def unwritten(body: str) -> bool:
    """Is this what stands in a draft that nobody has written yet?"""
    return not body.strip() or body.strip() in {
        say("desk.kb.unwritten", one.tag) for one in known()
    }


def routes(desk: Desk) -> APIRouter:
    """Drafts by machine, and discarding what waits."""
    router = APIRouter(prefix="/api/desk/knowledge", tags=["desk: knowledge"])

    @router.post("/machine-drafts", response_model=MachineState)
    async def draft(body: MachineDraft, request: Request) -> Response | MachineState:
        """Draft an article in a locale with the translation service. No client sees it."""
        who = await author(desk, request)
        translator = desk.bridge.translator if desk.bridge else None
        if translator is None:
            raise ApiError(422, "no_translation")
        await desk.rates.check("machine_draft", who.id, _PER_MINUTE)
        try:
            tag = checks.locale_tag(body.locale)
            async with desk.db.reading() as session:
                source, old = await _beside(session, body.article, tag)
            begun = old.questions if old and unwritten(old.body) else ()
            made = await machine.drafted(source, tag, translator, begun)
            async with desk.db.transaction() as session:
                now = await _stored(session, made.entry)
                _expected(now, made.entry, body.version)
                wanted = dataclasses.replace(made.entry, version=body.version)
                kept = await drafts.keep(session, wanted, who.id, body.draft, translator.name)
                audit.note(
                    session, who.id, "article_drafted",
                    article=wanted.article, locale=tag, machine=translator.name,
                )  # fmt: skip
        except machine.NotTranslated as error:
            return _not_translated(error, translator.name, who)
        except UNSAVED as error:
            return await refusal(desk, error, who)
        left = say("desk.kb.machine_left", who.locale, count=made.left) if made.left else ""
        return MachineState(
            **state_of(kept.entry, kept.mark).dict(),
            message=" ".join(filter(None, (say("desk.kb.machine_done", who.locale), left))),
        )

    @router.delete("/{article:path}", response_model=ArticleState)
    async def discard(
        article: str, body: WaitingDraft, request: Request
    ) -> Response | ArticleState:
        """Discard the draft that waits; the body stays as it is."""
        who = await author(desk, request)
        try:
            async with desk.db.transaction() as session:
                waiting = (await drafts.pending(session, [article])).get((article, body.locale))
                if waiting is None:
                    raise ApiError(404, "not_found")
                await drafts.drop(session, waiting.entry, body.draft)
                audit.note(session, who.id, "draft_discarded", article=article, locale=body.locale)
                entry = await _stored(session, waiting.entry)
        except UNSAVED as error:
            return await refusal(desk, error, who)
        return state_of(entry or waiting.entry)

    return router


async def _beside(session: AsyncSession, article: str, tag: str) -> tuple[Entry, Entry | None]:
    there = {e.locale: e for e in await articles.entries(session, [article])}
    source = next((e for e in there.values() if e.is_source), None)
    if source is None:
        raise NoSuchArticle(article)
    if tag == source.locale or unwritten(source.body):
        raise Refused("desk.kb.source_first")
    return source, there.get(tag)


def state_of(entry: Entry, mark: str = "") -> ArticleState:
    """What a program is told of an article after a change."""
    return ArticleState(
        article=entry.article,
        locale=entry.locale,
        version=entry.version,
        state=entry.state,
        page=address(entry.article, entry.locale),
        draft=mark,
    )


UNSAVED = (Conflict, NoSuchArticle, Refused, checks.Invalid)
"""Why an article was not saved."""


async def refusal(desk: Desk, error: Exception, who: Who) -> JSONResponse:
    """What one of `UNSAVED` is answered with.

    Raises:
        ApiError: 404, there is no such article.
    """
    if isinstance(error, Conflict):
        return await _conflict(desk, error, who)
    if isinstance(error, Refused):
        return _unprocessable(say(error.key, who.locale))
    if isinstance(error, checks.Invalid):
        reason = _reason(error, who.locale)
        return _unprocessable(say("desk.kb.invalid", who.locale, reason=reason))
    raise ApiError(404, "not_found") from None


async def _conflict(desk: Desk, error: Conflict, who: Who) -> JSONResponse:
    """Somebody was faster: refused, with what stands there now."""
    current = error.current
    async with desk.db.reading() as session:
        if isinstance(error, DraftConflict):
            by, mark = error.pending.by, error.pending.mark
        else:
            mark = ""
            by = await session.scalar(
                sa.select(Body.updated_by).where(
                    Body.article == current.article, Body.locale == current.locale
                )
            )
        name = await name_of(session, by or "") or by or ""
    return JSONResponse(
        {
            "error": {
                "code": "conflict",
                "message": say("desk.kb.conflict", who.locale, name=name),
            },
            "current": {
                "version": current.version,
                "draft": mark,
                "state": current.state,
                "title": current.title,
                "body": current.body,
                "questions": list(current.questions),
                "tags": list(current.tags),
            },
        },
        status_code=409,
        headers=_NOT_STORED,
    )


_LABELS = {
    "title": "article_title", "body": "body", "questions": "questions", "tags": "tags",
    "category": "category", "locale": "locale",
}  # fmt: skip


def _reason(error: checks.Invalid, locale: str) -> str:
    """What is wrong, in an author's language; in English what only a program can bring about."""
    field = error.field.removeprefix("an item of ")
    if not error.fault or field not in _LABELS:
        return str(error)
    values: dict[str, Any] = {
        name: formats.number(value, locale) if isinstance(value, int) else value
        for name, value in error.values.items()
    }
    label = say(f"desk.kb.{_LABELS[field]}", locale)
    return say(f"desk.kb.fault_{error.fault}", locale, field=label, **values)


def _not_translated(error: machine.NotTranslated, name: str, who: Who) -> JSONResponse:
    keys = {"too_long": "desk.kb.machine_long", "no_pair": "desk.kb.machine_no_pair"}
    key = keys.get(error.reason, "desk.kb.machine_failed")
    return _unprocessable(say(key, who.locale, name=name))


def _unprocessable(message: str) -> JSONResponse:
    return JSONResponse(
        {"error": {"code": "invalid", "message": message}}, status_code=422, headers=_NOT_STORED
    )

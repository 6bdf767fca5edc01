"""Canned replies at the desk: the list behind `/`, and the pages on which they are kept."""

import functools
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Extra, Field

from bot.channels.errors import ApiError
from bot.conversations.identities import client_of
from bot.conversations.models import Conversation
from bot.desk import audit, canned
from bot.desk.access import Desk, Who, page_reader, reader, writer
from bot.desk.bodies import HEX_ID, Done, storable
from bot.desk.pages import render
from bot.desk.translating import reader_of
from bot.languages.locales import known
from bot.languages.say import say

_MOST_TEXTS = 200
Id = Annotated[str, Path(pattern=HEX_ID)]


class CannedText(BaseModel):
    """What a reply says in one language; register "" is for every form of address."""

    locale: str = Field(max_length=35)
    register_: str = Field("", max_length=20, alias="register")
    text: str = Field("", max_length=canned.MAX_TEXT)

    class Config:
        extra = Extra.forbid


class CannedReply(BaseModel):
    """A reply, whole. `version` is the one its author saw, 0 for a new one."""

    shortcut: str = Field(regex=canned.SHORTCUT)
    version: int = Field(0, ge=0)
    texts: list[CannedText] = Field(max_items=_MOST_TEXTS)

    class Config:
        extra = Extra.forbid


class Kept(BaseModel):
    """A reply after it was saved, and where the pages go on."""

    id: str
    page: str


class Refused(Exception):
    """A reply is not kept; `code` ends the string key that says why."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code

    def answer(self, request: Request) -> JSONResponse:
        """The refusal, in the reader's language."""
        message = say(f"desk.refused.{self.code}", request.state.locale)
        return JSONResponse(
            {"error": {"code": self.code, "message": message}},
            self.status,
            {"Cache-Control": "no-store"},
        )


def routes(desk: Desk) -> APIRouter:
    """`/desk/replies`, and `/api/desk/canned`."""
    router = APIRouter()
    page = functools.partial(render, desk)

    @router.get("/api/desk/canned", tags=["desk"])
    async def listing(
        request: Request, conversation: Annotated[str, Query(pattern=HEX_ID)]
    ) -> JSONResponse:
        """Every reply as this conversation's client would get it."""
        who = await reader(desk, request)
        async with desk.db.reading() as session:
            row = await session.get(Conversation, conversation)
            if row is None:
                raise ApiError(404, "not_found")
            client = (await client_of(session, conversation)).name
            found = await canned.replies(session)
        values = {"agent": who.name, "shop": desk.settings.shop}
        to = reader_of(desk, who).language
        shown = (canned.filled(one, row.locale, row.register, to, client, values) for one in found)
        return JSONResponse(
            {
                "language": row.locale,
                "replies": [
                    {
                        "id": one.id,
                        "shortcut": one.shortcut,
                        "text": one.text,
                        "language": one.language,
                        "gloss": one.gloss,
                    }
                    for one in shown
                    if one is not None
                ],
            },
            headers={"Cache-Control": "no-store"},
        )

    async def keeper(request: Request) -> Who:
        who = await writer(desk, request)
        if not who.writes:
            raise ApiError(403, "not_allowed")
        return who

    async def keep(request: Request, body: CannedReply, reply: str | None) -> Kept:
        who = await keeper(request)
        tags = {locale.tag for locale in known()}
        texts = {(one.locale, one.register_): storable(one.text) for one in body.texts}
        if any(locale not in tags for locale, _ in texts):
            raise ApiError(422, "unknown_locale")
        if not any(text.strip() for text in texts.values()):
            raise Refused(422, "reply_empty")
        try:
            async with desk.db.transaction() as session:
                if reply is None and len(await canned.replies(session)) >= canned.MAX_REPLIES:
                    raise Refused(422, "reply_many")
                shortcut = storable(body.shortcut).lower()
                kept = await canned.save(session, shortcut, texts, who.id, reply, body.version)
                audit.note(session, who.id, "reply_saved", reply=kept)
        except canned.Taken:
            raise Refused(409, "reply_taken") from None
        except canned.Changed:
            raise Refused(409, "reply_changed") from None
        except canned.NoSuchReply:
            raise ApiError(404, "not_found") from None
        except canned.UnknownPlaceholder:
            raise Refused(422, "reply_placeholder") from None
        return Kept(id=kept, page="/desk/replies")

    @router.post("/api/desk/canned", tags=["desk"], response_model=Kept)
    async def create(body: CannedReply, request: Request) -> Response | Kept:
        """Keep a new reply."""
        try:
            return await keep(request, body, None)
        except Refused as refused:
            return refused.answer(request)

    @router.put("/api/desk/canned/{reply}", tags=["desk"], response_model=Kept)
    async def change(reply: Id, body: CannedReply, request: Request) -> Response | Kept:
        """Change a reply: all its texts are given. 409 if somebody else was faster."""
        try:
            return await keep(request, body, reply)
        except Refused as refused:
            return refused.answer(request)

    @router.delete("/api/desk/canned/{reply}", tags=["desk"], response_model=Done)
    async def remove(reply: Id, request: Request) -> Done:
        """Take a reply out of use."""
        who = await keeper(request)
        try:
            async with desk.db.transaction() as session:
                await canned.archive(session, reply, who.id)
                audit.note(session, who.id, "reply_archived", reply=reply)
        except canned.NoSuchReply:
            raise ApiError(404, "not_found") from None
        return Done(status="archived")

    @router.get("/desk/replies", include_in_schema=False)
    async def every(request: Request) -> Response:
        who = await page_reader(desk, request)
        async with desk.db.reading() as session:
            found = await canned.replies(session)
        return page("replies.html", who.locale, who, replies=found, own=_own(who))

    def _own(who: Who) -> Any:
        """What a reply says to the reader of the list: their language, else any."""

        def text(reply: canned.Reply) -> tuple[str, str]:
            tags = (who.locale, "en", *reply.locales)
            return next(
                (tag, one)
                for tag in tags
                for (locale, _), one in sorted(reply.texts.items())
                if locale == tag
            )

        return text

    async def edited(request: Request, reply: str | None) -> Response:
        who = await page_reader(desk, request)
        found = canned.Reply("", "", 0, {})
        if reply is not None:
            try:
                async with desk.db.reading() as session:
                    found = await canned.one(session, reply)
            except canned.NoSuchReply:
                raise ApiError(404, "not_found") from None
        spoken = [one for one in known() if one.quality != "answers only"]
        return page(
            "reply.html",
            who.locale,
            who,
            reply=found,
            first=[one for one in spoken if one.quality == "complete"],
            others=[one for one in spoken if one.quality != "complete"],
            most=canned.MAX_TEXT,
        )

    @router.get("/desk/replies/new", include_in_schema=False)
    async def new(request: Request) -> Response:
        return await edited(request, None)

    @router.get("/desk/replies/{reply}", include_in_schema=False)
    async def edit(request: Request, reply: Id) -> Response:
        return await edited(request, reply)

    return router

"""The page of what is owed to clients: everybody's, mine, nobody's yet; the most urgent first."""

import datetime as dt
import functools
from typing import Any

from fastapi import APIRouter, Request, Response

from bot.db import now
from bot.desk import views
from bot.desk.access import Desk, Who, page_reader
from bot.desk.pages import render
from bot.feedback import followups
from bot.feedback.followups import Whose
from bot.feedback.summary import summary
from bot.handoff import contact

_FIGURES = dt.timedelta(days=30)


def routes(desk: Desk) -> APIRouter:
    """The page, and the part of it that is fetched again."""
    router = APIRouter(include_in_schema=False)
    page = functools.partial(render, desk)

    @router.get("/desk/follow-ups")
    async def follow_ups(request: Request, done: bool = False, whose: Whose = "all") -> Response:
        who = await page_reader(desk, request)
        return page("follow_ups.html", who.locale, who, **await values(who, done, whose))

    @router.get("/desk/parts/follow-ups")
    async def part(request: Request, done: bool = False, whose: Whose = "all") -> Response:
        who = await page_reader(desk, request)
        return page("parts/follow_ups.html", who.locale, who, **await values(who, done, whose))

    async def values(who: Who, done: bool, whose: Whose) -> dict[str, Any]:
        async with desk.db.reading() as session:
            owed = await followups.owed(session, done, whose=whose, agent=who.id)
            chats = {one.follow_up.conversation_id for one in owed}
            return {
                "owed": owed,
                "clients": await views.client_names(session, chats),
                "names": await views.names(session),
                "colleagues": await views.colleagues(session, who.id),
                "counts": await followups.counts(session, who.id, now()),
                "csat": await summary(session, now() - _FIGURES, now()),
                "readable": contact.readable,
                "done": done,
                "whose": whose,
                "today": now().date(),
            }

    return router

"""Taking the next conversation, and what the queue's list says of who it is for."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.wake import DESK, conversation_topic
from bot.db import JsonDict
from bot.desk import audit, views
from bot.desk.access import Desk, Who, writer
from bot.desk.bodies import Taken
from bot.handoff import pull
from bot.handoff.policy import policy
from bot.languages import formats
from bot.languages.locales import UnknownLocale, name_in
from bot.languages.say import say

OF_ORDER = ("next_in_line", "waited")
"""Reasons that a list shows by its order and times."""


def routes(desk: Desk) -> APIRouter:
    """The next one."""
    router = APIRouter(prefix="/api/desk", tags=["desk"])

    @router.post("/queue/next", response_model=Taken)
    async def take_next(request: Request) -> Response | Taken:
        """Take the waiting conversation that suits this agent best, in one step.

        409 `not_available`, `full` or `nothing`: none was taken, and the message says why.
        """
        who = await writer(desk, request)
        try:
            async with desk.db.transaction() as session:
                row = await pull.take_next(session, who.id, translates=desk.translates)
                audit.note(session, who.id, "claimed", row.conversation_id, how="next")
        except pull.NothingTaken as nothing:
            message = say(f"desk.next_{nothing.why}", request.state.locale)
            return JSONResponse(
                {"error": {"code": nothing.why, "message": message}},
                status_code=409,
                headers={"Cache-Control": "no-store"},
            )
        desk.wake.call(DESK, conversation_topic(row.conversation_id))
        if desk.bridge is not None:
            desk.bridge.due(row.conversation_id)
        return Taken(
            status=row.status,
            handoff=row.id,
            conversation=row.conversation_id,
            page=f"/desk/c/{row.conversation_id}?tab=mine",
        )

    return router


async def rows(
    desk: Desk, session: AsyncSession, tab: views.Tab, who: Who, wanted: views.Wanted
) -> list[views.QueueRow]:
    """A tab's rows; who waits as this agent should see them, with why."""
    if tab != "waiting":
        return await views.rows(session, tab, who.id, wanted)
    choices = await pull.choices(
        session,
        who.id,
        translates=desk.translates,
        language=wanted.language,
        among=await views.unread_handoffs(session, who.id) if wanted.unread else None,
        most=wanted.limit + 1,
    )
    by_handoff = {choice.want.handoff: choice for choice in choices}
    return [
        dataclasses.replace(row, choice=choice, position=choice.want.position)
        for row in await views.rows(session, tab, who.id, wanted, list(by_handoff))
        if (choice := by_handoff.get(row.handoff or "")) is not None
    ]


def in_words(reasons: Iterable[Mapping[str, Any]], locale: str, *, order: bool = False) -> str:
    """Reasons as an agent reads them.

    Args:
        order: say too how long it waited; a list shows that already.
    """
    said = [
        say(f"desk.why.{reason['code']}", locale, None, count=None, **_values(reason, locale))
        for reason in reasons
        if order or reason["code"] not in OF_ORDER
    ]
    return " · ".join(said)


def how(why: JsonDict | None, locale: str) -> str:
    """How a conversation came to who has it, and why; empty where nothing was written down."""
    if not why:
        return ""
    begun = say(f"desk.how.{why['how']}", locale, name=why.get("by") or "")
    rest = in_words(why.get("reasons") or (), locale, order=True)
    return f"{begun}: {rest}" if rest else begun


def _values(reason: Mapping[str, Any], locale: str) -> dict[str, str]:
    values: dict[str, str] = {}
    if "language" in reason:
        try:
            values["language"] = name_in(str(reason["language"]), locale)
        except UnknownLocale:
            values["language"] = str(reason["language"])
    if "skill" in reason:
        values["skill"] = policy().skill_name(str(reason["skill"]), locale)
    if "segment" in reason:
        values["segment"] = str(reason["segment"]).upper()
    if "minutes" in reason:
        values["duration"] = formats.minutes(int(reason["minutes"]), locale)
    return values

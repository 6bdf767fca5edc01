"""The desk's API for what is owed to clients: list, promise, take, give to somebody, finish."""

import datetime as dt
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse

from bot.channels.errors import ApiError
from bot.conversations import log
from bot.conversations.models import Conversation
from bot.conversations.wake import DESK, conversation_topic
from bot.db import now
from bot.desk import audit, views
from bot.desk.access import Desk, reader, writer
from bot.desk.account import refused
from bot.desk.bodies import HEX_ID, FollowUpChange, FollowUpState, Promise
from bot.feedback import followups
from bot.feedback.followups import Owed, Whose
from bot.flow import waits
from bot.handoff import office
from bot.handoff.models import Agent
from bot.handoff.office import OfficeError

_NOT_STORED = {"Cache-Control": "no-store"}
Id = Annotated[str, Path(pattern=HEX_ID)]
_LATEST = dt.timedelta(days=366)


def routes(desk: Desk) -> APIRouter:
    """The follow-ups' part of the API."""
    router = APIRouter(prefix="/api/desk", tags=["desk"])

    @router.get("/follow-ups")
    async def show(request: Request, done: bool = False, whose: Whose = "all") -> JSONResponse:
        """What is owed to clients, the most urgent first."""
        who = await reader(desk, request)
        async with desk.db.reading() as session:
            found = await followups.owed(session, done, whose=whose, agent=who.id)
            names = await views.names(session)
        return JSONResponse(
            {"follow_ups": [_owed(owed, names) for owed in found]}, headers=_NOT_STORED
        )

    @router.post("/conversations/{chat}/follow-ups", response_model=FollowUpState)
    async def promise(chat: Id, body: Promise, request: Request) -> Response | FollowUpState:
        """Promise a client something by a day; whoever promises owns it unless another is named."""
        who = await writer(desk, request)
        if not body.note.strip():
            raise ApiError(422, "empty")
        try:
            async with desk.db.transaction() as session:
                conversation = await session.get(Conversation, chat)
                if conversation is None:
                    raise log.UnknownConversation(chat)
                owner = body.owner or who.id
                await _must_exist(session, owner)
                house = await office.read(session, desk.settings)
                schedule = house.team(conversation.locale).schedule
                due = (
                    _end_of(body.due, schedule.zone) if body.due else waits.due_by(now(), schedule)
                )
                made = await followups.promise(
                    session,
                    chat,
                    kind="promise",
                    due=due,
                    owner=owner,
                    note=body.note,
                    language=conversation.locale,
                    by=who.id,
                )
                audit.note(session, who.id, "follow_up_promised", chat, follow_up=made.id)
        except log.UnknownConversation:
            raise ApiError(404, "not_found") from None
        except OfficeError as error:
            return refused(error.code, request)
        desk.wake.call(DESK, conversation_topic(chat))
        return FollowUpState(status="open")

    @router.post("/follow-ups/{follow_up}/take", response_model=FollowUpState)
    async def take(follow_up: Id, request: Request) -> FollowUpState:
        """Make a follow-up one's own."""
        who = await writer(desk, request)
        async with desk.db.transaction() as session:
            if not await followups.take(session, follow_up, who.id):
                raise ApiError(404, "not_found")
            audit.note(session, who.id, "follow_up_taken", follow_up=follow_up)
        desk.wake.call(DESK)
        return FollowUpState(status="open")

    @router.patch("/follow-ups/{follow_up}", response_model=FollowUpState)
    async def change(
        follow_up: Id, body: FollowUpChange, request: Request
    ) -> Response | FollowUpState:
        """Give a follow-up to somebody, to nobody, or another day."""
        who = await writer(desk, request)
        values: dict[str, object] = {}
        if body.due is not None:
            try:
                values["due_at"] = _end_of(body.due, desk.settings.time_zone)
            except OfficeError as error:
                return refused(error.code, request)
        async with desk.db.transaction() as session:
            if body.owner is not None:
                if body.owner:
                    await _must_exist(session, body.owner)
                values["owner_id"] = body.owner or None
            if values and not await followups.change(session, follow_up, who.id, **values):
                raise ApiError(404, "not_found")
            audit.note(session, who.id, "follow_up_changed", follow_up=follow_up)
        desk.wake.call(DESK)
        return FollowUpState(status="open")

    @router.post("/follow-ups/{follow_up}/done", response_model=FollowUpState)
    async def done_with(follow_up: Id, request: Request) -> FollowUpState:
        """What was owed has been done."""
        who = await writer(desk, request)
        async with desk.db.transaction() as session:
            if not await followups.finish(session, follow_up, who.id):
                raise ApiError(404, "not_found")
            audit.note(session, who.id, "follow_up_done", follow_up=follow_up)
        desk.wake.call(DESK)
        return FollowUpState(status="done")

    return router


async def _must_exist(session: Any, agent: str) -> None:
    found = await session.get(Agent, agent)
    if found is None or found.disabled:
        raise ApiError(422, "no_such_agent")


def _end_of(day: dt.date, zone: str) -> dt.datetime:
    today = now().astimezone(ZoneInfo(zone)).date()
    if not today <= day <= today + _LATEST:
        raise OfficeError("bad_day")
    return followups.end_of(day, zone)


def _owed(owed: Owed, names: dict[str, str]) -> dict[str, Any]:
    follow_up, rating = owed.follow_up, owed.rating
    return {
        "id": follow_up.id,
        "kind": follow_up.kind,
        "conversation": follow_up.conversation_id,
        "owner": names.get(follow_up.owner_id or ""),
        "due": follow_up.due_at.isoformat(),
        "overdue": follow_up.status == "open" and follow_up.due_at < now(),
        "status": follow_up.status,
        "note": follow_up.note,
        "contact": follow_up.contact,
        "score": rating and rating.score,
        "comment": rating and rating.comment,
        "language": owed.language,
    }

"""The desk's API: the queue, claiming, answering, resolving, live hints."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.errors import ApiError
from bot.conversations import files, interactions, log, ownership, reading
from bot.conversations.models import Conversation
from bot.conversations.wake import DESK, conversation_topic
from bot.desk import audit, events, routing_api, translating, views, wrap_up
from bot.desk.access import Desk, Who, reader, writer
from bot.desk.bodies import HEX_ID, Done, NewMessage, Note, Read, Resolve, Sent, Transfer
from bot.handoff import closing, pull, queue
from bot.handoff.agents import name_of
from bot.handoff.models import Handoff
from bot.handoff.policy import policy
from bot.languages.say import say

_SKILL = "skill:"
_NOT_STORED = {"Cache-Control": "no-store"}
Id = Annotated[str, Path(pattern=HEX_ID)]


class Held(Exception):
    """Somebody else has the conversation, or nobody does."""

    def __init__(self, holder: str | None) -> None:
        super().__init__(holder)
        self.holder = holder


def _held(holder: str | None, request: Request) -> JSONResponse:
    locale = request.state.locale
    message = (
        say("desk.held_by", locale, name=holder) if holder else say("desk.held_by_nobody", locale)
    )
    return JSONResponse(
        {"error": {"code": "held", "message": message}, "winner": holder},
        status_code=409,
        headers=_NOT_STORED,
    )


def _unread(request: Request) -> JSONResponse:
    message = say("desk.unread_first", request.state.locale)
    return JSONResponse(
        {"error": {"code": "unread", "message": message}}, status_code=409, headers=_NOT_STORED
    )


def routes(desk: Desk) -> APIRouter:
    """The working part of the desk's API."""
    router = APIRouter(prefix="/api/desk", tags=["desk"])

    def woken(conversation: str) -> None:
        desk.wake.call(DESK, conversation_topic(conversation))

    @router.get("/queue")
    async def show_queue(request: Request) -> JSONResponse:
        """Who waits, longest first, and what is mine."""
        who = await reader(desk, request)
        async with desk.db.reading() as session:
            waiting = await routing_api.rows(desk, session, "waiting", who, views.EVERYTHING)
            mine = await views.rows(session, "mine", who.id)
        return JSONResponse(
            {"waiting": [_row(row) for row in waiting], "mine": [_row(row) for row in mine]},
            headers=_NOT_STORED,
        )

    @router.get("/events")
    async def live(
        request: Request, conversation: Annotated[str | None, Query(pattern=HEX_ID)] = None
    ) -> StreamingResponse:
        """Server-sent hints: `changed`, `typing`, `signed_out`. Fetch what they name."""
        who = await reader(desk, request)
        return StreamingResponse(
            events.stream(desk, who.token_hash, conversation),
            media_type="text/event-stream",
            headers=events.HEADERS,
        )

    @router.post("/handoffs/{handoff}/claim", response_model=Done)
    async def claim(handoff: Id, request: Request) -> Response | Done:
        """Take a waiting conversation. One agent wins; the others get 409 and the winner."""
        who = await writer(desk, request)
        try:
            async with desk.db.transaction() as session:
                result = await pull.claim(session, handoff, who.id, translates=desk.translates)
                if isinstance(result, queue.Won):
                    conversation = result.handoff.conversation_id
                    audit.note(session, who.id, "claimed", conversation)
        except queue.UnknownHandoff:
            raise ApiError(404, "not_found") from None
        if isinstance(result, queue.Lost):
            return _held(result.winner, request)
        woken(result.handoff.conversation_id)
        if desk.bridge is not None:
            desk.bridge.due(result.handoff.conversation_id)  # for its new reader
        return Done(status=result.handoff.status, conversation=result.handoff.conversation_id)

    async def ended(
        request: Request, end: Callable[[AsyncSession], Awaitable[Handoff]]
    ) -> Response | Done:
        """What came of an agent's giving a conversation away."""
        try:
            async with desk.db.transaction() as session:
                row = await end(session)
        except queue.UnknownHandoff:
            raise ApiError(404, "not_found") from None
        except queue.Unavailable:
            raise ApiError(422, "no_such_agent") from None
        except closing.Unread:
            return _unread(request)
        except queue.NotYours as error:
            return _held(error.holder, request)
        desk.composing.stop(row.conversation_id, "agent")
        woken(row.conversation_id)
        return Done(status=row.status, conversation=row.conversation_id)

    @router.post("/handoffs/{handoff}/resolve", response_model=Done)
    async def resolve(
        handoff: Id, request: Request, body: Resolve | None = None
    ) -> Response | Done:
        """Done: the client is asked for a rating and the assistant listens again."""
        who = await writer(desk, request)
        return await ended(
            request, lambda session: wrap_up.close(desk, session, handoff, who, body)
        )

    @router.post("/handoffs/{handoff}/transfer", response_model=Done)
    async def transfer(handoff: Id, body: Transfer, request: Request) -> Response | Done:
        """Pass a conversation to the queue, to another agent, or back to the assistant."""
        who = await writer(desk, request)
        return await ended(request, lambda session: _pass_on(session, handoff, body, who))

    @router.post("/handoffs/{handoff}/note", response_model=Sent)
    async def note_on_handoff(handoff: Id, body: Note, request: Request) -> Sent:
        """A note that only the desk sees."""
        who = await writer(desk, request)
        async with desk.db.transaction() as session:
            row = await session.get(Handoff, handoff)
            if row is None:
                raise ApiError(404, "not_found")
            seq = await queue.add_note(session, row.conversation_id, who.id, body.text)
            audit.note(session, who.id, "noted", row.conversation_id)
        woken(row.conversation_id)
        return Sent(seq=seq, id=f"{row.conversation_id}-{seq}")

    @router.get("/conversations/{chat}")
    async def show(chat: Id, request: Request) -> JSONResponse:
        """A conversation: messages, client, interaction, what the assistant learned."""
        who = await reader(desk, request)
        async with desk.db.reading() as session:
            found = await views.opened(session, chat, who.locale)
        if found is None:
            raise ApiError(404, "not_found")
        await note_reading(desk, who, chat)
        return JSONResponse(_opened(found), headers=_NOT_STORED)

    @router.post("/conversations/{chat}/messages", status_code=202, response_model=Sent)
    async def answer(chat: Id, body: NewMessage, request: Request) -> Response | Sent:
        """Write to the client. The same id and text again is the same message."""
        who = await writer(desk, request)
        if not body.text.strip() and not body.attachments:
            raise ApiError(422, "empty")
        try:
            async with desk.db.transaction() as session:
                seq = await _append(desk, session, chat, body, who)
        except log.UnknownConversation:
            raise ApiError(404, "not_found") from None
        except Held as error:
            return _held(error.holder, request)
        desk.composing.stop(chat, "agent")
        woken(chat)
        return Sent(seq=seq, id=body.id)

    @router.post("/conversations/{chat}/reach-out", response_model=Done)
    async def reach_out(chat: Id, request: Request) -> Response | Done:
        """Take a conversation that nobody waits in, to write to its client first."""
        who = await writer(desk, request)
        try:
            async with desk.db.transaction() as session:
                result = await queue.reach_out(session, chat, who.id)
                if isinstance(result, queue.Won):
                    audit.note(session, who.id, "reached_out", chat)
        except log.UnknownConversation:
            raise ApiError(404, "not_found") from None
        if isinstance(result, queue.Lost):
            return _held(result.winner, request)
        woken(chat)
        return Done(status=result.handoff.status, conversation=chat)

    @router.post("/conversations/{chat}/read", status_code=204)
    async def read(chat: Id, body: Read, request: Request) -> Response:
        """The agent has had the conversation on their screen up to this number."""
        who = await writer(desk, request)
        async with desk.db.transaction() as session:
            await reading.mark(session, chat, ownership.agent_owner(who.id), body.seq)
        return Response(status_code=204)

    @router.post("/conversations/{chat}/typing", status_code=204)
    async def typing(chat: Id, request: Request) -> Response:
        """The agent is writing; the client sees it for a few seconds."""
        who = await writer(desk, request)
        async with desk.db.reading() as session:
            row = await session.get(Conversation, chat)
        if row is not None and row.owner == ownership.agent_owner(who.id):
            desk.composing.mark(chat, "agent")
            desk.wake.call(conversation_topic(chat))
        return Response(status_code=204)

    return router


async def note_reading(desk: Desk, who: Who, conversation: str) -> None:
    """Write down that an agent has read a conversation."""
    async with desk.db.reading() as session:
        if await audit.already_read(session, who.id, conversation):
            return
    async with desk.db.transaction() as session:
        audit.note(session, who.id, "read", conversation)


async def _append(desk: Desk, session: AsyncSession, chat: str, body: NewMessage, who: Who) -> int:
    # Taken first: it locks the conversation's row, so that a racing repeat waits and is seen.
    seq = await log.next_seq(session, chat)
    earlier = await log.find(session, chat, "agent", body.id)
    if earlier is not None:
        if not _same(earlier, body):
            raise ApiError(409, "id_taken")
        await log.give_back(session, chat, seq)
        return earlier.seq
    row = await session.get(Conversation, chat, populate_existing=True)
    if row.owner != ownership.agent_owner(who.id):
        holder = ownership.agent_of(row.owner)
        raise Held(await name_of(session, holder) if holder else None)
    content = {
        "text": str(body.text),
        "language": None,
        "name": who.name,
        "agent": who.id,
        **translating.carried(desk, body),
    }
    if body.attachments:
        content |= await _files(session, row, body, seq)
    log.add(session, chat, seq, log.MESSAGE, content, "agent", body.id)
    interaction = await interactions.ensure_open(session, chat, seq, row.owner)
    if body.article:
        interactions.note(interaction, "articles", body.article)
    return seq


def _same(earlier: log.Message, body: NewMessage) -> bool:
    """Whether a repeated id came with the same message."""
    payload = earlier.payload
    said = "" if payload.get("captionless") else payload.get("original", payload)["text"]
    kept = [file["id"] for file in payload.get("attachments", ())]
    return said == body.text and kept == body.attachments


async def _files(
    session: AsyncSession, row: Conversation, body: NewMessage, seq: int
) -> dict[str, Any]:
    try:
        taken = await files.take(session, row.id, row.owner, body.attachments, seq)
    except files.Unfit as unfit:
        raise ApiError(422, unfit.code) from None
    if body.text.strip():
        return {"attachments": taken}
    word = row.voice.say(files.word_for(taken))
    return {"attachments": taken, "text": word, "language": row.locale, "captionless": True}


async def _pass_on(session: AsyncSession, handoff: str, body: Transfer, who: Who) -> Handoff:
    if body.to == "bot":
        row = await closing.return_to_bot(session, handoff, who.id, who.supervises, body.seen)
        if body.note.strip():
            await queue.add_note(session, row.conversation_id, who.id, body.note)
    else:
        skill = body.to[len(_SKILL) :] if body.to.startswith(_SKILL) else None
        if skill is not None and skill not in policy().skills:
            raise queue.Unavailable(skill)
        to = None if skill is not None or body.to == "queue" else body.to
        row = await queue.transfer(
            session, handoff, who.id, to, body.note, who.supervises, skill=skill
        )
    audit.note(session, who.id, "transferred", row.conversation_id, to=body.to)
    return row


def _row(row: views.QueueRow) -> dict[str, Any]:
    return {
        "handoff": row.handoff,
        "conversation": row.conversation,
        "status": row.status,
        "reason": row.reason,
        "language": row.language,
        "client": row.client,
        "waiting_since": row.since.isoformat(),
        "position": row.position,
        "suggested": row.choice is not None and row.choice.suggested,
        "why": list(row.choice.reasons) if row.choice is not None else [],
        "last": {"author": row.last_author, "text": row.last_text, "at": row.last_at.isoformat()},
    }


def _opened(found: views.Opened) -> dict[str, Any]:
    holder = found.holder.name if found.holder else None
    interaction = found.interaction
    return {
        "conversation": found.conversation.id,
        "owner": found.conversation.owner.split(":")[0],
        "agent": holder,
        "handoff": found.handoff.id if found.handoff else None,
        "locale": found.conversation.locale,
        "client": {
            "name": found.client.name,
            "email": found.client.email,
            "preferred_language": found.client.preferred_language,
            "time_zone": found.conversation.time_zone or found.client.time_zone,
        },
        "interaction": interaction
        and {
            "outcome": interaction.outcome,
            "topics": interaction.topics,
            "articles": interaction.articles,
            "languages": interaction.languages,
            "opened_at": interaction.opened_at.isoformat(),
        },
        "ratings": [
            {"status": each.status, "score": each.score, "comment": each.comment}
            for each in found.ratings
        ],
        "learned": [{"entity": entity, "value": value} for entity, value in found.briefing.known],
        "messages": [
            {
                "seq": item.seq,
                "kind": item.kind,
                "author": item.author,
                "text": item.text,
                "language": item.language,
                "name": item.payload.get("name"),
                "at": item.at.isoformat(),
                "original": item.payload.get("original"),
                "attachments": item.payload.get("attachments", []),
                "delivery": _delivery(found.history.deliveries.get(item.seq)),
                "translations": [
                    {key: one[key] for key in ("language", "text", "by", "failure")}
                    for one in found.history.translations.get(item.seq, {}).values()
                ],
            }
            for item in found.history.items
            if item.kind in (log.MESSAGE, "note")
        ],
    }


def _delivery(known: tuple[str, str | None] | None) -> dict[str, str | None] | None:
    return known and dict(zip(("state", "reason"), known, strict=True))

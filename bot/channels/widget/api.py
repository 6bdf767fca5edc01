"""The client API: everything a client of the shop may ask of Setu, over HTTP.

A conversation is opened by its bearer token alone, which is only ever sent in the Authorization
header. An unknown conversation and a wrong token get the same answer.
"""

import asyncio
import hashlib
from collections.abc import Collection
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from bot.channels.contract import Inbound, Inbox, Refused
from bot.channels.errors import ApiError, accepted_languages
from bot.channels.limits import Rates, network_of
from bot.channels.widget import attachments, bodies, conversations, stream
from bot.channels.widget.config import Config, config, interface_locale
from bot.channels.widget.identify import BadIdentity, person_of
from bot.channels.widget.starters import Starters
from bot.channels.widget.views import AgentName, WaitLine, look
from bot.channels.widget.watch import Watch
from bot.conversations import identities, linking, ownership, reading
from bot.conversations.composing import Composing
from bot.conversations.models import Conversation
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database
from bot.languages.locales import negotiate
from bot.languages.territory import spoken_tag
from bot.settings import Settings

_STATUS = {"id_taken": 409}  # of the inbox's refusals; the others are 422
_LARGEST = 2**31 - 1  # what an event's number can be on PostgreSQL
_STREAMS = 10  # open at once for one conversation: tabs of one browser, and then some
_TYPING_PER_MINUTE = 60
_LINKS_PER_MINUTE = 3
_READS_PER_MINUTE = 120

ConversationId = Annotated[str, Path(pattern="^[0-9a-f]{32}\\Z")]
After = Annotated[int, Query(ge=0, le=_LARGEST)]


def router(
    settings: Settings,
    db: Database,
    inbox: Inbox,
    wake: Wake,
    composing: Composing,
    shutdown: asyncio.Event,
    *,
    agent_name: AgentName | None = None,
    wait_line: WaitLine | None = None,
    channels: Collection[str] = (),
    starters: Starters | None = None,
) -> APIRouter:
    """The client API's routes, under `/api/`.

    Args:
        shutdown: set when the server begins to stop; event streams end at once.
        channels: the names of those that are on besides this one.
        agent_name: how clients see an agent; without it they see none.
        starters: the questions a chat opens with; without them there are none.
        wait_line: how a wait stands in a few words; without it clients see no such line.
    """
    refusal = {"model": bodies.Refusal, "description": "Refused; nothing was changed"}
    api = APIRouter(prefix="/api", tags=["Client"], responses={"4XX": refusal})
    rates = Rates()
    watch = Watch(db, wake)
    streams = stream.Streams(db, watch, composing, shutdown, agent_name, wait_line)

    async def opened(
        request: Request, conversation: ConversationId, authorization: Annotated[str, Header()] = ""
    ) -> Conversation:
        scheme, _, token = authorization.partition(" ")
        found = None
        if scheme.lower() == "bearer" and token:
            async with db.reading() as session:
                found = await identities.by_token(session, conversation, token.strip())
        if found is None:
            raise ApiError(401, "unauthorized", {"WWW-Authenticate": "Bearer"})
        request.state.locale = found.locale
        return found

    Opened = Annotated[Conversation, Depends(opened)]

    @api.post("/conversations", status_code=201, response_model=bodies.Opened)
    async def start(
        body: bodies.NewConversation,
        request: Request,
        accept_language: Annotated[str, Header()] = "",
    ) -> bodies.Opened:
        """Begin a conversation. Its token is given out this once."""
        await rates.check("conversations", network_of(request), settings.conversations_per_minute)
        request.state.locale = negotiate([body.locale]) if body.locale else None
        languages = accepted_languages(accept_language)
        for last in (False, True):
            try:
                async with db.transaction() as session:
                    conversation, token = await conversations.open_conversation(
                        session, body, languages, settings.default_locale
                    )
                break
            except sa.exc.IntegrityError:
                # Another request of the same browser was faster: now its rows are to be found.
                if last:
                    raise
        return bodies.Opened(conversation=conversation, token=token)

    @api.post(
        "/conversations/{conversation}/messages", status_code=202, response_model=bodies.Received
    )
    async def send(conversation: Opened, body: bodies.NewMessage) -> bodies.Received:
        """Send a message. Repeat it with the same id until it is answered: it stands once."""
        await rates.check("messages", conversation.id, settings.messages_per_minute)
        inbound = Inbound(
            conversation.id,
            body.id,
            text=body.text,
            payload=body.payload,
            files=tuple(body.attachments),
        )
        try:
            accepted = await inbox.accept(inbound)
        except Refused as refused:
            raise ApiError(_STATUS.get(refused.code, 422), refused.code) from refused
        composing.stop(conversation.id, "client")
        return bodies.Received(seq=accepted.seq, id=body.id)

    @api.get("/conversations/{conversation}/messages", response_model=bodies.History)
    async def read(conversation: Opened, response: Response, after: After = 0) -> bodies.History:
        """Messages after a number, oldest first, at most 200 at once."""
        response.headers["Cache-Control"] = "no-store"
        async with db.reading() as session:
            view = await look(session, conversation.id, after, agent_name, wait_line)
        if view is None:
            raise ApiError(401, "unauthorized", {"WWW-Authenticate": "Bearer"})
        if view.owner == ownership.QUEUE:
            await identities.seen(db, conversation.id)
        state = view.state(conversation.id, composing)
        return bodies.History(**state.dict(), messages=list(view.messages), more=view.more)

    @api.get(
        "/conversations/{conversation}/events",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}},
    )
    async def events(
        conversation: Opened,
        after: After = 0,
        last_event_id: Annotated[int | None, Header(ge=0, le=_LARGEST)] = None,
    ) -> StreamingResponse:
        """Server-sent events: `message` (its number is the event's id) and `state`."""
        if watch.readers(conversation.id) >= _STREAMS:
            raise ApiError(429, "too_many", {"Retry-After": "30"})
        cursor = after if last_event_id is None else last_event_id
        return StreamingResponse(
            streams.events(conversation.id, cursor, conversation.token_hash),
            media_type="text/event-stream",
            headers=stream.HEADERS,
        )

    attachments.add(api, settings, db, rates, opened)

    @api.patch("/conversations/{conversation}", response_model=bodies.Settled)
    async def change(conversation: Opened, body: bodies.Change) -> bodies.Settled:
        """Choose the conversation's language or time zone."""
        await rates.check("changes", conversation.id, settings.messages_per_minute)
        async with db.transaction() as session:
            settled = await conversations.change(session, conversation.id, body)
        wake.call(conversation_topic(conversation.id))
        return settled

    @api.post("/conversations/{conversation}/typing", status_code=204)
    async def typing(conversation: Opened) -> None:
        """Say that the client is writing. Holds for a few seconds; repeat it about every three."""
        await rates.check("typing", conversation.id, _TYPING_PER_MINUTE)
        composing.mark(conversation.id, "client")
        wake.call(conversation_topic(conversation.id))

    @api.post("/conversations/{conversation}/read", status_code=204)
    async def seen(conversation: Opened, body: bodies.ReadUpTo) -> None:
        """Say up to which message the client has had the chat on their screen."""
        await rates.check("read", conversation.id, _READS_PER_MINUTE)
        async with db.transaction() as session:
            news = await reading.mark(session, conversation.id, reading.CLIENT, body.seq)
        if news:
            wake.call(conversation_topic(conversation.id))

    @api.post("/conversations/{conversation}/identify", status_code=204)
    async def identify(conversation: Opened, body: bodies.Identification) -> None:
        """Tell who the client is, by a token that the shop's server has signed."""
        await rates.check("changes", conversation.id, settings.messages_per_minute)
        if not settings.widget_secret:
            raise ApiError(403, "identify_off")
        try:
            person = person_of(body.token, settings.widget_secret)
        except BadIdentity as error:
            raise ApiError(403, "bad_identity") from error
        async with db.transaction() as session:
            await conversations.identify(session, conversation.id, person)
        wake.call(DESK, conversation_topic(conversation.id))

    @api.post("/conversations/{conversation}/link", response_model=bodies.Linking)
    async def link(conversation: Opened, body: bodies.Link) -> bodies.Linking:
        """Prove to be in another chat too: a code to write there, or one sent there to write here.

        Writing it makes one profile of both. `/link`, written in any chat, asks for one as well.
        """
        await rates.check("link", conversation.id, _LINKS_PER_MINUTE)
        code = None
        try:
            async with db.transaction() as session:
                if body.channel is None:
                    code = await linking.issue(session, conversation.identity_id)
                elif body.channel not in channels:
                    raise ApiError(404, "not_found")
                else:
                    await linking.send_code(
                        session, body.channel, str(body.address), conversation.locale
                    )
        except linking.TooMany as error:
            raise ApiError(429, "too_many", {"Retry-After": "3600"}) from error
        wake.call(DESK)
        return bodies.Linking(code=code, minutes=linking.MINUTES)

    @api.get("/widget/config", response_model=Config)
    async def widget_config(
        locale: Annotated[str, Query(max_length=35)] = "",
        time_zone: Annotated[str, Query(max_length=60)] = "",
        accept_language: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """The interface's texts in a language, else in the browser's, else in the shop's own."""
        tags = [locale, *accepted_languages(accept_language)]
        spoken = interface_locale(tags, settings.default_locale)
        territory = conversations.territory_among(tags, spoken)
        local = spoken_tag(spoken, territory, bodies.known_zone(time_zone))
        opening = starters.of(local) if starters else ()
        described = config(
            local, settings.shop, settings.attachment_mb, frozenset(channels), opening
        )
        content = described.json(ensure_ascii=False).encode()
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {
            "ETag": tag,
            "Cache-Control": "public, max-age=60",
            "Vary": "Accept-Language",
            "Content-Language": local,
        }
        if tag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    return api

"""Talking: a client's messages in, everybody's out, and who is writing or has read how far."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse

from bot.channels.contract import Inbound, Refused
from bot.channels.errors import ApiError
from bot.channels.widget import bodies, stream
from bot.channels.widget.access import Widget, unauthorized
from bot.channels.widget.views import look
from bot.channels.widget.watch import Watch
from bot.conversations import identities, ownership, reading
from bot.conversations.models import Conversation
from bot.conversations.wake import conversation_topic

_STATUS = {"id_taken": 409}  # of the inbox's refusals; the others are 422
_LARGEST = 2**31 - 1  # what an event's number can be on PostgreSQL
_STREAMS = 10  # open at once for one conversation: tabs of one browser, and then some
_TYPING_PER_MINUTE = 60
_READS_PER_MINUTE = 120

After = Annotated[int, Query(ge=0, le=_LARGEST)]


def add(api: APIRouter, widget: Widget) -> None:
    """Add the routes to the client API."""
    Opened = Annotated[Conversation, Depends(widget.opened)]
    watch = Watch(widget.db, widget.wake)
    streams = stream.Streams(
        widget.db, watch, widget.composing, widget.shutdown, widget.agent_name, widget.wait_line
    )

    @api.post(
        "/conversations/{conversation}/messages", status_code=202, response_model=bodies.Received
    )
    async def send(conversation: Opened, body: bodies.NewMessage) -> bodies.Received:
        """Send a message. Repeat it with the same id until it is answered: it stands once."""
        await widget.rates.check("messages", conversation.id, widget.settings.messages_per_minute)
        inbound = Inbound(
            conversation.id,
            body.id,
            text=body.text,
            payload=body.payload,
            files=tuple(body.attachments),
        )
        try:
            accepted = await widget.inbox.accept(inbound)
        except Refused as refused:
            raise ApiError(_STATUS.get(refused.code, 422), refused.code) from refused
        widget.composing.stop(conversation.id, "client")
        return bodies.Received(seq=accepted.seq, id=body.id)

    @api.get("/conversations/{conversation}/messages", response_model=bodies.History)
    async def read(conversation: Opened, response: Response, after: After = 0) -> bodies.History:
        """Messages after a number, oldest first, at most 200 at once."""
        response.headers["Cache-Control"] = "no-store"
        async with widget.db.reading() as session:
            view = await look(session, conversation.id, after, widget.agent_name, widget.wait_line)
        if view is None:
            raise unauthorized()
        if view.owner == ownership.QUEUE:
            await identities.seen(widget.db, conversation.id)
        state = view.state(conversation.id, widget.composing)
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

    @api.post("/conversations/{conversation}/typing", status_code=204)
    async def typing(conversation: Opened) -> None:
        """Say that the client is writing. Holds for a few seconds; repeat it about every three."""
        await widget.rates.check("typing", conversation.id, _TYPING_PER_MINUTE)
        widget.composing.mark(conversation.id, "client")
        widget.wake.call(conversation_topic(conversation.id))

    @api.post("/conversations/{conversation}/read", status_code=204)
    async def seen(conversation: Opened, body: bodies.ReadUpTo) -> None:
        """Say up to which message the client has had the chat on their screen."""
        await widget.rates.check("read", conversation.id, _READS_PER_MINUTE)
        async with widget.db.transaction() as session:
            news = await reading.mark(session, conversation.id, reading.CLIENT, body.seq)
        if news:
            widget.wake.call(conversation_topic(conversation.id))

"""A client's conversation itself: begun, its language and zone chosen, said whose it is, joined."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Header, Request

from bot.channels.errors import ApiError, accepted_languages
from bot.channels.limits import network_of
from bot.channels.widget import bodies, conversations
from bot.channels.widget.access import Widget
from bot.channels.widget.identify import BadIdentity, person_of
from bot.conversations import linking
from bot.conversations.models import Conversation
from bot.conversations.wake import DESK, conversation_topic
from bot.languages.locales import negotiate

_LINKS_PER_MINUTE = 3


def add(api: APIRouter, widget: Widget) -> None:
    """Add the routes to the client API."""
    Opened = Annotated[Conversation, Depends(widget.opened)]

    @api.post("/conversations", status_code=201, response_model=bodies.Opened)
    async def start(
        body: bodies.NewConversation,
        request: Request,
        accept_language: Annotated[str, Header()] = "",
    ) -> bodies.Opened:
        """Begin a conversation. Its token is given out this once."""
        await widget.rates.check(
            "conversations", network_of(request), widget.settings.conversations_per_minute
        )
        request.state.locale = negotiate([body.locale]) if body.locale else None
        languages = accepted_languages(accept_language)
        for last in (False, True):
            try:
                async with widget.db.transaction() as session:
                    conversation, token = await conversations.open_conversation(
                        session, body, languages, widget.settings.default_locale
                    )
                break
            except sa.exc.IntegrityError:
                # Another request of the same browser was faster: now its rows are to be found.
                if last:
                    raise
        return bodies.Opened(conversation=conversation, token=token)

    @api.patch("/conversations/{conversation}", response_model=bodies.Settled)
    async def change(conversation: Opened, body: bodies.Change) -> bodies.Settled:
        """Choose the conversation's language or time zone."""
        await widget.rates.check("changes", conversation.id, widget.settings.messages_per_minute)
        async with widget.db.transaction() as session:
            settled = await conversations.change(session, conversation.id, body)
        widget.wake.call(conversation_topic(conversation.id))
        return settled

    @api.post("/conversations/{conversation}/identify", status_code=204)
    async def identify(conversation: Opened, body: bodies.Identification) -> None:
        """Tell who the client is, by a token that the shop's server has signed."""
        await widget.rates.check("changes", conversation.id, widget.settings.messages_per_minute)
        if not widget.settings.widget_secret:
            raise ApiError(403, "identify_off")
        try:
            person = person_of(body.token, widget.settings.widget_secret)
        except BadIdentity as error:
            raise ApiError(403, "bad_identity") from error
        async with widget.db.transaction() as session:
            await conversations.identify(session, conversation.id, person)
        widget.wake.call(DESK, conversation_topic(conversation.id))

    @api.post("/conversations/{conversation}/link", response_model=bodies.Linking)
    async def link(conversation: Opened, body: bodies.Link) -> bodies.Linking:
        """Prove to be in another chat too: a code to write there, or one sent there to write here.

        Writing it makes one profile of both. `/link`, written in any chat, asks for one as well.
        """
        await widget.rates.check("link", conversation.id, _LINKS_PER_MINUTE)
        code = None
        try:
            async with widget.db.transaction() as session:
                if body.channel is None:
                    code = await linking.issue(session, conversation.identity_id)
                elif body.channel not in widget.channels:
                    raise ApiError(404, "not_found")
                else:
                    await linking.send_code(
                        session, body.channel, str(body.address), conversation.locale
                    )
        except linking.TooMany as error:
            raise ApiError(429, "too_many", {"Retry-After": "3600"}) from error
        widget.wake.call(DESK)
        return bodies.Linking(code=code, minutes=linking.MINUTES)

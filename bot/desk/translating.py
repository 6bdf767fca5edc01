"""The desk's side of translation: what a client would get, what was sent, what is shown."""

from typing import Any

from fastapi import APIRouter, Request

from bot.channels.errors import ApiError
from bot.conversations import ownership
from bot.conversations.identities import client_of
from bot.conversations.models import Conversation
from bot.db import JsonDict
from bot.desk.access import Desk, Who, writer
from bot.desk.bodies import Draft, NewMessage, Previewed
from bot.desk.history import History, Item
from bot.flow.readers import Reader, reader
from bot.handoff.models import Agent
from bot.languages.locales import native

_PER_MINUTE = 60  # previews of one agent: nobody writes faster


def routes(desk: Desk) -> APIRouter:
    """The preview."""
    router = APIRouter(prefix="/api/desk", tags=["desk"])

    @router.post("/translate", response_model=Previewed)
    async def translate(body: Draft, request: Request) -> Previewed:
        """What the client would get of a draft. Nothing is sent to them."""
        who = await writer(desk, request)
        await desk.rates.check("translate", who.id, _PER_MINUTE)
        async with desk.db.reading() as session:
            row = await session.get(Conversation, body.conversation)
            if row is None:
                raise ApiError(404, "not_found")
            if row.owner != ownership.agent_owner(who.id):
                raise ApiError(403, "not_yours")
            agent = await session.get(Agent, who.id)
            names = (await client_of(session, row.id)).name, who.name
        to = reader(agent.languages or {}, agent.locale, desk.settings.default_locale)
        if desk.bridge is None or not desk.bridge.on:
            raise ApiError(422, "no_translation")
        preview = await desk.bridge.preview(body.text, row.locale, to, names)
        return Previewed(
            needed=preview.needed,
            source=preview.source,
            language=preview.language,
            text=preview.text,
            by=preview.by,
            failure=preview.failure,
        )

    return router


def carried(desk: Desk, body: NewMessage) -> JsonDict:
    """What a message's place in the log says of its translation, for the client and the desk.

    Raises:
        ApiError: 422 `no_translation`: a translation is given, but nothing translates here.
    """
    given = body.translation
    if given is None:
        return {}
    if desk.bridge is None or not desk.bridge.on:
        raise ApiError(422, "no_translation")
    if given.text is None:
        return {"language": given.source, "untranslated": True}
    return {
        "text": str(given.text),
        "language": given.language,
        "original": {"text": str(body.text), "language": given.source},
        "translated_by": desk.bridge.by,
    }


def reader_of(desk: Desk, who: Who) -> Reader:
    """The agent as a reader; the desk's language counts as one they read."""
    return reader(who.languages, who.locale, desk.settings.default_locale)


def shown(history: History, item: Item, to: Reader) -> dict[str, Any] | None:
    """The translation a reader is shown beside a message; None where they need none."""
    original: dict[str, Any] | None = item.payload.get("original")
    if original:
        return {**original, "kind": "original", "by": item.payload.get("translated_by")}
    if item.payload.get("untranslated"):
        return {"kind": "untranslated", "text": None}
    found = history.translations.get(item.seq)
    if not found or (item.language and native(item.language) in to.speaks):
        return None
    wanted = (to.language, *sorted(to.speaks), *found)
    one = next(found[language] for language in wanted if language in found)
    return {**one, "kind": "failed" if one["failure"] else "translation"}

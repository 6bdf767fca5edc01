"""Articles for the client's last question, ready to be put into the answer in their language."""

import functools
from typing import Annotated

import anyio.to_thread
import sqlalchemy as sa
from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.errors import ApiError
from bot.channels.markup import PLAIN, blocks, parts
from bot.conversations import interactions, log
from bot.conversations.models import Conversation, Event
from bot.desk.access import Desk, page_reader
from bot.desk.bodies import HEX_ID
from bot.desk.briefing import ASKING
from bot.desk.pages import render

_MOST = 3
_ASKS = ASKING | {""}
_LEAST_WORDS = 2
"""A message of fewer words ("ok", "hello?") is rarely the question; the one before may be."""
_BACK = 10  # the client's messages that are looked through for one that asks
_LEAST = 0.05  # probability under which an article is only noise; of our own judgement

Id = Annotated[str, Path(pattern=HEX_ID)]


def plain(markdown: str) -> str:
    """An article's Markdown as people would type it: agents' messages are plain text."""
    return "\n\n".join(parts(blocks(markdown, True), PLAIN, len(markdown) * 2 + 100))


async def last_question(session: AsyncSession, conversation: str) -> tuple[str, str | None] | None:
    """The client's latest typed words that can be a question, and their language."""
    heard = await session.execute(
        sa.select(Event.payload)
        .where(Event.conversation_id == conversation, Event.kind == "understood")
        .order_by(Event.seq.desc())
        .limit(_BACK)
    )
    # "I want to talk to a person" was understood; what nobody judged may well be a question.
    small_talk = {
        said.get("message") for said in heard.scalars() if (said.get("intent") or "") not in _ASKS
    }
    found = await session.execute(
        sa.select(Event.seq, Event.payload)
        .where(
            Event.conversation_id == conversation,
            Event.kind == log.MESSAGE,
            Event.author == "client",
        )
        .order_by(Event.seq.desc())
        .limit(_BACK)
    )
    typed = [
        payload
        for seq, payload in found
        if seq not in small_talk
        and not payload.get("button")
        and not payload.get("silent")
        and payload["text"].strip()
    ]
    asking = (one for one in typed if len(one["text"].split()) >= _LEAST_WORDS)
    best = next(asking, typed[0] if typed else None)
    return best and (best["text"], best.get("language"))


def routes(desk: Desk) -> APIRouter:
    """The part of the conversation's page that holds the suggestions."""
    router = APIRouter(include_in_schema=False)

    @router.get("/desk/parts/suggest/{chat}")
    async def suggest(chat: Id, request: Request) -> Response:
        who = await page_reader(desk, request)
        async with desk.db.reading() as session:
            row = await session.get(Conversation, chat)
            if row is None:
                raise ApiError(404, "not_found")
            asked = await last_question(session, chat)
            interaction = await interactions.open_of(session, chat)
        results = []
        if asked is not None:
            text, language = asked
            search = functools.partial(
                desk.knowledge.search, text, row.locale, _MOST, language=language
            )
            decision = await anyio.to_thread.run_sync(search)
            results = [one for one in decision.results if one.confidence >= _LEAST]
        own = {one.article: desk.knowledge.article(one.article, who.locale) for one in results}
        return render(
            desk,
            "parts/suggest.html",
            who.locale,
            who,
            asked=asked,
            results=results,
            own={article: found.title for article, found in own.items() if found is not None},
            shown=set(interaction.articles or ()) if interaction else set(),
            spoken=row.locale,
            plain=plain,
        )

    return router

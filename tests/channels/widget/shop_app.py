"""A small application around the client API: a real log, and an inbox that answers by itself.

`python -m tests.channels.widget.shop_app DATABASE_URL PORT` serves it, for the browser's tests.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import errors
from bot.channels.contract import MAX_TEXT, Accepted, Inbound, Refused
from bot.channels.limits import BodyLimit
from bot.channels.widget import api, assets
from bot.channels.widget.access import Widget
from bot.channels.widget.cors import WidgetCors
from bot.channels.widget.starters import Starters
from bot.conversations import log, ownership
from bot.conversations.composing import Composing
from bot.conversations.models import Conversation
from bot.conversations.wake import Wake, conversation_topic
from bot.db import Base, Database, JsonDict
from bot.settings import Settings

SECRET = "a secret that only the shop and its tests know"
ARTICLE = """Most refunds are back **within 5 to 7 working days**.

1. We check the parcel when it reaches us.
2. We tell your bank the same day.
3. Your bank needs up to five days more.

[Read the whole page](https://shop.example/refunds)"""
RATINGS = ("Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied")
_SCRIPTS = {"bn": "\u0980", "ml": "\u0d00", "hi": "\u0900", "ar": "\u0600"}


def language_of(text: str) -> str | None:
    """Enough of a detector for these tests: a script tells a language, one word tells nothing."""
    for language, first in _SCRIPTS.items():
        if any(first <= char < chr(ord(first) + 0x80) for char in text):
            return language
    return "en" if text.isascii() and len(text.split()) > 3 else None


@dataclass(frozen=True)
class Shown:
    """An article of the base, which has English and Bengali."""

    title: str
    locale: str


_BASE = {
    "track-order": Shown("Where is my parcel now?", "en"),
    "gift-cards": Shown("How do gift cards work?", "en"),
}


def find(article: str, locale: str) -> Shown | None:
    """One of the base; what is not there is gone."""
    found = _BASE.get(article)
    if found and locale.startswith("bn"):
        return Shown("আমার পার্সেল কোথায়?", "bn")
    return found


STARTERS = Starters(lambda: ("track-order", "gone", "gift-cards"), find)


class EchoInbox:
    """Takes a message as the real inbox does, and answers it in the same transaction."""

    def __init__(self, db: Database, wake: Wake) -> None:
        self._db = db
        self._wake = wake

    async def accept(self, message: Inbound) -> Accepted:
        text = message.text
        if text is not None and len(text) > MAX_TEXT:
            raise Refused("too_long")
        if message.payload is None and not (text or "").strip():
            raise Refused("empty")
        async with self._db.transaction() as session:
            earlier = await log.find(session, message.conversation, "client", message.id)
            if earlier is not None:
                if earlier.payload.get("button") != message.payload or text not in (
                    None,
                    earlier.text,
                ):
                    raise Refused("id_taken")
                return Accepted(earlier.seq, repeated=True)
            conversation = await session.get(Conversation, message.conversation)
            language = language_of(text or "") or conversation.locale
            content: JsonDict = {}
            if text is None:
                content["button"] = message.payload
                text = await self._title(session, message)
            seq = await log.say(
                session,
                message.conversation,
                "client",
                text,
                language,
                message_id=message.id,
                **content,
            )
            conversation = await session.get(
                Conversation, message.conversation, populate_existing=True
            )
            conversation.locale = language
            conversation.client_seq = conversation.handled_seq = seq
            await session.flush()
            await self._answer(session, conversation, message.payload or text)
        self._wake.call(conversation_topic(message.conversation))
        return Accepted(seq, repeated=False)

    async def _title(self, session: AsyncSession, message: Inbound) -> str:
        if message.payload == "talk_to_human":
            return "Talk to a person"
        if starter := STARTERS.pressed(str(message.payload), "en"):
            return starter[0]
        for earlier in await log.recent(session, message.conversation):
            for button in earlier.payload.get("buttons", ()):
                if button["payload"] == message.payload:
                    return str(button["title"])
        raise Refused("unknown_payload")

    async def _answer(self, session: AsyncSession, conversation: Conversation, asked: str) -> None:
        id, language = conversation.id, conversation.locale
        if asked == "talk_to_human":
            await ownership.change(session, id, "ask", "bot", "queue", "asked")
            buttons = [{"title": "Back to the assistant", "payload": "back_to_assistant"}]
            told = "Somebody will be with you soon."
            await log.say(session, id, "system", told, language, buttons=buttons)
        elif asked == "an agent comes":
            if conversation.owner == "bot":
                await ownership.change(session, id, "ask", "bot", "queue", "asked")
            await ownership.change(session, id, "claim", "queue", "agent:asha")
            await log.say(
                session,
                id,
                "agent",
                "Hello, this is Asha. See https://shop.example/orders.",
                language,
                name="Asha",
            )
        elif asked == "menu":
            buttons = [
                {"title": "Yes, thank you", "payload": f"{id}-yes"},
                {"title": "No", "payload": f"{id}-no"},
            ]
            await log.say(session, id, "bot", "Did this help?", language, buttons=buttons)
        elif asked == "refund":
            await log.say(session, id, "bot", ARTICLE, "en", article="refund-time")
        elif asked == "rate":
            buttons = [
                {"title": title, "payload": f"{id}-rate-{score}"}
                for score, title in enumerate(RATINGS, 1)
            ]
            await log.say(
                session,
                id,
                "bot",
                "How satisfied were you with this chat?",
                language,
                buttons=buttons,
                layout="rating",
                does={"secret": "/rate"},
            )
        elif conversation.owner == "bot":
            await log.say(session, id, "bot", f"You said: {asked}", language)


async def _agent_name(session: AsyncSession, agent: str) -> str | None:
    return agent.title()


def build(settings: Settings, shutdown: asyncio.Event | None = None) -> FastAPI:
    """The application; its parts that tests reach for are on `app.state`."""
    db = Database(settings.database_url)
    wake, composing = Wake(), Composing()
    shutdown = shutdown or asyncio.Event()
    inbox = EchoInbox(db, wake)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with db.engine.execution_options(setu_writes=True).begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield
        await db.dispose()

    app = FastAPI(lifespan=lifespan)
    errors.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(WidgetCors, origins=settings.widget_origins)
    app.include_router(
        api.router(
            Widget(
                settings,
                db,
                inbox,
                wake,
                composing,
                shutdown,
                agent_name=_agent_name,
                channels={"email"},
                starters=STARTERS,
            )
        )
    )
    app.include_router(assets.router(settings))

    @app.post("/test/claim")
    async def claim(body: dict[str, str]) -> None:
        """An agent takes a conversation and has said nothing yet."""
        async with db.transaction() as session:
            await ownership.change(session, body["conversation"], "claim", "queue", "agent:asha")
        wake.call(conversation_topic(body["conversation"]))

    app.state.db, app.state.wake, app.state.composing = db, wake, composing
    app.state.inbox, app.state.shutdown = inbox, shutdown
    return app


async def erase(db: Database) -> None:
    """Take every conversation away, as if none had ever been."""
    async with db.transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            await session.execute(sa.delete(table))


def main(url: str, port: int) -> None:
    """Serve until a signal."""
    shutdown = asyncio.Event()

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: object) -> None:
            shutdown.set()
            super().handle_exit(sig, frame)  # type: ignore[arg-type]

    settings = Settings(
        database_url=url,
        widget_secret=SECRET,
        messages_per_minute=1000,
        conversations_per_minute=1000,
    )

    async def serve() -> None:
        config = uvicorn.Config(
            build(settings, shutdown),
            port=port,
            ws="none",
            log_level="warning",
            timeout_graceful_shutdown=3,
        )
        await Server(config).serve()

    asyncio.run(serve())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

"""The desk alone, in an application of its own, on a fresh database."""

import asyncio
import contextlib
import dataclasses
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI

from bot.channels.errors import install
from bot.conversations import identities, interactions, log
from bot.conversations.composing import Composing
from bot.conversations.identities import client_of
from bot.conversations.models import Conversation
from bot.conversations.wake import Wake
from bot.db import Database, new_id
from bot.desk.readers import DESK_PATHS, AgentReads
from bot.desk.router import router
from bot.flow.translation import Bridge
from bot.handoff import agents, queue
from bot.handoff.models import Agent
from bot.knowledge.base import Knowledge
from bot.knowledge.indexing import Indexing
from bot.languages.detect import detector
from bot.languages.translation.translator import Translator
from bot.settings import Settings

PASSWORD = "a long enough sentence"


@functools.cache
def _hashed() -> str:
    """The password's hash: slow on purpose, so one does for everybody."""
    return PasswordHasher().hash(PASSWORD)


@dataclasses.dataclass
class House:
    """Everything the desk stands on."""

    app: FastAPI
    db: Database
    wake: Wake
    composing: Composing
    shutdown: asyncio.Event
    knowledge: Knowledge
    indexing: Indexing
    bridge: Bridge | None = None

    async def agent(self, name: str, **facts: Any) -> Agent:
        async with self.db.transaction() as session:
            return await agents.add(
                session,
                email=f"{name.lower()}@nadi.example",
                name=name,
                password_hash=_hashed(),
                **facts,
            )

    async def chat(
        self, text: str = "Where is my order?", locale: str = "en", name: str | None = None,
        zone: str | None = None,
    ) -> str:  # fmt: skip
        async with self.db.transaction() as session:
            who = await identities.identity(session, "widget", new_id())
            chat, _ = await identities.open_conversation(
                session, who, locale=locale, belief={}, time_zone=zone
            )
            (await client_of(session, chat.id)).name = name
        await self.client_says(chat.id, text, locale)
        return str(chat.id)

    async def client_says(self, chat: str, text: str, locale: str = "en") -> None:
        """As the inbox does it."""
        async with self.db.transaction() as session:
            seq = await log.say(session, chat, "client", text, locale, message_id=new_id())
            row = await session.get(Conversation, chat)
            row.client_seq = seq
            await interactions.ensure_open(session, chat, seq, row.owner)
        self.wake.call("desk", f"conversation:{chat}")

    async def unanswered(self, text: str, locale: str) -> str:
        """A question that the assistant did not know an answer to, as a turn leaves it."""
        chat = await self.chat(text, locale)
        async with self.db.transaction() as session:
            said = {"message": 1, "intent": "question", "confidence": 0.9, "entities": []}
            await log.append(session, chat, "understood", said)
            await log.append(session, chat, "unanswered", {"text": text})
        return chat

    async def hand_off(self, chat: str, reason: str = "asked") -> str:
        async with self.db.transaction() as session:
            handoff = (await queue.open_handoff(session, chat, reason)).id
        self.wake.call("desk", f"conversation:{chat}")
        return str(handoff)


@pytest.fixture
def engine() -> str:
    """The database a test runs on; a test may be parametrised to run on others."""
    return "sqlite"


@pytest.fixture
def translator() -> Translator | None:
    """Who translates between agents and clients; a module may say."""
    return None


@pytest.fixture
def house_settings() -> Settings:
    """How the desk is set up; a module may say."""
    return Settings(_env_file=None)


@pytest.fixture
async def house(
    engine: str,
    translator: Translator | None,
    house_settings: Settings,
    request: pytest.FixtureRequest,
) -> AsyncIterator[House]:
    db = Database(request.getfixturevalue(f"{engine}_tables"))
    app, wake, composing, shutdown = FastAPI(), Wake(), Composing(), asyncio.Event()
    install(app, dict.fromkeys(DESK_PATHS, AgentReads(house_settings, db)))
    knowledge = Knowledge()
    indexing = Indexing(db, knowledge)
    settings = house_settings
    bridge = Bridge(db, wake, settings, detector("setu"), translator) if translator else None
    app.include_router(
        router(settings, db, wake, composing, shutdown, knowledge, indexing, bridge=bridge)
    )
    yield House(app, db, wake, composing, shutdown, knowledge, indexing, bridge)
    shutdown.set()
    await db.dispose()


SignIn = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=house.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        yield client


@pytest.fixture
async def sign_in(house: House) -> AsyncIterator[SignIn]:
    """A browser in which a new agent is signed in; writes carry the CSRF token."""
    opened: list[httpx.AsyncClient] = []

    async def enter(name: str, **facts: Any) -> httpx.AsyncClient:
        agent = await house.agent(name, **facts)
        transport = httpx.ASGITransport(app=house.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://desk")
        opened.append(client)
        async with house.db.transaction() as session:
            session_of = await agents.sign_in(session, agent)
        client.cookies.set("setu_desk", session_of.token)
        client.headers["X-CSRF-Token"] = session_of.csrf
        return client

    yield enter
    for client in opened:
        await client.aclose()


@contextlib.asynccontextmanager
async def served(house: House) -> AsyncIterator[str]:
    """The house at an address of its own, until its streams have been told to end."""
    config = uvicorn.Config(house.app, port=0, ws="none", log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn offers nothing to wait for)
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    house.shutdown.set()
    server.should_exit = True
    await serving


@pytest.fixture
async def address(house: House) -> AsyncIterator[str]:
    async with served(house) as url:
        yield url

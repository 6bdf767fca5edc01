"""A database with agents and conversations that want a person."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from bot.conversations import identities, interactions, log
from bot.conversations.models import Conversation
from bot.db import Database, new_id
from bot.handoff import agents
from bot.handoff.models import Agent
from bot.settings import Settings

Opened = Callable[..., Awaitable[str]]


@pytest.fixture
async def db(sqlite_tables: str) -> AsyncIterator[Database]:
    database = Database(sqlite_tables)
    yield database
    await database.dispose()


@pytest.fixture
def add_agent(db: Database) -> Callable[..., Awaitable[Agent]]:
    async def add(
        name: str, present: bool = True, skills: Sequence[str] = (), **facts: object
    ) -> Agent:
        async with db.transaction() as session:
            agent = await agents.add(
                session, email=f"{name}@nadi.example", name=name, password_hash="-", **facts
            )
            await agents.set_present(session, agent.id, present)
            agent.skills = list(skills)
            return agent

    return add


@pytest.fixture
def open_chat(db: Database) -> Opened:
    """A conversation in which the client has written."""

    async def open_conversation(
        locale: str = "en", text: str = "Where is my order?", time_zone: str | None = None
    ) -> str:
        async with db.transaction() as session:
            who = await identities.identity(session, "widget", new_id())
            chat, _ = await identities.open_conversation(
                session, who, locale=locale, belief={}, time_zone=time_zone
            )
            seq = await log.say(session, chat.id, "client", text, locale, message_id=new_id())
            row = await session.get(Conversation, chat.id)
            row.client_seq = seq
            await interactions.ensure_open(session, chat.id, seq, "bot")
            return chat.id

    return open_conversation


@pytest.fixture
def config() -> Settings:
    return Settings(_env_file=None)

"""The stream of hints."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.db import now
from bot.desk import events
from bot.desk.access import Desk
from bot.handoff import agents
from bot.handoff.models import Agent, AgentSession
from bot.settings import Settings
from tests.patience import PATIENCE

House = Any


async def _next(stream: AsyncIterator[str], kind: str) -> Any:
    while True:
        chunk = await asyncio.wait_for(stream.__anext__(), PATIENCE)
        if chunk.startswith(f"event: {kind}\n"):
            return json.loads(chunk.split("data: ")[1])


@pytest.fixture
async def desk(house: House) -> Desk:
    return Desk(
        Settings(_env_file=None),
        house.db,
        house.wake,
        house.composing,
        house.shutdown,
        house.knowledge,
        house.indexing,
    )


async def _token(house: House) -> str:
    agent = await house.agent("Asha")
    async with house.db.transaction() as session:
        opened = await agents.sign_in(session, agent)
        found = await agents.signed_in(session, opened.token)
    assert found is not None
    return str(found[1].token_hash)


async def test_what_changed_is_named_and_nothing_more(house: House, desk: Desk) -> None:
    chat = await house.chat("a secret")
    stream = events.stream(desk, await _token(house), None)
    await _next(stream, "ready")
    await house.hand_off(chat)
    hint = await _next(stream, "changed")
    assert hint == {"conversations": [chat]}
    await house.client_says(chat, "another secret")
    assert await _next(stream, "changed") == {"conversations": [chat]}
    await stream.aclose()


async def test_a_writer_in_another_process_is_noticed_without_a_call(
    house: House, desk: Desk
) -> None:
    chat = await house.chat()
    stream = events.stream(desk, await _token(house), None)
    await _next(stream, "ready")
    house.wake.call = lambda *_: None
    await house.hand_off(chat)
    assert await _next(stream, "changed") == {"conversations": [chat]}
    await stream.aclose()


async def test_typing_of_the_open_conversation(house: House, desk: Desk) -> None:
    chat = await house.chat()
    stream = events.stream(desk, await _token(house), chat)
    await _next(stream, "ready")
    for typing in (True, False):
        (house.composing.mark if typing else house.composing.stop)(chat, "client")
        house.wake.call("desk")
        assert await _next(stream, "typing") == {"conversation": chat, "typing": typing}
    await stream.aclose()


async def test_streams_end_when_the_server_stops(house: House, desk: Desk) -> None:
    stream = events.stream(desk, await _token(house), None)
    await _next(stream, "ready")
    house.shutdown.set()
    with pytest.raises(StopAsyncIteration):
        while True:
            await asyncio.wait_for(stream.__anext__(), PATIENCE)


async def test_the_stream_asks_for_a_sign_of_life_and_is_none_itself(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What we write into a dead connection proves nothing: the browser must answer."""
    monkeypatch.setattr(events, "_HEARTBEAT", 0.0)
    token = await _token(house)
    long_ago = now() - dt.timedelta(hours=1)
    async with house.db.transaction() as session:
        await session.execute(sa.update(Agent).values(seen_at=long_ago))
        await session.execute(sa.update(AgentSession).values(seen_at=long_ago))
    stream = events.stream(desk, token, None)
    await _next(stream, "ready")
    assert await _next(stream, "ping") == {}
    await stream.aclose()
    async with house.db.reading() as session:
        found = await session.execute(sa.select(Agent.seen_at))
    assert found.scalar_one() == long_ago


async def test_any_page_that_asks_is_a_sign_of_life(house: House, sign_in: Any) -> None:
    browser = await sign_in("Asha")
    long_ago = now() - dt.timedelta(minutes=10)
    async with house.db.transaction() as session:
        await session.execute(sa.update(Agent).values(seen_at=long_ago))
        await session.execute(sa.update(AgentSession).values(seen_at=long_ago))
    assert (await browser.post("/api/desk/here")).status_code == 204
    async with house.db.reading() as session:
        found = await session.execute(sa.select(Agent.seen_at))
    assert found.scalar_one() > long_ago

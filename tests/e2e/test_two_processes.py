"""Two processes on one PostgreSQL: one winner each, and what one writes the other shows at once."""

import asyncio
import contextlib
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import sqlalchemy as sa

from bot.db import Database, migrate, new_id
from bot.handoff import agents
from bot.knowledge.models import Vector
from tests.e2e.forked import ForkedProduct
from tests.e2e.product import Product
from tests.patience import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(900)]

AGENTS = CHATS = 20
_CLAIMS_AT_ONCE = 100


@pytest.fixture(scope="module")
def shared_url(postgres: Any, stocked: Path) -> Iterator[str]:
    """One database for the module: each process takes a while to start.

    The first of them imports the sample base; its vectors, which take longest, are there.
    """
    url = postgres.create()
    migrate(url)
    with contextlib.closing(sqlite3.connect(stocked / "setu.db")) as known:
        rows = known.execute("SELECT embedder, digest, vector FROM embedding").fetchall()

    async def keep() -> None:
        db = Database(url)
        async with db.transaction() as session:
            columns = ("embedder", "digest", "vector")
            vectors = [dict(zip(columns, row, strict=True)) for row in rows]
            await session.execute(sa.insert(Vector), vectors)
        await db.dispose()

    asyncio.run(keep())
    yield url
    postgres.drop(url)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, shared_url: str) -> Iterator[list[Product]]:
    two: list[Product] = []
    for name in ("a", "b"):
        folder = tmp_path_factory.mktemp(name)
        two.append(ForkedProduct(folder, SETU_DATABASE_URL=shared_url))
    two[0].start()
    two[1].start()
    yield two
    for process in two:
        process.stop()


@pytest.fixture
async def desks(house: list[Product], shared_url: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Agents, signed in, half of them at each process."""
    db = Database(shared_url)
    opened = []
    for number in range(AGENTS):
        async with db.transaction() as session:
            agent = await agents.add(
                session,
                email=f"{new_id()}@nadi.example",
                name=f"Agent {number}",
                password_hash="-",
                languages={"en": 3},
                capacity=50,
            )
            session_of = await agents.sign_in(session, agent)
        desk = httpx.AsyncClient(base_url=house[number % 2].url, timeout=PATIENCE)
        desk.cookies.set("setu_desk", session_of.token)
        desk.headers["X-CSRF-Token"] = session_of.csrf
        opened.append(desk)
    await db.dispose()
    yield opened
    for desk in opened:
        await desk.aclose()


def _wanting_a_person(product: Product) -> Any:
    client = product.client()
    client.say(payload="talk_to_human")
    return client


async def test_of_twenty_agents_at_two_processes_one_gets_each_conversation(
    house: list[Product], desks: list[httpx.AsyncClient]
) -> None:
    mine = {_wanting_a_person(house[number % 2]).conversation for number in range(CHATS)}
    found = (await desks[0].get("/api/desk/queue")).json()["waiting"]
    waiting = [row for row in found if row["conversation"] in mine]
    assert len(waiting) == CHATS
    gate = asyncio.Semaphore(_CLAIMS_AT_ONCE)

    async def claim(agent: int, handoff: str) -> tuple[str, int, httpx.Response]:
        async with gate:
            reply = await desks[agent].post(f"/api/desk/handoffs/{handoff}/claim")
        return handoff, agent, reply

    results = await asyncio.gather(
        *(claim(agent, row["handoff"]) for row in waiting for agent in range(AGENTS))
    )
    for row in waiting:
        replies = {agent: reply for handoff, agent, reply in results if handoff == row["handoff"]}
        won = [agent for agent, reply in replies.items() if reply.status_code == 200]
        assert len(won) == 1
        lost = [reply for agent, reply in replies.items() if agent not in won]
        assert {reply.status_code for reply in lost} == {409}
        assert {reply.json()["winner"] for reply in lost} == {f"Agent {won[0]}"}
        assert all(f"Agent {won[0]}" in reply.json()["error"]["message"] for reply in lost)
    left = (await desks[0].get("/api/desk/queue")).json()["waiting"]
    assert not mine & {row["conversation"] for row in left}


async def test_taking_the_next_one_at_two_processes_gives_everybody_another(
    house: list[Product], desks: list[httpx.AsyncClient]
) -> None:
    for number in range(CHATS):
        _wanting_a_person(house[number % 2])
    taken = await asyncio.gather(*(desk.post("/api/desk/queue/next") for desk in desks))
    assert {reply.status_code for reply in taken} == {200}
    assert len({reply.json()["conversation"] for reply in taken}) == CHATS


async def test_an_agent_at_one_process_sees_at_once_what_a_client_writes_at_the_other(
    house: list[Product], desks: list[httpx.AsyncClient]
) -> None:
    client = _wanting_a_person(house[0])
    desk = desks[1]  # at the other process
    waits: list[float] = []
    async with desk.stream(
        "GET", "/api/desk/events", params={"conversation": client.conversation}
    ) as stream:
        lines = stream.aiter_lines()
        await _until(lines, "ready", client.conversation)
        # Polling alone looks every two seconds after it has told: it never takes less than 1.7. A
        # busy machine may make any hint late, but not all of them.
        while len(waits) < 10 and min(waits, default=2.0) >= 1.0:
            await asyncio.sleep(0.3)  # whatever is left of the step before
            begun = time.monotonic()
            await asyncio.to_thread(client.post, f"message {len(waits)}")
            await _until(lines, "changed", client.conversation)
            waits.append(time.monotonic() - begun)
    assert min(waits) < 1.0, waits


async def _until(lines: AsyncIterator[str], kind: str, chat: str) -> None:
    event = ""
    with anyio.fail_after(PATIENCE):
        async for line in lines:
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: ") and event == kind:
                named = json.loads(line[6:]).get("conversations", [chat])
                if chat in named:
                    return

"""Liveness: what a dead process had begun is free at once, what a living one has is not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import anyio
import pytest
import sqlalchemy as sa

from bot.channels.contract import Limits, Outgoing, Remote
from bot.conversations import identities, log
from bot.conversations.models import Delivery, Event, RemoteFile
from bot.conversations.wake import Wake
from bot.db import Database, JsonDict
from bot.flow import media
from bot.flow.delivery import Deliveries
from bot.flow.liveness import Liveness, Unseen
from bot.flow.media import Fetches
from bot.flow.taking import Taker
from bot.settings import Settings
from tests.conversations.test_files import picture


class Platform:
    """Takes messages and hands files out, once its gate is open."""

    name = "slow"
    limits = Limits(text=100, per_second=10_000)

    def __init__(self) -> None:
        self.gate, self.begun = asyncio.Event(), asyncio.Event()

    def render(self, message: Outgoing) -> Sequence[dict[str, Any]]:
        return [{"text": message.text}]

    async def send(self, message: Outgoing, part: dict[str, Any]) -> str:
        self.begun.set()
        await self.gate.wait()
        return "sent"

    async def fetch(self, at: JsonDict, most: int) -> bytes:
        self.begun.set()
        await self.gate.wait()
        return picture("PNG")


class Process:
    """A process of the product, as far as its channels go."""

    def __init__(self, db: Database, platform: Platform) -> None:
        channels: Any = {platform.name: platform}
        self.living = Liveness(db)
        settings = Settings()  # type: ignore[call-arg]
        self.deliveries = Deliveries(db, Wake(), channels, self.living.me)
        self.fetches = Fetches(db, Wake(), channels, settings, self.living.me)

    def taker(self, what: str) -> Taker:
        found: Taker = getattr(self, what)
        return found

    def run(self) -> "asyncio.Task[None]":
        return asyncio.create_task(self.living.during(self.deliveries.run, self.fetches.run))

    async def die(self) -> None:
        for taker in (self.deliveries, self.fetches):
            for task in list(taker._busy.values()):
                task.cancel()
            await taker.idle()


@pytest.fixture(params=["sqlite", "postgres"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A conversation that is owed a message, and of which a file is to be fetched."""
    found = Database(request.getfixturevalue(f"{request.param}_tables"))
    async with found.transaction() as session:
        who = await identities.identity(session, Platform.name, "a")
        made, _ = await identities.open_conversation(session, who, locale="en", belief={})
        await log.say(session, made.id, "client", "[Photo]", "en", captionless=True, silent=True)
        await media.announce(session, made, 1, [Remote({"id": "x"}, "a.png", "image/png", 100)])
        await log.say(session, made.id, "agent", "one", "en")
    yield found
    await found.dispose()


async def done(db: Database, what: str) -> bool:
    async with db.reading() as session:
        if what == "deliveries":
            return await session.scalar(sa.select(Delivery.state)) == "sent"
        waits = await session.scalar(sa.select(sa.func.count()).select_from(RemoteFile))
        message = await session.scalar(sa.select(Event.payload).where(Event.seq == 1))
        return not waits and len(message.get("attachments", ())) == 1


@pytest.mark.parametrize("what", ["deliveries", "fetches"])
async def test_what_a_dead_process_had_begun_is_taken_up_at_once(db: Database, what: str) -> None:
    platform = Platform()
    first, second = Process(db, platform), Process(db, platform)
    async with contextlib.AsyncExitStack() as life:
        await life.enter_async_context(first.living.shown())
        assert await first.taker(what).look() == 1
        async with second.living.shown():
            await second.living.free()
            assert await second.taker(what).look() == 0  # the first one lives
        await first.die()
    platform.gate.set()
    async with second.living.shown():
        await second.living.free()
        assert await second.taker(what).look() == 1
        await second.taker(what).idle()
    assert await done(db, what)


async def test_a_process_that_stops_ends_what_it_has_begun(db: Database) -> None:
    platform = Platform()
    running = Process(db, platform).run()
    await asyncio.wait_for(platform.begun.wait(), 30)
    running.cancel()
    asyncio.get_running_loop().call_later(0.1, platform.gate.set)
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await done(db, "deliveries") or await done(db, "fetches")


async def test_who_is_seen_no_more_stops(db: Database) -> None:
    if db.is_sqlite:
        pytest.skip("there a process is shown by a file, which cannot be lost")
    platform = Platform()
    platform.gate.set()
    process = Process(db, platform)
    running = process.run()
    await asyncio.wait_for(platform.begun.wait(), 30)
    process.living._connection.terminate()
    with anyio.fail_after(60), pytest.raises(Exception) as raised:
        await running
    assert raised.group_contains(Unseen)
    assert process.deliveries._stopping and process.fetches._stopping

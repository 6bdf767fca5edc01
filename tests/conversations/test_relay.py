"""Processes that share a PostgreSQL wake each other; nobody waits for the next poll."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from bot.conversations.composing import Composing
from bot.conversations.relay import Relay, RelayLost
from bot.conversations.wake import Wake
from tests.patience import PATIENCE

_OTHER = """
import asyncio, sys
from bot.conversations.composing import Composing
from bot.conversations.relay import Relay
from bot.conversations.wake import Wake

async def main():
    wake, composing = Wake(), Composing()
    relay = Relay(sys.argv[1], wake, composing)
    running = asyncio.create_task(relay.run())
    with wake.listen("conversation:a") as woken:
        await relay.listening.wait()
        print("listening", flush=True)
        await woken.wait()
        print("woken", composing.active("a", "client"), flush=True)
    wake.call("desk")
    await asyncio.sleep(600)

asyncio.run(main())
"""


class End:
    """One end, running."""

    def __init__(self, url: str) -> None:
        self.wake, self.composing = Wake(), Composing()
        self.relay = Relay(url, self.wake, self.composing)
        self.task = asyncio.create_task(self.relay.run())


@pytest.fixture
async def here(postgres_url: str) -> AsyncIterator[End]:
    end = End(postgres_url)
    await asyncio.wait_for(end.relay.listening.wait(), PATIENCE)
    yield end
    end.task.cancel()
    with contextlib.suppress(asyncio.CancelledError, RelayLost):
        await end.task


@pytest.mark.slow
async def test_another_process_is_woken_and_wakes_us(here: End, postgres_url: str) -> None:
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _OTHER, postgres_url,
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert other.stdout is not None
    try:
        assert await asyncio.wait_for(other.stdout.readline(), PATIENCE) == b"listening\n"
        with here.wake.listen("desk") as woken:
            here.composing.mark("a", "client")
            here.wake.call("conversation:a")
            assert await asyncio.wait_for(other.stdout.readline(), PATIENCE) == b"woken True\n"
            await asyncio.wait_for(woken.wait(), PATIENCE)
    finally:
        other.kill()
        await other.wait()


async def test_one_is_not_woken_by_itself_twice(here: End, postgres_url: str) -> None:
    other = End(postgres_url)
    try:
        await asyncio.wait_for(other.relay.listening.wait(), PATIENCE)
        with here.wake.listen("desk") as mine, other.wake.listen("desk") as theirs:
            here.wake.call("desk")
            assert mine.is_set(), "at once, whatever becomes of the relay"
            mine.clear()
            await asyncio.wait_for(theirs.wait(), PATIENCE)
            theirs.clear()
            other.wake.call("desk")  # after it, everything sent before has been heard
            await asyncio.wait_for(mine.wait(), PATIENCE)
    finally:
        other.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await other.task


async def test_many_topics_at_once_fit(here: End, postgres_url: str) -> None:
    other = End(postgres_url)
    try:
        await asyncio.wait_for(other.relay.listening.wait(), PATIENCE)
        with other.wake.listen("conversation:last") as woken:
            here.wake.call(*(f"conversation:{number:032x}" for number in range(1000)))
            here.wake.call("conversation:last")
            await asyncio.wait_for(woken.wait(), PATIENCE)
    finally:
        other.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await other.task


async def test_a_lost_connection_ends_the_run_so_that_it_is_started_again(
    here: End, postgres_url: str
) -> None:
    killer = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
    await killer.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await killer.close()
    with pytest.raises((RelayLost, asyncpg.PostgresError)):
        await asyncio.wait_for(asyncio.shield(here.task), PATIENCE)

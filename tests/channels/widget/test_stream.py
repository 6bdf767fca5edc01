"""Server-sent events: nothing twice, nothing lost, and an end."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from bot.channels.widget import stream
from bot.channels.widget.stream import Streams
from bot.channels.widget.watch import Watch
from bot.conversations import log, ownership
from bot.conversations.identities import hash_token
from bot.conversations.models import Conversation
from bot.conversations.wake import Wake
from tests.channels.widget.conftest import Client, Open
from tests.patience import PATIENCE


@pytest.fixture
def streams(app: FastAPI) -> Streams:
    state = app.state
    watch = Watch(state.db, state.wake, seconds=0.05)
    return Streams(state.db, watch, state.composing, state.shutdown, None)


class Listener:
    """Reads a stream's events one by one."""

    def __init__(self, streams: Streams, client: Client, after: int = 0) -> None:
        self._events: AsyncIterator[str] = streams.events(
            client.id, after, hash_token(client.token)
        )

    async def next(self, kind: str) -> Any:
        """The next event, which must be of this kind; comments are passed over."""
        while True:
            block = await asyncio.wait_for(anext(self._events), PATIENCE)
            lines = dict(line.split(": ", 1) for line in block.strip().split("\n"))
            if "event" in lines:
                assert lines["event"] == kind, block
                content = json.loads(lines["data"])
                if kind == "message":
                    assert lines["id"] == str(content["seq"])
                return content

    async def ends(self) -> bool:
        """Whether the stream ends now, with nothing more."""
        return [event async for event in self._events if event.startswith("event")] == []


async def test_history_then_state_then_what_comes(
    streams: Streams, open_conversation: Open
) -> None:
    client = await open_conversation()
    await client.send("one")
    listener = Listener(streams, client)
    assert [(await listener.next("message"))["seq"] for _ in range(2)] == [1, 2]
    assert (await listener.next("state"))["owner"] == "bot"
    await client.press("talk_to_human")
    assert (await listener.next("message"))["button"] == "talk_to_human"
    assert (await listener.next("message"))["author"] == "system"
    assert (await listener.next("state"))["owner"] == "queue"


async def test_a_cursor_gets_what_it_has_not_seen(
    streams: Streams, open_conversation: Open
) -> None:
    client = await open_conversation()
    for number in range(5):
        await client.send(str(number))
    listener = Listener(streams, client, after=7)
    assert [(await listener.next("message"))["seq"] for _ in range(3)] == [8, 9, 10]


async def test_what_another_process_wrote_is_seen_without_a_wake(
    streams: Streams, open_conversation: Open, app: FastAPI
) -> None:
    client = await open_conversation()
    listener = Listener(streams, client)
    await listener.next("state")
    async with app.state.db.transaction() as session:
        await log.say(session, client.id, "bot", "from elsewhere", "en")
    assert (await listener.next("message"))["text"] == "from elsewhere"
    async with app.state.db.transaction() as session:
        await ownership.change(session, client.id, "ask", "bot", "queue", "asked")
    assert (await listener.next("state"))["owner"] == "queue"


async def test_every_message_of_many_writers_comes_once_in_order(
    streams: Streams, open_conversation: Open, app: FastAPI
) -> None:
    client = await open_conversation()
    listener = Listener(streams, client)
    await listener.next("state")

    async def write(name: int) -> None:
        for number in range(10):
            async with app.state.db.transaction() as session:
                await log.say(session, client.id, "bot", f"{name}-{number}", "en")

    writers = asyncio.gather(*(write(name) for name in range(4)))
    assert [(await listener.next("message"))["seq"] for _ in range(40)] == list(range(1, 41))
    await writers


async def test_typing_is_told_and_fades(
    streams: Streams, open_conversation: Open, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_FADING", 0.01)
    client = await open_conversation()
    await client.send("an agent comes")
    listener = Listener(streams, client, after=99)
    await listener.next("state")
    app.state.composing.mark(client.id, "agent")
    app.state.wake.call(f"conversation:{client.id}")
    assert (await listener.next("state"))["composing"]
    app.state.composing.stop(client.id, "agent")
    assert not (await listener.next("state"))["composing"]


async def test_a_silent_stream_says_that_it_is_alive(
    streams: Streams, open_conversation: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.01)
    client = await open_conversation()
    events = streams.events(client.id, 0, hash_token(client.token))
    said = [await asyncio.wait_for(anext(events), PATIENCE) for _ in range(4)]
    assert said[0].startswith("retry:") and said[1].startswith("event: state")
    assert said[2] == said[3] == ": here\n\n"


async def test_shutdown_ends_streams(
    streams: Streams, open_conversation: Open, app: FastAPI
) -> None:
    client = await open_conversation()
    listener = Listener(streams, client)
    await listener.next("state")
    app.state.shutdown.set()
    assert await asyncio.wait_for(listener.ends(), PATIENCE)


async def test_a_replaced_token_ends_its_stream(streams: Streams, open_conversation: Open) -> None:
    client = await open_conversation(request_id="c" * 32)
    listener = Listener(streams, client)
    await listener.next("state")
    await open_conversation(request_id="c" * 32)
    assert await asyncio.wait_for(listener.ends(), PATIENCE)


async def test_an_erased_conversation_ends_its_stream(
    streams: Streams, open_conversation: Open, app: FastAPI
) -> None:
    client = await open_conversation()
    listener = Listener(streams, client)
    await listener.next("state")
    async with app.state.db.transaction() as session:
        await session.delete(await session.get(Conversation, client.id))
    assert await asyncio.wait_for(listener.ends(), PATIENCE)


async def test_nobody_watched_means_nothing_asked(app: FastAPI, open_conversation: Open) -> None:
    client = await open_conversation()
    watch = Watch(app.state.db, Wake(), seconds=0.01)
    async with watch.conversation(client.id), watch.conversation(client.id):
        assert watch.readers(client.id) == 2
        task = watch._task
    assert watch.readers(client.id) == 0
    assert task is not None
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_one_conversation_has_a_limited_number_of_streams(
    open_conversation: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watch, "readers", lambda *_: 10)
    client = await open_conversation()
    assert (await client.call("GET", "/events")).status_code == 429

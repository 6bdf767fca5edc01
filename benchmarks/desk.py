"""T6: from a message's acceptance to the agent's screen, and back, with 200 open conversations.

The screen is what a browser does: it hears the hint on the desk's stream and fetches the part of
the page that the hint names; the time ends when the text is in that part. Back: the agent's
message is accepted, and the text is on the client's own stream. Painting is not in it.
"""

import asyncio
import json
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp

from benchmarks.messages import LANGUAGES
from benchmarks.product import Product, listen
from benchmarks.server import FOLDER
from benchmarks.summary import Row, Target, percentile
from bot.db import Database
from bot.handoff import agents

ROUNDS = 3
OPEN = 200
MESSAGES = 40  # there and back, each round
HELD = 20  # of the open conversations, the agent has these; the others wait
_REACH = Target(200.0, of="ours")
_WAIT_SECONDS = 30.0
_NEVER = aiohttp.ClientTimeout(total=None)


class DeskProduct(Product):
    """`setu serve` on a database that holds this measure's conversations only."""

    name = "setu-desk"
    data = FOLDER / "desk"


async def measure(http: aiohttp.ClientSession, step: Callable[[], None]) -> list[Row]:
    """p50 and p95 both ways, a value a round."""
    shutil.rmtree(DeskProduct.data, ignore_errors=True)
    product = DeskProduct()
    try:
        product.spawn()
        await product.ready(http)
        headers, cookies = await agent_of(product.data)
        async with aiohttp.ClientSession(
            product.url, headers=headers, cookies=cookies, timeout=_NEVER,
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # a cookie of an IP address
        ) as desk:  # fmt: skip
            chats = await wanting_a_person(product, http, OPEN)
            for _ in range(HELD):
                async with desk.post("/api/desk/queue/next") as taken:
                    taken.raise_for_status()
            async with desk.get("/api/desk/queue") as queue:
                mine = (await queue.json())["mine"]
            step()
            there: list[list[float]] = []
            back: list[list[float]] = []
            for number in range(ROUNDS):
                chat = mine[number]["conversation"]
                to_desk, to_client = await _talk(http, desk, chat, *chats[chat])
                there.append(to_desk)
                back.append(to_client)
                step()
    finally:
        product.stop()
    return [
        Row("T6", f"{way}, {OPEN} open conversations, {name}", "ms", values, (), target)
        for way, rounds in (("client → agent's screen", there), ("agent → client's screen", back))
        for name, share, target in (("p50", 0.5, None), ("p95", 0.95, _REACH))
        for values in [[1000 * percentile(seconds, share) for seconds in rounds]]
    ]


async def agent_of(data: Path) -> tuple[dict[str, str], dict[str, str]]:
    """An agent who is signed in: the headers and cookies of their browser."""
    db = Database(f"sqlite+aiosqlite:///{data / 'setu.db'}")
    async with db.transaction() as session:
        agent = await agents.add(
            session,
            email="bench@setu.example",
            name="Bench",
            password_hash="-",  # noqa: S106  (no password opens this account)
            languages=dict.fromkeys(LANGUAGES, 3),
            capacity=50,
        )
        opened = await agents.sign_in(session, agent)
    await db.dispose()
    return {"X-CSRF-Token": opened.csrf}, {"setu_desk": opened.token}


async def wanting_a_person(
    product: Product, http: aiohttp.ClientSession, number: int
) -> dict[str, tuple[str, dict[str, str]]]:
    """Conversations that wait: address and headers by id."""
    found = {}
    for nth in range(number):
        path, headers = await product.begin(http, LANGUAGES[nth % len(LANGUAGES)])
        await post(http, path, headers, payload="talk_to_human")
        found[path.rpartition("/")[2]] = path, headers
    until = time.monotonic() + _WAIT_SECONDS
    for path, headers in found.values():
        while time.monotonic() < until:
            async with http.get(f"{path}/messages", headers=headers) as reply:
                if (await reply.json())["owner"] != "bot":
                    break
            await asyncio.sleep(0.1)
    return found


async def post(
    http: aiohttp.ClientSession, path: str, headers: dict[str, str], **content: str
) -> None:
    """A client's message, accepted when this returns."""
    body = {"id": uuid.uuid4().hex, **content}
    async with http.post(f"{path}/messages", json=body, headers=headers) as reply:
        reply.raise_for_status()


async def _talk(
    http: aiohttp.ClientSession,
    desk: aiohttp.ClientSession,
    chat: str,
    path: str,
    headers: dict[str, str],
) -> tuple[list[float], list[float]]:
    """Seconds of each message to the desk, and of each answer to the client."""
    to_desk, to_client = [], []
    hints = await desk.get("/api/desk/events", params={"conversation": chat})
    stream = await listen(http, path, headers)
    heard, seen = _events(hints), _events(stream)
    async with hints, stream:
        for number in range(MESSAGES):
            text = f"Where is my parcel {uuid.uuid4().hex[:8]}?"
            await post(http, path, headers, text=text)
            began = time.perf_counter()
            await asyncio.wait_for(_on_the_screen(desk, heard, chat, text), _WAIT_SECONDS)
            to_desk.append(time.perf_counter() - began)
            body = {"id": uuid.uuid4().hex, "text": f"It is on its way, {number}."}
            async with desk.post(f"/api/desk/conversations/{chat}/messages", json=body) as sent:
                sent.raise_for_status()
            began = time.perf_counter()
            await asyncio.wait_for(_arrived(seen, body["text"]), _WAIT_SECONDS)
            to_client.append(time.perf_counter() - began)
            await asyncio.sleep(0.1)  # nobody types faster; what is left of the hints comes in
    return to_desk, to_client


async def _on_the_screen(
    desk: aiohttp.ClientSession, heard: AsyncIterator[tuple[str, str]], chat: str, text: str
) -> None:
    async for kind, content in heard:
        if kind == "changed" and chat in json.loads(content)["conversations"]:
            async with desk.get(f"/desk/parts/conversation/{chat}") as part:
                if text in await part.text():
                    return


async def _arrived(seen: AsyncIterator[tuple[str, str]], text: str) -> None:
    async for kind, content in seen:
        if kind == "message" and json.loads(content)["text"] == text:
            return


async def _events(stream: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str]]:
    kind = ""
    async for raw in stream.content:
        name, _, value = raw.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, value

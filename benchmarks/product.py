"""Setu as a person runs it, spoken to through the client API as the widget does."""

import asyncio
import json
import os
import sys
import time
import uuid
from typing import Any

import aiohttp

from benchmarks.server import FOLDER, ROOT, Over, Server

_ANSWER_SECONDS = 30.0
_NO_LIMIT = str(10**6)
_NEVER = aiohttp.ClientTimeout(total=None)


class Product(Server):
    """`setu serve` with the sample base, on a database of its own that lasts between runs."""

    name = "setu"
    familiar = (
        "How do I track my order?",
        "How long does delivery take?",
        "When will I get my refund?",
        "How do I return an item?",
        "How can I pay?",
    )
    health = "/health"
    home = ROOT
    data = FOLDER / "data"

    def command(self) -> list[str]:
        """See `Server`."""
        return [sys.executable, "-m", "bot.cli", "serve"]

    def environment(self) -> dict[str, str]:
        """See `Server`; the doors' limits are lifted, since all senders have one address."""
        return {
            **os.environ,
            "SETU_ENV_FILE": os.devnull,
            "SETU_DATA_DIR": str(self.data),
            "SETU_DATABASE_URL": "",
            "SETU_HOST": "127.0.0.1",
            "SETU_PORT": str(self.port),
            "SETU_MESSAGES_PER_MINUTE": _NO_LIMIT,
            "SETU_CONVERSATIONS_PER_MINUTE": _NO_LIMIT,
        }

    async def begin(self, http: aiohttp.ClientSession, language: str) -> tuple[str, dict[str, str]]:
        """A new conversation: its address, and the headers that open it."""
        path = f"{self.url}/api/conversations"
        async with http.post(path, json={"locale": language}) as reply:
            reply.raise_for_status()
            made = await reply.json()
        return f"{path}/{made['conversation']}", {"Authorization": f"Bearer {made['token']}"}

    async def chat(self, http: aiohttp.ClientSession, language: str) -> "ProductChat":
        """See `Server`: a conversation with its event stream open, as in the widget."""
        path, headers = await self.begin(http, language)
        chat = ProductChat(http, path, headers, await listen(http, path, headers))
        await chat.settled()
        return chat


async def listen(
    http: aiohttp.ClientSession, path: str, headers: dict[str, str]
) -> aiohttp.ClientResponse:
    """Open a conversation's event stream."""
    stream = await http.get(f"{path}/events", headers=headers, timeout=_NEVER)
    stream.raise_for_status()
    return stream


class ProductChat:
    """A conversation and its open stream. What the stream shows is committed."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        path: str,
        headers: dict[str, str],
        stream: aiohttp.ClientResponse,
    ) -> None:
        self._http = http
        self._path = f"{path}/messages"
        self._headers = headers
        self._stream = stream

    async def settled(self) -> None:
        """Wait for the stream's first state."""
        while (await self._event())[0] != "state":
            pass

    async def say(self, text: str) -> float:
        """See `Chat`: until the first reply arrives, as all replies of a turn are one commit."""
        began = time.perf_counter()
        body = {"id": uuid.uuid4().hex, "text": text}
        async with self._http.post(self._path, json=body, headers=self._headers) as reply:
            reply.raise_for_status()
            mine = (await reply.json())["seq"]
        await asyncio.wait_for(self._answer(mine), _ANSWER_SECONDS)
        return time.perf_counter() - began

    async def close(self) -> None:
        """See `Chat`."""
        self._stream.close()

    async def _answer(self, after: int) -> None:
        while True:
            kind, content = await self._event()
            if kind == "message" and content["seq"] > after and content["author"] != "client":
                return
            if kind == "state" and content["owner"] != "bot":
                raise Over

    async def _event(self) -> tuple[str, dict[str, Any]]:
        kind = ""
        async for raw in self._stream.content:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                return kind, json.loads(value)
        raise ConnectionError("The event stream ended.")

"""The two bots side by side, and clients who talk to either."""

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from benchmarks.messages import Messages
from benchmarks.product import Product
from benchmarks.server import Chat, Over, Server
from benchmarks.stock import Stock

_TURNS = 4
"""Short, as most chats are; the stock bot's turns grow dearer with each."""


@dataclass(frozen=True)
class Pair:
    """What the measures work with.

    Attributes:
        ours, stock: the bots; both stay up, so that a round of one follows a round of the other.
        acting: the baseline with custom actions, up only while it is measured.
        http: shared by all clients.
        messages: supply of new ones.
        step: called when some of the work is done, for the progress bar.
    """

    ours: Product
    stock: Stock
    acting: Stock
    http: aiohttp.ClientSession
    messages: Messages
    step: Callable[[], None]

    def in_turn(self, number: int) -> tuple[Server, Server]:
        """Both bots; who comes first changes with the number of the round."""
        pair: tuple[Server, Server] = (self.ours, self.stock)
        return pair if number % 2 == 0 else (self.stock, self.ours)


class Client:
    """Somebody who chats, and begins a new conversation every few turns."""

    def __init__(self, server: Server, http: aiohttp.ClientSession, language: str) -> None:
        self._server = server
        self._http = http
        self._language = language
        self._chat: Chat | None = None
        self._turns = 0

    async def say(self, text: str) -> float:
        """Send one message; the seconds until its answer was here."""
        if self._chat is None or self._turns >= _TURNS:
            await self._anew()
        assert self._chat is not None
        self._turns += 1
        try:
            return await self._chat.say(text)
        except Over:
            await self._anew()
            return await self._chat.say(text)

    async def leave(self) -> None:
        """Hang up."""
        if self._chat is not None:
            await self._chat.close()
        self._chat = None

    async def _anew(self) -> None:
        await self.leave()
        self._chat = await self._server.chat(self._http, self._language)
        self._turns = 0

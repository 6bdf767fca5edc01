"""T2: what a late turn of a long conversation costs beside a first one, in processor time."""

import asyncio
import itertools

from benchmarks.pair import Pair
from benchmarks.server import Chat, Server
from benchmarks.summary import Row, Target

ROUNDS = 5
_LATE = 190
"""Turns before the first that is measured; the measured ones lie around the two hundredth."""
_REST_SECONDS = 0.2  # what is still done after the answer went out belongs to the turn


async def measure(pair: Pair) -> list[Row]:
    """Late turns over first turns: five of each a round, of texts the bot has met before.

    Met before, so that embedding, the same in both, does not hide a difference.
    """
    servers: tuple[Server, Server] = (pair.ours, pair.stock)
    chats: dict[str, Chat] = {}
    for server in servers:
        chats[server.name] = await server.chat(pair.http, "en")
        for text in itertools.islice(itertools.cycle(server.familiar), _LATE):
            await chats[server.name].say(text)
        pair.step()
    growth: dict[str, list[float]] = {server.name: [] for server in servers}
    first: dict[str, list[float]] = {server.name: [] for server in servers}
    for number in range(ROUNDS):
        for server in pair.in_turn(number):
            fresh = [await server.chat(pair.http, "en") for _ in server.familiar]
            early = await _cost(server, fresh)
            late = await _cost(server, [chats[server.name]] * len(server.familiar))
            first[server.name].append(1000 * early / len(server.familiar))
            growth[server.name].append(late / early)
            for chat in fresh:
                await chat.close()
        pair.step()
    ours, stock = pair.ours.name, pair.stock.name
    return [
        Row("T2", "turn 200 / turn 1, CPU", "×", growth[ours], growth[stock], Target(1.15, "ours")),
        Row("T2", "CPU of turn 1, text met before", "ms", first[ours], first[stock]),
    ]


async def _cost(server: Server, chats: list[Chat]) -> float:
    await asyncio.sleep(_REST_SECONDS)
    before = server.cpu_seconds()
    for chat, text in zip(chats, server.familiar, strict=True):
        await chat.say(text)
    await asyncio.sleep(_REST_SECONDS)
    return server.cpu_seconds() - before

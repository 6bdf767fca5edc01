"""T3: turns a second, with clients who each send on as soon as they are answered."""

import asyncio
import time

from benchmarks.messages import LANGUAGES
from benchmarks.pair import Client, Pair
from benchmarks.server import Server
from benchmarks.summary import Row, Target

ROUNDS = 3
SENDERS = 8
_SECONDS = 8.0


async def measure(pair: Pair) -> list[Row]:
    """Rates by round."""
    rates: dict[str, list[float]] = {pair.ours.name: [], pair.stock.name: []}
    for number in range(ROUNDS):
        for server in pair.in_turn(number):
            rates[server.name].append(await _rate(pair, server))
        pair.step()
    ours, stock = rates[pair.ours.name], rates[pair.stock.name]
    reach = Target(2.5, at_least=True)
    return [Row("T3", f"turns a second, {SENDERS} senders", "/s", ours, stock, reach)]


async def _rate(pair: Pair, server: Server) -> float:
    began = time.perf_counter()
    until = began + _SECONDS

    async def send(number: int) -> tuple[int, float]:
        language = LANGUAGES[number % len(LANGUAGES)]
        client, turns = Client(server, pair.http, language), 0
        for text in pair.messages.of_all_lengths(language):
            if time.perf_counter() >= until:
                break
            await client.say(text)
            turns += 1
        ended = time.perf_counter()
        await client.leave()
        return turns, ended

    done = await asyncio.gather(*(send(number) for number in range(SENDERS)))
    return sum(turns for turns, _ in done) / (max(ended for _, ended in done) - began)

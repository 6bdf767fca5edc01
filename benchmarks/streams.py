"""T7: turns while a thousand clients have their event stream open."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import aiohttp

from benchmarks import turns
from benchmarks.messages import LANGUAGES
from benchmarks.pair import Pair
from benchmarks.product import listen
from benchmarks.summary import Row, Target, percentile

ROUNDS = 2
STREAMS = 1000
_AT_ONCE = 32
_REST_SECONDS = 1.0
_REACH = Target(2.0)

_T = TypeVar("_T")


async def measure(pair: Pair) -> list[Row]:
    """The same turns with the streams open and closed; and what a stream takes in memory."""

    async def begin(number: int) -> tuple[str, dict[str, str]]:
        return await pair.ours.begin(pair.http, LANGUAGES[number % len(LANGUAGES)])

    conversations = await _few_at_once(begin, STREAMS)
    pair.step()
    crowded: list[list[float]] = []
    alone: list[list[float]] = []
    grown: list[float] = []
    for _ in range(ROUNDS):
        before = pair.ours.megabytes()

        async def look(number: int) -> aiohttp.ClientResponse:
            return await listen(pair.http, *conversations[number])

        streams = await _few_at_once(look, STREAMS)
        await asyncio.sleep(_REST_SECONDS)
        grown.append(1000 * (pair.ours.megabytes() - before) / STREAMS)
        crowded.append(await turns.answered(pair, pair.ours, turns.some_texts(pair)))
        for stream in streams:
            stream.close()
        await asyncio.sleep(_REST_SECONDS)
        alone.append(await turns.answered(pair, pair.ours, turns.some_texts(pair)))
        pair.step()
    rows = [
        Row(
            "T7",
            f"turn with {STREAMS} streams open / with none, {name}",
            "ms",
            [1000 * percentile(seconds, share) for seconds in crowded],
            [1000 * percentile(seconds, share) for seconds in alone],
            _REACH,
        )
        for name, share in (("p50", 0.5), ("p95", 0.95))
    ]
    return [*rows, Row("T7", "memory of a stream", "kB", grown[:1])]


async def _few_at_once(work: Callable[[int], Awaitable[_T]], count: int) -> Sequence[_T]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> _T:
        async with gate:
            return await work(number)

    return await asyncio.gather(*(one(number) for number in range(count)))

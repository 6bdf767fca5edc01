"""T1: text in → replies committed, as a client sees it, one at a time."""

import asyncio
import time
from collections.abc import Sequence

from benchmarks.messages import LANGUAGES, LONGEST
from benchmarks.pair import Client, Pair
from benchmarks.server import Server
from benchmarks.summary import Row, Target, percentile
from bot.knowledge.embed import embedder

ROUNDS = 6
_REACH = Target(0.5)
_KINDS = ("stock as made", "stock with an action")

Texts = Sequence[tuple[str, str]]


def some_texts(pair: Pair) -> list[tuple[str, str]]:
    """A new message of each length in each language, with its language."""
    return [
        (language, pair.messages.next(language, words))
        for language in LANGUAGES
        for words in range(1, LONGEST + 1)
    ]


async def answered(pair: Pair, server: Server, texts: Texts) -> list[float]:
    """Send all, one after the other; the seconds of each."""
    seconds = []
    for language in LANGUAGES:
        client = Client(server, pair.http, language)
        seconds += [await client.say(text) for each, text in texts if each == language]
        await client.leave()
    return seconds


async def measure(pair: Pair) -> list[Row]:
    """Percentiles by round, of all bots and of our embedding alone, of the same messages."""
    await pair.acting.start(pair.http)
    pair.step()
    servers: tuple[Server, ...] = (pair.ours, pair.stock, pair.acting)
    seconds: list[list[list[float]]] = [[] for _ in servers]
    work: list[list[float]] = [[] for _ in servers]
    embedding: list[list[float]] = []
    for number in range(ROUNDS):
        texts = some_texts(pair)
        for turn in range(len(servers)):
            which = (number + turn) % len(servers)
            before = servers[which].cpu_seconds()
            seconds[which].append(await answered(pair, servers[which], texts))
            work[which].append(1000 * (servers[which].cpu_seconds() - before) / len(texts))
        embedding.append([_embedded(text) for _, text in texts])
        pair.step()
    await asyncio.to_thread(pair.acting.stop)
    rows = []
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        ours, *others = ([1000 * percentile(round_, share) for round_ in each] for each in seconds)
        for stock, kind in zip(others, _KINDS, strict=True):
            rows.append(Row("T1", f"replies committed, {name}; {kind}", "ms", ours, stock, _REACH))
        alone = [1000 * percentile(round_, share) for round_ in embedding]
        rows.append(Row("T1", f"of which embedding, {name}", "ms", alone))
    for stock, kind in zip(work[1:], _KINDS, strict=True):
        rows.append(Row("T1", f"CPU of a turn; {kind}", "ms", work[0], stock))
    return rows


def _embedded(text: str) -> float:
    began = time.perf_counter()
    embedder().embed([text], "query")
    return time.perf_counter() - began

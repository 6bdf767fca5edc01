"""T4: from the command to the first answer, and the memory it takes."""

import asyncio

from benchmarks.pair import Pair
from benchmarks.summary import Row, Target

ROUNDS = 3
_MEMORY = Target(450.0, "ours")


async def measure(pair: Pair, rounds: int = ROUNDS) -> list[Row]:
    """Start both bots in turn, a few times; after the last round both stay up."""
    seconds: dict[str, list[float]] = {pair.ours.name: [], pair.stock.name: []}
    memory: dict[str, list[float]] = {pair.ours.name: [], pair.stock.name: []}
    for number in range(rounds):
        for server in pair.in_turn(number):
            seconds[server.name].append(await server.start(pair.http))
            memory[server.name].append(server.megabytes())
            if number < rounds - 1:
                await asyncio.to_thread(server.stop)
            pair.step()
    ours, stock = pair.ours.name, pair.stock.name
    return [
        Row("T4", "start to first answer", "s", seconds[ours], seconds[stock], Target(0.3)),
        Row("T4", "resident after it", "MB", memory[ours], memory[stock], _MEMORY),
    ]


def after_work(pair: Pair) -> list[Row]:
    """Memory once everything else was measured."""
    figures = [pair.ours.megabytes()], [pair.stock.megabytes()]
    return [Row("T4", "resident after all of this", "MB", *figures, _MEMORY)]

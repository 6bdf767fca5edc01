"""`python -m benchmarks`: runs the measures one after the other and prints their table."""

import argparse
import asyncio
import contextlib
import dataclasses
import functools
import inspect
import os
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from benchmarks import (
    desk,
    desk_screen,
    detection,
    long_conversation,
    search,
    senders,
    starting,
    stock,
    streams,
    summary,
    turns,
)
from benchmarks.machine import Others
from benchmarks.messages import Messages
from benchmarks.pair import Pair
from benchmarks.product import Product
from benchmarks.server import FOLDER, Failed
from benchmarks.summary import Row

_WITH_BOTS = ("T1", "T2", "T3", "T4", "T7")
_ALL = (*_WITH_BOTS, "T5", "T6", "L5")
_BUSY = 0.1
"""Share of the machine in others' hands from which figures are worth little."""
_KEEP_SECONDS = 2.0
_FILES = 8192  # a thousand streams, on each side

_BROKEN = (aiohttp.ClientError, asyncio.TimeoutError, OSError, subprocess.SubprocessError)
"""What a bot or the machine may do to one measure; the others go on."""

_Work = Callable[[], Awaitable[list[Row]] | list[Row]]


class Bench:
    """One run: what was asked for, how far it is, what was found."""

    def __init__(self, console: Console, bar: Progress) -> None:
        self.rows: list[Row] = []
        self.failed = False
        self._console = console
        self._bar = bar
        self._task: TaskID | None = None

    def step(self) -> None:
        """Some of the measure under way is done."""
        if self._task is not None:
            self._bar.advance(self._task)

    @contextlib.contextmanager
    def stage(self, name: str, steps: int | None = None) -> Iterator[None]:
        """Show that this is going on, and afterwards how long it took."""
        began = time.monotonic()
        self._task = self._bar.add_task(name, total=steps)
        try:
            yield
        finally:
            self._bar.remove_task(self._task)
            self._task = None
        self._console.print(f"  {name}: {time.monotonic() - began:.0f} s")

    async def measure(self, name: str, steps: int, work: _Work) -> None:
        """Run one measure and note what others took of the machine meanwhile."""
        with self.stage(name, steps):
            others = Others()
            try:
                found = work()
                rows = await found if inspect.isawaitable(found) else found
            except _BROKEN as error:
                self.failed = True
                self._console.print(f"[red]  {name} failed:[/red] {error!r}", soft_wrap=True)
                return
            share = others.share()
        self.rows += [dataclasses.replace(row, others=share) for row in rows]


async def _run(bench: Bench, wanted: frozenset[str]) -> None:
    if wanted.intersection(_WITH_BOTS):
        if not stock.made():
            with bench.stage("making the baseline's environment and model (minutes, once)"):
                await asyncio.to_thread(stock.make)
        await _bots(bench, wanted)
    if "T5" in wanted:
        steps = 1 + search.ROUNDS
        await bench.measure("T5 search", steps, functools.partial(search.measure, bench.step))
    if "T6" in wanted:
        async with aiohttp.ClientSession() as http:
            work = functools.partial(desk.measure, http, bench.step)
            await bench.measure("T6 the desk", 1 + desk.ROUNDS, work)
            work = functools.partial(desk_screen.measure, http, bench.step)
            await bench.measure("T6 the desk in Chromium", 1 + desk_screen.ROUNDS, work)
    if "L5" in wanted:
        name, work = "L5 language detection", functools.partial(detection.measure, bench.step)
        await bench.measure(name, detection.ROUNDS, work)


async def _bots(bench: Bench, wanted: frozenset[str]) -> None:
    # Shorter than the servers', so that no connection is used that they have just closed.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_SECONDS)
    async with aiohttp.ClientSession(connector=connector) as http:
        pair = Pair(
            Product(), stock.Stock(), stock.Stock(acting=True), http, Messages(), bench.step
        )
        try:
            with bench.stage("getting Setu ready (trains and imports the first time)"):
                await pair.ours.start(http)
                pair.ours.stop()
            if "T4" in wanted:
                steps = 2 * starting.ROUNDS
                await bench.measure("T4 start", steps, functools.partial(starting.measure, pair))
            else:
                with bench.stage("starting both", 2):
                    await starting.measure(pair, rounds=1)
            for key, name, steps, work in (
                ("T1", "T1 turns", 1 + turns.ROUNDS, turns.measure),
                ("T2", "T2 a long conversation", 2 + long_conversation.ROUNDS,
                 long_conversation.measure),
                ("T3", "T3 senders", senders.ROUNDS, senders.measure),
                ("T7", "T7 streams", 1 + streams.ROUNDS, streams.measure),
            ):  # fmt: skip
                if key in wanted:
                    await bench.measure(name, steps, functools.partial(work, pair))
            if "T4" in wanted:
                await bench.measure("T4 memory", 1, functools.partial(starting.after_work, pair))
        finally:
            pair.ours.stop()
            pair.stock.stop()
            pair.acting.stop()


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one row a line on standard output")
    parser.add_argument("--only", default=",".join(_ALL), help=f"of {','.join(_ALL)}")
    asked = parser.parse_args()
    wanted = frozenset(asked.only.upper().split(","))
    if unknown := wanted.difference(_ALL):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, _FILES)), hard))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / ".gitignore").write_text("*\n")

    console = Console(stderr=True, highlight=False)
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    try:
        with Progress(*columns, console=console, transient=True) as bar:
            bench = Bench(console, bar)
            asyncio.run(_run(bench, wanted))
    except Failed as error:
        console.print(f"[red]bench:[/red] {error}", soft_wrap=True)
        return 1
    bench.rows.sort(key=lambda row: (row.key[0] != "T", row.key))
    if asked.json:
        print(summary.lines(bench.rows))
    else:
        Console(width=None if sys.stdout.isatty() else 160).print(summary.table(bench.rows))
    busiest = max((row.others for row in bench.rows), default=0.0)
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    console.print(f"{os.cpu_count()} cores, load average {load}")
    if busiest > _BUSY:
        console.print(
            f"[yellow]Other programs took up to {busiest:.0%} of this machine: the ratios may "
            "stand, the times do not. Run it again when nothing else runs.[/yellow]"
        )
    return int(bench.failed)


if __name__ == "__main__":
    sys.exit(main())

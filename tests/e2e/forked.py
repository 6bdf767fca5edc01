"""The product, started again and again: forked from a process that has its libraries loaded.

Most of a start is imports, and no state of the product lives in them; all else is as in a start
by `setu serve`, and what is killed is a whole process. The `product` fixture starts a whole one.
"""

import multiprocessing
import os
from pathlib import Path

from bot.cli import app
from tests.e2e.product import ROOT, Process, Product

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["bot.cli", "bot.app", "bot.serve", "bot.engine.brain"])


class ForkedProduct(Product):
    """Like `Product`, on a warm start."""

    def launch(self, env: dict[str, str]) -> Process:
        """Fork one process of the product."""
        process = _forks.Process(target=_serve, args=(env, self.output), daemon=True)
        process.start()
        return _Forked(process)


class _Forked:
    def __init__(self, process: "multiprocessing.context.ForkServerProcess") -> None:
        assert process.pid is not None
        self.pid, self._process = process.pid, process

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        assert self._process.exitcode is not None, "it still runs"
        return self._process.exitcode


def _serve(env: dict[str, str], output: Path) -> None:
    os.setsid()
    os.chdir(ROOT)
    os.environ.update(env)
    written = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(written, 1)
    os.dup2(written, 2)
    app(["serve"])

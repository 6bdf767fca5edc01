"""A bot that is measured: a process of its own with an HTTP door, and chats through that door."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

import aiohttp

from benchmarks import machine

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".bench"
"""Everything the bench keeps between runs; removing it costs minutes, nothing else."""

_START_SECONDS = 300.0
_LOOK_SECONDS = 0.02
_STOP_SECONDS = 20.0


class Over(Exception):
    """The bot does not answer in this chat any more: people have it."""


class Failed(Exception):
    """The bench cannot go on; the message says what to do."""


class Chat(Protocol):
    """One client's conversation."""

    async def say(self, text: str) -> float:
        """Send one message; the seconds until its answer was here.

        Raises:
            Over: see there.
        """
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


class Server(ABC):
    """One bot.

    Attributes:
        name: of its output file, and in messages.
        home: the folder it is started in.
        health: a path that answers 200 when the bot can answer.
        familiar: what this bot understands well, for conversations that must go on for long.
    """

    name: str
    home: Path
    health: str
    familiar: tuple[str, ...] = ()

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """What starts it."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """What it is started with."""

    @abstractmethod
    async def chat(self, http: aiohttp.ClientSession, language: str) -> Chat:
        """Begin a conversation."""

    @property
    def output(self) -> Path:
        """What it printed."""
        return FOLDER / f"{self.name}.log"

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def spawn(self) -> None:
        """Start the process, and no more."""
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.home,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def ready(self, http: aiohttp.ClientSession) -> None:
        """Wait until the bot can answer.

        Raises:
            Failed: it ended, or took too long.
        """
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                break
            with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError):
                async with http.get(self.url + self.health) as reply:
                    if reply.status == 200:
                        return
            await asyncio.sleep(_LOOK_SECONDS)
        raise Failed(f"{self.name} did not start; {self.output} says why.")

    async def start(self, http: aiohttp.ClientSession) -> float:
        """Start, and ask one question; the seconds until its answer was here."""
        began = time.perf_counter()
        self.spawn()
        await self.ready(http)
        chat = await self.chat(http, "en")
        await chat.say(self.familiar[0])
        seconds = time.perf_counter() - began
        await chat.close()
        return seconds

    def stop(self) -> None:
        """End the process, gently at first."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def cpu_seconds(self) -> float:
        """Processor time it has taken so far."""
        return machine.cpu_seconds(self.pid)

    def megabytes(self) -> float:
        """Resident memory now."""
        return machine.resident_megabytes(self.pid)

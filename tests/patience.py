"""What keeps a test from depending on how quick or how busy the machine is."""

import asyncio
import socket
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds in which what a test waits for has to come: how long a failure takes, never a speed."""


class Port:
    """A port of 127.0.0.1 that nobody else is given for as long as this object lives.

    A port that was free when it was looked up may be somebody's by the time a server that takes
    seconds to start binds it. This one stays bound, without listening; a server that sets
    SO_REUSEADDR, as all here do, may bind it too, and listen, and come back after a crash.
    """

    def __init__(self) -> None:
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self.number: int = self._held.getsockname()[1]

    def __del__(self) -> None:
        self._held.close()


async def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until `true` says so; for what nobody tells of.

    Raises:
        TimeoutError: it never did.
    """

    async def look() -> None:
        while not true():  # noqa: ASYNC110  (nothing tells)
            await asyncio.sleep(0.01)

    await asyncio.wait_for(look(), seconds)

"""Takes what is due and works on it in the background, several at once."""

import abc
import asyncio
import contextlib
import functools
from collections.abc import Coroutine, Hashable, Mapping
from typing import Any

import anyio

from bot.conversations.wake import DESK, Wake

_SCAN_SECONDS = 1.0
_GATHER_SECONDS = 0.02  # after a look: whatever is due by its end is found by one look, not by many
_FINISH_SECONDS = 5.0  # what is under way when the process stops is given to end


class Taker(abc.ABC):
    """Works on as much of what is due as there is room for.

    Args:
        room: how much at the same time.
    """

    def __init__(self, wake: Wake, room: int) -> None:
        self._wake = wake
        self._room = room
        self._busy: dict[Any, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._stopping = False

    @abc.abstractmethod
    async def _take(self, most: int) -> Mapping[Any, Coroutine[Any, Any, None]]:
        """Take what is due: the work, and what it is about, which is then busy."""

    async def run(self) -> None:
        """Work until cancelled."""
        self._stopping = False
        try:
            with self._wake.listen(DESK) as self._woken:
                while True:
                    self._woken.clear()
                    await self.look()
                    await asyncio.sleep(_GATHER_SECONDS)
                    with contextlib.suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), _SCAN_SECONDS)
        finally:
            self._stopping = True
            with anyio.CancelScope(shield=True):
                await self._end()

    async def look(self) -> int:
        """Begin what is due now, as far as there is room; gives how much."""
        room = self._room - len(self._busy)
        if room < 1:
            return 0
        taken = await self._take(room)
        for about, work in taken.items():
            task = self._busy[about] = asyncio.create_task(work)
            task.add_done_callback(functools.partial(self._free, about))
        return len(taken)

    async def idle(self) -> None:
        """Wait until nothing is under way. For tests."""
        while self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _end(self) -> None:
        if self._busy:
            # What has been done and is not written down would be done again.
            await asyncio.wait(self._busy.values(), timeout=_FINISH_SECONDS)
        for task in self._busy.values():
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _free(self, about: Hashable, _: "asyncio.Task[None]") -> None:
        self._busy.pop(about, None)
        self._woken.set()

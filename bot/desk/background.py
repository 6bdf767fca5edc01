"""What takes seconds to make and is looked at by several people: made beside the chat, and kept."""

import abc
import asyncio
import datetime as dt
from typing import Generic, TypeVar

from bot.db import now

_AT_ONCE = 0.3
"""Seconds a page waits: a small one is there by then, and the page need not come back for it."""

Made = TypeVar("Made")


class Latest(abc.ABC, Generic[Made]):
    """The newest one there is; a newer one is begun when what it is made from has changed.

    Args:
        stale: how old one may get although nothing has changed; None: as old as it will.
    """

    def __init__(self, stale: dt.timedelta | None = None) -> None:
        self._stale = stale
        self._made_from: object = None
        self._made_at: dt.datetime | None = None
        self._task: asyncio.Task[Made] | None = None
        self._latest: Made | None = None

    @abc.abstractmethod
    async def _mark(self) -> object:
        """What is another one when a new one would come out differently. Cheap."""

    @abc.abstractmethod
    async def _make(self) -> Made:
        """Make one."""

    async def latest(self) -> tuple[Made | None, bool]:
        """The newest one there is, and whether a newer one is being made."""
        mark = await self._mark()
        self._take()
        old = self._made_at is None or (self._stale and now() - self._made_at > self._stale)
        if self._task is None and (old or mark != self._made_from):
            self._made_from = mark
            self._task = asyncio.create_task(self._make())
            await asyncio.wait([self._task], timeout=_AT_ONCE)
            self._take()
        return self._latest, self._task is not None

    def _take(self) -> None:
        if self._task is not None and self._task.done():
            task, self._task = self._task, None
            self._latest, self._made_at = task.result(), now()

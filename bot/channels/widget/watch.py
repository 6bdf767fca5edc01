"""Notices what other processes wrote to the conversations that have an open stream here.

The wake-up is only a hint and stays inside its process. The database is asked for all watched
conversations at once: a stream of its own that polled would cost a query each, a thousand
streams five hundred queries a second.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import sqlalchemy as sa

from bot.conversations.models import Conversation
from bot.conversations.wake import Wake, conversation_topic
from bot.db import Database

_SECONDS = 2.0
_AT_ONCE = 500  # below the number of parameters a statement may have on either database


class Watch:
    """Wakes the streams of changed conversations, within two seconds, even if nobody called."""

    def __init__(self, db: Database, wake: Wake, seconds: float = _SECONDS) -> None:
        self._db = db
        self._wake = wake
        self._seconds = seconds
        self._watched: Counter[str] = Counter()
        self._seen: dict[str, Any] = {}
        self._task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def conversation(self, conversation: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set when something may be new, while the block runs."""
        self._watched[conversation] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())
        try:
            with self._wake.listen(conversation_topic(conversation)) as woken:
                yield woken
        finally:
            self._watched[conversation] -= 1
            if not self._watched[conversation]:
                del self._watched[conversation]
                self._seen.pop(conversation, None)
            if not self._watched:
                self._task.cancel()
                self._task = None

    def readers(self, conversation: str) -> int:
        """How many streams of the conversation are open in this process."""
        return self._watched[conversation]

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            watched = list(self._watched)
            for start in range(0, len(watched), _AT_ONCE):
                await self._ask(watched[start : start + _AT_ONCE])

    async def _ask(self, conversations: list[str]) -> None:
        try:
            async with self._db.reading() as session:
                rows = await session.execute(
                    sa.select(
                        Conversation.id,
                        Conversation.last_seq,
                        Conversation.handled_seq,
                        Conversation.owner,
                        Conversation.locale,
                        Conversation.token_hash,
                    ).where(Conversation.id.in_(conversations))
                )
                found = {row.id: tuple(row) for row in rows}
        except sa.exc.DBAPIError:
            return  # the database is away: the next round asks again
        for conversation in conversations:
            row = found.get(conversation)
            new = conversation not in self._seen or self._seen[conversation] != row
            self._seen[conversation] = row
            if new:
                self._wake.call(conversation_topic(conversation))

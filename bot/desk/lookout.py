"""What all live pages of the desk watch, read once for all of them.

Each message wakes every agent's stream. The first to wake reads; the others take what it read,
as long as that reading began after they were woken.
"""

import asyncio
import dataclasses
import time

import sqlalchemy as sa

from bot.conversations.models import Conversation
from bot.db import Database
from bot.handoff import queue
from bot.handoff.models import Agent, Handoff


@dataclasses.dataclass(frozen=True)
class Seen:
    """Owner and newest event of each open conversation, and who is here."""

    conversations: dict[str, tuple[str, int]]
    people: frozenset[tuple[str, str]]


class Lookout:
    """One process's view. For one event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._began = float("-inf")
        self._seen: Seen | None = None

    async def look(self, db: Database, since: float) -> Seen:
        """How things stand, read after `since` (of `time.monotonic`)."""
        async with self._turn:
            if self._seen is None or self._began < since:
                began = time.monotonic()
                self._seen = await _read(db)
                self._began = began
            return self._seen


async def _read(db: Database) -> Seen:
    # By the index of open handoffs: who waits or is held is few among all conversations.
    held = sa.select(Handoff.conversation_id).where(Handoff.status.in_(queue.OPEN))
    async with db.reading() as session:
        rows = await session.execute(
            sa.select(Conversation.id, Conversation.owner, Conversation.last_seq).where(
                Conversation.id.in_(held)
            )
        )
        here = await session.execute(sa.select(Agent.id, Agent.presence).where(Agent.present))
        return Seen(
            {row.id: (row.owner, row.last_seq) for row in rows}, frozenset(map(tuple, here))
        )

"""Agents that are gone: their conversations wait again, at the front, and the clients are told."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.models import Conversation
from bot.db import Database
from bot.handoff import office, presence, queue, waiting
from bot.handoff.agents import name_of
from bot.handoff.presence import Orphan
from bot.settings import Settings


async def sweep(
    db: Database, settings: Settings, moment: dt.datetime, since: dt.datetime
) -> list[str]:
    """Queue again what agents hold who gave no sign of life for the grace period.

    Args:
        since: when this process began to listen for signs of life. While no process ran, no desk
            could give one: nobody is gone before a grace period has passed since then.

    Returns:
        The conversations that wait again.
    """
    async with db.reading() as session:
        house = await office.read(session, settings)
        seen_before = moment - dt.timedelta(seconds=house.agent_grace)
        if since > seen_before:
            return []
        found = await presence.orphans(session, seen_before)
    requeued = []
    for orphan in found:
        async with db.transaction() as session:
            # Looked at again under the row's lock: they may have come back in between.
            if await presence.mark_lost(session, orphan.agent, seen_before):
                requeued += await give_back(session, [orphan], settings)
    return requeued


async def leave(session: AsyncSession, agent: str, settings: Settings) -> list[str]:
    """An agent has signed out of their last desk: what they still hold waits again at once."""
    return await give_back(session, await presence.held(session, agent), settings)


async def give_back(
    session: AsyncSession, orphans: Iterable[Orphan], settings: Settings
) -> list[str]:
    """Queue conversations again and tell their clients; gives those that were still held."""
    requeued = []
    for orphan in orphans:
        handoff = await queue.lost(session, orphan.handoff, orphan.agent)
        if handoff is None:
            continue
        row = await session.get(Conversation, handoff.conversation_id, populate_existing=True)
        gone = row.voice.say("handoff.lost", name=await name_of(session, orphan.agent))
        await log.say(session, row.id, "system", gone, row.locale)
        await waiting.tell(session, handoff, row, await office.read(session, settings))
        requeued.append(str(row.id))
    return requeued

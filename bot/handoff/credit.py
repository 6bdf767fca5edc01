"""Who did the work of an interaction, and is credited with its rating.

The rule: whoever wrote the most messages to the client in it. Of several who wrote as many, whoever
resolved it; else whoever wrote last. Where nobody wrote anything, whoever resolved it.
"""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.models import Event, Interaction


async def credited(session: AsyncSession, interaction: Interaction, resolver: str) -> str:
    """The id of the agent whose work an interaction was.

    Args:
        resolver: the id of whoever ended it.
    """
    found = await session.execute(
        sa.select(Event.payload)
        .where(
            Event.conversation_id == interaction.conversation_id,
            Event.kind == log.MESSAGE,
            Event.author == "agent",
            Event.seq >= interaction.first_seq,
        )
        .order_by(Event.seq)
    )
    wrote = [payload["agent"] for payload in found.scalars() if payload.get("agent")]
    return most(wrote, resolver)


def most(wrote: Sequence[str], resolver: str) -> str:
    """The rule on who wrote, in order. Pure."""
    counts = Counter(wrote)
    if not counts:
        return resolver
    highest = max(counts.values())
    equal = {agent for agent, count in counts.items() if count == highest}
    return resolver if resolver in equal else next(a for a in reversed(wrote) if a in equal)

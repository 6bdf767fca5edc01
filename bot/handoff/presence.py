"""Whose conversations have nobody any more: agents that are gone although they hold some.

A desk gives a sign of life every quarter of a minute, from whichever of its tabs is left. It comes
from the browser itself, as an answer to the desk's stream: what the server writes into a dead
connection proves nothing. After a grace period without one the agent counts as gone.
"""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.handoff.models import Agent, Handoff


@dataclasses.dataclass(frozen=True)
class Orphan:
    """A conversation whose agent is gone."""

    handoff: str
    agent: str


async def orphans(session: AsyncSession, seen_before: dt.datetime) -> list[Orphan]:
    """Held by agents whose last sign of life is older than `seen_before`, or who are disabled."""
    found = await session.execute(
        sa.select(Handoff.id, Handoff.agent_id)
        .join(Agent, Agent.id == Handoff.agent_id)
        .where(
            Handoff.status == "assigned",
            sa.or_(Agent.disabled, Agent.seen_at.is_(None), Agent.seen_at < seen_before),
        )
        .order_by(Handoff.rank_at)
    )
    return [Orphan(row.id, row.agent_id) for row in found]


async def held(session: AsyncSession, agent: str) -> list[Orphan]:
    """What one agent holds, as it would be without them."""
    found = await session.execute(
        sa.select(Handoff.id).where(Handoff.status == "assigned", Handoff.agent_id == agent)
    )
    return [Orphan(handoff, agent) for handoff in found.scalars()]


async def mark_lost(session: AsyncSession, agent: str, seen_before: dt.datetime) -> bool:
    """Remember that an agent is gone, unless they have just come back; whether they are gone."""
    marked = await session.execute(
        sa.update(Agent)
        .where(
            Agent.id == agent,
            sa.or_(Agent.disabled, Agent.seen_at.is_(None), Agent.seen_at < seen_before),
        )
        .values(presence=sa.case((Agent.present, "lost"), else_=Agent.presence))
        .execution_options(synchronize_session=False)
    )
    return bool(marked.rowcount)

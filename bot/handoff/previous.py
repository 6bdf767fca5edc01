"""Who a client spoke with before, on any channel: context for whoever comes now."""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.identities import client_of
from bot.conversations.models import Conversation, Identity, Interaction
from bot.handoff.models import Agent, Handoff


@dataclasses.dataclass(frozen=True)
class Previous:
    """The last time people dealt with a client. `agent` is None when their account is gone."""

    conversation: str
    agent_id: str | None
    agent: str | None
    ended_at: dt.datetime
    resolution: str | None
    topics: tuple[str, ...]


async def previous(
    session: AsyncSession, conversation: str, before: str | None = None
) -> Previous | None:
    """The client's latest handoff that an agent ended; None when there was none.

    Args:
        before: a handoff to leave out, the one under way.
    """
    client = await client_of(session, conversation)
    found = await session.execute(
        sa.select(Handoff, Agent, Interaction)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .outerjoin(Agent, Agent.id == Handoff.agent_id)
        .outerjoin(Interaction, Interaction.id == Handoff.interaction_id)
        .where(
            Identity.client_id == client.id,
            Handoff.status == "resolved",
            Handoff.id != (before or ""),
        )
        .order_by(Handoff.resolved_at.desc())
        .limit(1)
    )
    row = found.first()
    if row is None:
        return None
    handoff, agent, interaction = row
    return Previous(
        conversation=handoff.conversation_id,
        agent_id=agent.id if agent is not None and not agent.disabled else None,
        agent=agent.name if agent is not None else None,
        ended_at=handoff.resolved_at,
        resolution=interaction.resolution if interaction is not None else None,
        topics=tuple(interaction.topics or ()) if interaction is not None else (),
    )

"""Interactions: one session of a conversation, opened by its first message, closed once."""

import datetime as dt
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.models import Conversation, Interaction
from bot.db import now

Outcome = Literal["confirmed", "implied", "handed_off", "abandoned", "unanswered"]
_LISTS = ("languages", "topics", "articles", "owners")


async def open_of(session: AsyncSession, conversation: str) -> Interaction | None:
    """The conversation's open interaction, if it has one."""
    row = await session.execute(
        sa.select(Interaction).where(
            Interaction.conversation_id == conversation, Interaction.closed_at.is_(None)
        )
    )
    found: Interaction | None = row.scalar_one_or_none()
    return found


async def ensure_open(
    session: AsyncSession, conversation: str, seq: int, owner: str
) -> Interaction:
    """The open interaction, opened now at event `seq` if there is none; marked active."""
    found = await open_of(session, conversation)
    if found is None:
        found = Interaction(
            conversation_id=conversation, first_seq=seq, last_seq=seq, owners=[owner]
        )
        session.add(found)
    found.last_seq = seq
    found.active_at = now()
    await session.flush()
    return found


def note(interaction: Interaction, field: str, value: str) -> None:
    """Add `value` once to the interaction's languages, topics, articles or owners."""
    if field not in _LISTS:
        raise ValueError(f"{field!r} is none of {', '.join(_LISTS)}")
    known = getattr(interaction, field) or []
    if value not in known:
        setattr(interaction, field, [*known, value])


async def close(session: AsyncSession, interaction: Interaction, outcome: Outcome) -> None:
    """Close an interaction, keeping an outcome that was already settled."""
    interaction.outcome = interaction.outcome or outcome
    interaction.closed_at = now()
    interaction.last_seq = await log.append(
        session,
        interaction.conversation_id,
        "interaction_closed",
        {"interaction": interaction.id, "outcome": interaction.outcome},
    )


async def idle_since(session: AsyncSession, before: dt.datetime, limit: int) -> list[Interaction]:
    """Open interactions that the bot owns and where nothing was said since `before`."""
    rows = await session.execute(
        sa.select(Interaction)
        .join(Conversation, Conversation.id == Interaction.conversation_id)
        .where(
            Interaction.closed_at.is_(None),
            Interaction.active_at < before,
            Conversation.owner == "bot",
        )
        .order_by(Interaction.active_at)
        .limit(limit)
    )
    return list(rows.scalars())

"""How waiting ends without a person: another way was chosen, the client left, nobody came."""

import datetime as dt
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import interactions, ownership
from bot.conversations.models import Conversation
from bot.db import now
from bot.handoff.models import Handoff

_BATCH = 100


Step = Literal["return", "abandon", "expire"]


async def leave(session: AsyncSession, handoff: Handoff, step: Step, ended: str) -> bool:
    """End a wait; the assistant has the conversation again. Nothing is said.

    Args:
        ended: why, as `Handoff.ended` has it.

    Returns:
        Whether it was still waiting: an agent may have been faster, and then nothing is changed.
    """
    left = handoff.status == "waiting" and await ownership.change(
        session, handoff.conversation_id, step, ownership.QUEUE, ownership.BOT, ended
    )
    if left:
        handoff.status = ownership.STEPS[step].status
        handoff.ended, handoff.resolved_at = ended, now()
    return left


async def settle(session: AsyncSession, conversation: str, outcome: interactions.Outcome) -> None:
    """Close the interaction that came to nothing, with what became of it."""
    interaction = await interactions.open_of(session, conversation)
    if interaction is not None:
        interaction.outcome = outcome
        await interactions.close(session, interaction, outcome)


async def gone(session: AsyncSession, before: dt.datetime) -> list[tuple[Handoff, Conversation]]:
    """Who waits but has not looked since a moment, where the channel can tell.

    Not those who met a closed desk: they were asked to leave their message.
    """
    return await _waiting(
        session,
        Conversation.seen_at < before,
        Conversation.active_at < before,
        Handoff.told_kind.not_in(("closed", "nobody")),
    )


async def overdue(session: AsyncSession, before: dt.datetime) -> list[tuple[Handoff, Conversation]]:
    """Who has waited since before a moment."""
    return await _waiting(session, Handoff.opened_at < before)


async def _waiting(
    session: AsyncSession, *conditions: sa.sql.ColumnElement
) -> list[tuple[Handoff, Conversation]]:
    rows = await session.execute(
        sa.select(Handoff, Conversation)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Handoff.status == "waiting", Conversation.owner == ownership.QUEUE, *conditions)
        .order_by(Handoff.opened_at)
        .limit(_BATCH)
    )
    return [(handoff, conversation) for handoff, conversation in rows.all()]

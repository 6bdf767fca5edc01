"""How a conversation ends with a person: it is resolved, or given back to the assistant."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import interactions, ownership
from bot.conversations.models import Conversation, Interaction
from bot.db import now
from bot.handoff import queue
from bot.handoff.models import Handoff


class Unread(Exception):
    """The client has written what the holder had not seen."""


async def resolve(
    session: AsyncSession, handoff: str, agent: str, seen: int | None = None
) -> tuple[Handoff, Interaction]:
    """The holder is done: the bot listens again, the interaction is closed.

    Args:
        seen: the newest event that the holder has seen; None: whatever there is counts as seen.

    Raises:
        UnknownHandoff: there is no such handoff.
        NotYours: somebody else holds the conversation, or nobody.
        Unread: the client wrote after `seen`; nobody would ever answer that.
    """
    row = await queue.find(session, handoff)
    await _give(session, row, agent, "resolve", ownership.BOT)
    await _check_seen(session, row, seen)
    row.status, row.resolved_at = "resolved", now()
    interaction = await interactions.open_of(session, row.conversation_id)
    if interaction is None:
        interaction = await session.get(Interaction, row.interaction_id)
    if interaction is None:
        seq = await session.execute(
            sa.select(Conversation.last_seq).where(Conversation.id == row.conversation_id)
        )
        interaction = await interactions.ensure_open(
            session, row.conversation_id, seq.scalar_one(), ownership.agent_owner(agent)
        )
    if interaction.closed_at is None:
        await interactions.close(session, interaction, "handed_off")
    return row, interaction


async def return_to_bot(
    session: AsyncSession,
    handoff: str,
    agent: str | None = None,
    supervising: bool = False,
    seen: int | None = None,
) -> Handoff:
    """The client prefers the bot, or the holder gives it back: the bot answers.

    Args:
        agent: who gives it back; None for the client, who may while they wait.
        supervising: may give back what others hold, and what waits.
        seen: as for `resolve`.

    Raises:
        UnknownHandoff: there is no such handoff.
        NotYours: the conversation is held by another than `agent`.
        Unread: the client wrote after `seen`.
    """
    row = await queue.find(session, handoff)
    if agent is not None and supervising and row.status in queue.OPEN:
        before = await ownership.current(session, row.conversation_id)
        if before == ownership.BOT or not await ownership.change(
            session, row.conversation_id, "return", before, ownership.BOT, by=agent
        ):
            raise queue.NotYours(await queue.holder(session, row))
    elif agent is None and row.status == "waiting":
        await _leave_queue(session, row, "return")
    else:
        await _give(session, row, agent, "return", ownership.BOT)
    await _check_seen(session, row, seen)
    row.status, row.resolved_at = "returned", now()
    await queue.tell(session, row.conversation_id, "handoff.returned")
    return row


async def _give(
    session: AsyncSession, row: Handoff, agent: str | None, step: ownership.Step, after: str
) -> None:
    if (
        agent is None
        or row.status != "assigned"
        or not await ownership.change(
            session, row.conversation_id, step, ownership.agent_owner(agent), after
        )
    ):
        raise queue.NotYours(await queue.holder(session, row))


async def _check_seen(session: AsyncSession, row: Handoff, seen: int | None) -> None:
    """After the owner changed: the conversation's row is ours, no message comes in between."""
    if seen is None:
        return
    found = await session.execute(
        sa.select(Conversation.client_seq).where(Conversation.id == row.conversation_id)
    )
    if found.scalar_one() > seen:
        raise Unread(row.id)


async def _leave_queue(session: AsyncSession, row: Handoff, step: ownership.Step) -> None:
    if not await ownership.change(
        session, row.conversation_id, step, ownership.QUEUE, ownership.BOT
    ):
        raise queue.NotYours(await queue.holder(session, row))

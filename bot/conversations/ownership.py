"""Exactly one owner holds a conversation: the bot, the queue, or one agent.

The machine is `bot → queue → agent → bot`, `queue → bot`, `agent → queue` and `agent → agent`
(taking over). Each change is one conditional UPDATE with the expected owner in its WHERE, in the
transaction that appends its event: of any number of racing writers exactly one wins.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.models import Conversation, Interaction

BOT = "bot"
QUEUE = "queue"
_AGENT = "agent:"
OWNER_CHANGED = "owner_changed"


class NotAllowed(ValueError):
    """The state machine has no such step."""


def agent_owner(agent: str) -> str:
    """The owner value of an agent's id."""
    return f"{_AGENT}{agent}"


def agent_of(owner: str) -> str | None:
    """The agent's id in an owner value; None for the bot and the queue."""
    return owner[len(_AGENT) :] if owner.startswith(_AGENT) else None


def allowed(before: str, after: str) -> bool:
    """Whether the machine has a step from one owner to another. Pure."""
    if before == after:
        return False
    if before == BOT:
        return after == QUEUE
    return True


async def change(
    session: AsyncSession, conversation: str, before: str, after: str, reason: str
) -> bool:
    """Move a conversation from `before` to `after`, or learn that it is no longer with `before`.

    Returns:
        Whether this caller won. A loser has changed nothing; `current` tells who has it.

    Raises:
        NotAllowed: the machine has no such step.
    """
    if not allowed(before, after):
        raise NotAllowed(f"{before} → {after}")
    won = await session.execute(
        sa.update(Conversation)
        .where(Conversation.id == conversation, Conversation.owner == before)
        .values(owner=after)
        .execution_options(synchronize_session=False)
    )
    if won.rowcount != 1:
        return False
    await log.append(
        session, conversation, OWNER_CHANGED, {"from": before, "to": after, "reason": reason}
    )
    interaction = (
        await session.execute(
            sa.select(Interaction).where(
                Interaction.conversation_id == conversation, Interaction.closed_at.is_(None)
            )
        )
    ).scalar_one_or_none()
    if interaction is not None and after not in interaction.owners:
        interaction.owners = [*interaction.owners, after]
    if after == BOT:
        # What people dealt with is not answered again by the bot.
        await session.execute(
            sa.update(Conversation)
            .where(Conversation.id == conversation)
            .values(handled_seq=Conversation.client_seq, attempts=0)
            .execution_options(synchronize_session=False)
        )
    return True


async def current(session: AsyncSession, conversation: str) -> str:
    """Who owns the conversation now.

    Raises:
        UnknownConversation: there is no such conversation.
    """
    owner = (
        await session.execute(sa.select(Conversation.owner).where(Conversation.id == conversation))
    ).scalar_one_or_none()
    if owner is None:
        raise log.UnknownConversation(conversation)
    return str(owner)

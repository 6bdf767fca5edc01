"""Exactly one owner holds a conversation: the bot, the queue, or one agent.

The machine is the table `STEPS`, of which `after` is the pure reading: which owner a step may
start from, which it leads to, and what becomes of the handoff, so that at any moment

    owner is the bot     and no handoff is open, or
    owner is the queue   and one handoff waits, or
    owner is one agent   and one handoff is assigned to them.

Each change is one conditional UPDATE with the expected owner in its WHERE, in the transaction that
appends its event: of any number of racing writers exactly one wins.
"""

import dataclasses
from collections.abc import Mapping
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.models import Conversation, Interaction
from bot.db import JsonDict

BOT = "bot"
QUEUE = "queue"
_AGENT = "agent:"
OWNER_CHANGED = "owner_changed"

Kind = Literal["bot", "queue", "agent"]
Status = Literal["waiting", "assigned", "resolved", "abandoned", "expired", "returned"]
Step = Literal[
    "ask", "claim", "transfer", "requeue", "lost", "return", "resolve", "abandon", "expire"
]


class NotAllowed(ValueError):
    """The state machine has no such step."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """A step: the kinds of owner it starts from, the kind it leads to, the handoff's new status."""

    before: frozenset[Kind]
    after: Kind
    status: Status


STEPS: Final[Mapping[Step, Rule]] = {
    # A person is wanted.
    "ask": Rule(frozenset({"bot"}), "queue", "waiting"),
    # An agent takes who waits.
    "claim": Rule(frozenset({"queue"}), "agent", "assigned"),
    # To another agent: by the holder, or by a supervisor who takes over or gives out.
    "transfer": Rule(frozenset({"queue", "agent"}), "agent", "assigned"),
    # The holder gives it to whoever comes.
    "requeue": Rule(frozenset({"agent"}), "queue", "waiting"),
    # The holder is gone: browser closed, network lost, process dead.
    "lost": Rule(frozenset({"agent"}), "queue", "waiting"),
    # The bot answers again: the client prefers it, or the holder gives it back.
    "return": Rule(frozenset({"queue", "agent"}), "bot", "returned"),
    # The holder is done.
    "resolve": Rule(frozenset({"agent"}), "bot", "resolved"),
    # The client left while waiting.
    "abandon": Rule(frozenset({"queue"}), "bot", "abandoned"),
    # Nobody came in time.
    "expire": Rule(frozenset({"queue"}), "bot", "expired"),
}


@dataclasses.dataclass(frozen=True)
class State:
    """Who owns, and how the open handoff stands; None when none is open."""

    owner: str
    handoff: Literal["waiting", "assigned"] | None


def kind(owner: str) -> Kind:
    """What an owner value is: the bot, the queue or an agent."""
    if owner == BOT:
        return "bot"
    return "queue" if owner == QUEUE else "agent"


def agent_owner(agent: str) -> str:
    """The owner value of an agent's id."""
    return f"{_AGENT}{agent}"


def agent_of(owner: str) -> str | None:
    """The agent's id in an owner value; None for the bot and the queue."""
    return owner[len(_AGENT) :] if owner.startswith(_AGENT) else None


def allowed(step: Step, before: str, after: str) -> bool:
    """Whether a step leads from one owner to another. Pure."""
    rule = STEPS[step]
    return before != after and kind(before) in rule.before and kind(after) == rule.after


def after(state: State, step: Step, owner: str) -> State:
    """The state a step leads to, with its new owner. Pure.

    Raises:
        NotAllowed: the machine has no such step.
    """
    if not allowed(step, state.owner, owner):
        raise NotAllowed(f"{step}: {state.owner} → {owner}")
    status = STEPS[step].status
    return State(owner, status if status in ("waiting", "assigned") else None)


async def change(
    session: AsyncSession,
    conversation: str,
    step: Step,
    before: str,
    after: str,
    reason: str = "",
    **details: str | None,
) -> bool:
    """Move a conversation from `before` to `after`, or learn that it is no longer with `before`.

    Args:
        reason: why, for the log, where the step alone does not say; `details` go beside it.

    Returns:
        Whether this caller won. A loser has changed nothing; `current` tells who has it.

    Raises:
        NotAllowed: the machine has no such step.
    """
    if not allowed(step, before, after):
        raise NotAllowed(f"{step}: {before} → {after}")
    won = await session.execute(
        sa.update(Conversation)
        .where(Conversation.id == conversation, Conversation.owner == before)
        .values(owner=after)
        .execution_options(synchronize_session=False)
    )
    if won.rowcount != 1:
        return False
    told: JsonDict = {
        "from": before,
        "to": after,
        "step": step,
        "reason": reason or step,
        **details,
    }
    await log.append(session, conversation, OWNER_CHANGED, told)
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

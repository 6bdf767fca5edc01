"""The queue: conversations wait for a person, one agent claims each, and it ends once.

Every step moves the conversation's owner (`conversations.ownership`) and the handoff's status in
one transaction; of racing claims exactly one finds the owner it expects.
"""

import dataclasses
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import interactions, log, ownership
from bot.conversations.models import Conversation
from bot.db import JsonDict, now
from bot.handoff import priority
from bot.handoff.agents import name_of
from bot.handoff.models import Agent, Handoff

OPEN = ("waiting", "assigned")
ORDER = (Handoff.rank_at, Handoff.id)
"""The queue's order: the longest waiting first, the urgent with a head start."""
FOLLOW_UP = "follow_up"
"""The reason of a handoff that an agent opened; the client is not asked to rate it again."""


class UnknownHandoff(LookupError):
    """No handoff has this id."""


class NotYours(Exception):
    """The step is for whoever holds the conversation. `holder` is their name, None if nobody."""

    def __init__(self, holder: str | None) -> None:
        super().__init__(holder)
        self.holder = holder


class Unavailable(Exception):
    """Who should take the conversation over is no agent, or is disabled."""


@dataclasses.dataclass(frozen=True)
class Won:
    """The claim's winner; the conversation is theirs."""

    handoff: Handoff


@dataclasses.dataclass(frozen=True)
class Lost:
    """Somebody was faster. `winner` is None when it is no longer open at all."""

    winner: str | None


@dataclasses.dataclass(frozen=True)
class Place:
    """A waiting handoff and its place in the queue, from 1."""

    handoff: Handoff
    position: int


async def open_handoff(session: AsyncSession, conversation: str, reason: str) -> Handoff:
    """The conversation waits for a person from now on. One that already does is left as it is.

    Raises:
        UnknownConversation: there is no such conversation.
    """
    standing = await open_of(session, conversation)
    if standing is not None:
        return standing
    # Taken before anything else: of two at once the second finds the first one's handoff.
    if not await ownership.change(
        session, conversation, "ask", ownership.BOT, ownership.QUEUE, reason
    ):
        await ownership.current(session, conversation)
        return await _standing(session, conversation)
    row = await session.get(Conversation, conversation)
    interaction = await interactions.open_of(session, conversation)
    moment = now()
    handoff: Handoff = Handoff(
        conversation_id=conversation,
        interaction_id=interaction.id if interaction else None,
        reason=reason,
        language=row.locale,
        status="waiting",
        opened_at=moment,
        rank_at=moment,
        priority=[],
    )
    await priority.judge(session, handoff, interaction)
    session.add(handoff)
    await session.flush()
    return handoff


async def _standing(session: AsyncSession, conversation: str) -> Handoff:
    found = await open_of(session, conversation)
    if found is None:
        raise UnknownHandoff(conversation)
    return found


async def open_of(session: AsyncSession, conversation: str) -> Handoff | None:
    """The conversation's handoff that is waiting or assigned, if any."""
    found = await session.execute(
        sa.select(Handoff)
        .where(Handoff.conversation_id == conversation, Handoff.status.in_(OPEN))
        .execution_options(populate_existing=True)
    )
    return found.scalar_one_or_none()  # type: ignore[no-any-return]


async def waiting(session: AsyncSession) -> list[Place]:
    """Everybody who waits, in the queue's order."""
    rows = await session.execute(
        sa.select(Handoff).where(Handoff.status == "waiting").order_by(*ORDER)
    )
    return [Place(handoff, place) for place, handoff in enumerate(rows.scalars(), 1)]


async def press(session: AsyncSession, conversation: str, reason: str) -> bool:
    """Something has made a waiting client more urgent; whether that was new."""
    standing = await open_of(session, conversation)
    return standing is not None and standing.status == "waiting" and priority.add(standing, reason)


def ahead_of(handoff: Handoff) -> Any:
    """The condition for handoffs that stand before this one in the queue."""
    return sa.and_(
        Handoff.status == "waiting",
        sa.or_(
            Handoff.rank_at < handoff.rank_at,
            sa.and_(Handoff.rank_at == handoff.rank_at, Handoff.id < handoff.id),
        ),
    )


async def claim(
    session: AsyncSession, handoff: str, agent: str, why: JsonDict | None = None
) -> Won | Lost:
    """Try to take a waiting conversation. Claiming again what one holds wins again.

    Args:
        why: how it came to this agent; kept with the handoff and in the log.

    Raises:
        UnknownHandoff: there is no such handoff.
    """
    row = await find(session, handoff)
    mine = ownership.agent_owner(agent)
    won = row.status == "waiting" and await ownership.change(
        session, row.conversation_id, "claim", ownership.QUEUE, mine, "claimed"
    )
    if not won:
        owner = await ownership.current(session, row.conversation_id)
        row = await find(session, handoff)  # as the winner left it, who may be our other tab
        if owner == mine and row.status == "assigned":
            return Won(row)
        holder = ownership.agent_of(owner)
        return Lost(await name_of(session, holder) if holder else None)
    _assign(row, agent, why or {"how": "chosen", "reasons": []})
    await tell(session, row.conversation_id, "handoff.joined", name=await name_of(session, agent))
    return Won(row)


def _assign(row: Handoff, agent: str, why: JsonDict) -> None:
    row.status, row.agent_id, row.assigned_at, row.why = "assigned", agent, now(), why


def _wait(row: Handoff) -> None:
    row.status, row.agent_id, row.assigned_at, row.why = "waiting", None, None, None


async def reach_out(session: AsyncSession, conversation: str, agent: str) -> Won | Lost:
    """An agent writes first, as promised to somebody who was not satisfied.

    Raises:
        UnknownConversation: there is no such conversation.
    """
    handoff = await open_handoff(session, conversation, FOLLOW_UP)
    return await claim(session, handoff.id, agent)


async def lost(session: AsyncSession, handoff: str, agent: str) -> Handoff | None:
    """The holder is gone: the conversation waits again, at the front, and keeps its history.

    Nothing is said; whoever calls tells the client.

    Returns:
        The handoff, or None when `agent` no longer held it.

    Raises:
        UnknownHandoff: there is no such handoff.
    """
    row = await find(session, handoff)
    if row.status != "assigned" or not await ownership.change(
        session,
        row.conversation_id,
        "lost",
        ownership.agent_owner(agent),
        ownership.QUEUE,
        name=await name_of(session, agent),
    ):
        return None
    _wait(row)
    row.preferred_agent_id = agent  # back before anybody took it: theirs again
    priority.add(row, "lost")
    return row


async def transfer(
    session: AsyncSession,
    handoff: str,
    agent: str,
    to: str | None,
    note: str = "",
    supervising: bool = False,
    skill: str | None = None,
) -> Handoff:
    """Pass a conversation on.

    Args:
        agent: who passes it on.
        to: another agent's id, or None for the queue, where it keeps its place.
        note: what the next one should know; the client does not see it.
        supervising: may pass on what others hold, and what waits.
        skill: with the queue: what whoever takes it should know about.

    Raises:
        UnknownHandoff: there is no such handoff.
        NotYours: `agent` does not hold the conversation.
        Unavailable: `to` is nobody who can take it.
    """
    row = await find(session, handoff)
    target = None
    if to is not None:
        target = await session.get(Agent, to)
        if target is None or target.disabled:
            raise Unavailable(to)
    after = ownership.agent_owner(target.id) if target is not None else ownership.QUEUE
    now_with = await ownership.current(session, row.conversation_id)
    before = now_with if supervising else ownership.agent_owner(agent)
    if row.status not in OPEN or before != now_with:
        raise NotYours(await holder(session, row))
    step: ownership.Step = "transfer" if target is not None else "requeue"
    if before != after and not await ownership.change(
        session, row.conversation_id, step, before, after, "transferred", by=agent, skill=skill
    ):
        raise NotYours(await holder(session, row))
    if note.strip():
        await add_note(session, row.conversation_id, agent, note)
    if target is None:
        row.skill = skill or row.skill
    if before == after:
        return row
    if target is not None:
        how = "taken_over" if target.id == agent else "given"
        _assign(row, target.id, {"how": how, "by": await name_of(session, agent), "reasons": []})
        await tell(session, row.conversation_id, "handoff.joined", name=target.name)
    else:
        _wait(row)
        await tell(session, row.conversation_id, "handoff.passed_on")
    return row


async def add_note(session: AsyncSession, conversation: str, agent: str, text: str) -> int:
    """Write something down that only the desk sees; gives its number in the log."""
    return await log.append(
        session,
        conversation,
        "note",
        {"text": text.strip(), "agent": agent, "name": await name_of(session, agent)},
    )


async def find(session: AsyncSession, handoff: str) -> Handoff:
    """One handoff as the database has it now.

    Raises:
        UnknownHandoff: there is no such handoff.
    """
    found = await session.execute(
        sa.select(Handoff).where(Handoff.id == handoff).execution_options(populate_existing=True)
    )
    row: Handoff | None = found.scalar_one_or_none()
    if row is None:
        raise UnknownHandoff(handoff)
    return row


async def holder(session: AsyncSession, row: Handoff) -> str | None:
    """The name of who holds its conversation; None when no agent does."""
    agent = ownership.agent_of(await ownership.current(session, row.conversation_id))
    return await name_of(session, agent) if agent else None


async def tell(session: AsyncSession, conversation: str, key: str, name: str | None = None) -> None:
    """Say something to the client in the system's name, in the conversation's language."""
    row = await session.get(Conversation, conversation)
    await log.say(session, conversation, "system", row.voice.say(key, name=name), row.locale)

"""Agents pull: the queue as each should see it, and the next one for me in one step."""

import dataclasses
from collections.abc import Container, Mapping, Sequence
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import JsonDict, now
from bot.handoff import queue, routing
from bot.handoff.agents import on_duty
from bot.handoff.models import Agent, Handoff
from bot.handoff.policy import policy
from bot.handoff.routing import Choice, Person, Tongue, Want

_MOST = 1000  # waiting conversations that are weighed
_EXPLAINED = 200  # of a list, so many with their reasons; nobody reads further

Refusal = Literal["not_available", "full", "nothing"]


class NothingTaken(Exception):
    """Nothing was taken: the agent is not available, has no place left, or nothing is for them."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclasses.dataclass(frozen=True)
class Now:
    """What routing weighs, read at one moment."""

    wants: tuple[Want, ...]
    people: tuple[Person, ...]


async def look(session: AsyncSession) -> Now:
    """The queue and everybody on duty."""
    found = await session.execute(
        sa.select(
            Handoff.id,
            Handoff.language,
            Handoff.skill,
            Handoff.opened_at,
            Handoff.rank_at,
            Handoff.priority,
            Handoff.preferred_agent_id,
        )
        .where(Handoff.status == "waiting")
        .order_by(*queue.ORDER)
        .limit(_MOST)
    )
    wants = tuple(
        Want(
            handoff=row.id,
            language=row.language,
            skill=row.skill,
            opened_at=row.opened_at,
            rank_at=row.rank_at,
            priority=tuple(row.priority or ()),
            preferred=row.preferred_agent_id,
            position=place,
        )
        for place, row in enumerate(found, 1)
    )
    agents = await on_duty(session)
    held = await _loads(session, [agent.id for agent in agents])
    return Now(wants, tuple(_person(agent, held.get(agent.id, 0)) for agent in agents))


async def choices(
    session: AsyncSession,
    agent: str,
    *,
    translates: bool,
    language: str = "",
    among: Container[str] | None = None,
    most: int = _MOST,
) -> list[Choice]:
    """What waits, the best for this agent first; the first of them with their reasons.

    Args:
        language: only those who write this one.
        among: only these handoffs.
        most: so many, and no more.
    """
    state = await look(session)
    me = await _me(session, agent, state)
    by, moment = policy(), now()
    found = [
        choice
        for choice in routing.choices(
            me, state.wants, state.people, by, moment, translates=translates
        )
        if (not language or choice.want.language == language)
        and (among is None or choice.want.handoff in among)
    ][:most]
    first = routing.explained(
        found[:_EXPLAINED], me, state.people, by, moment, translates=translates
    )
    return first + found[_EXPLAINED:]


async def claim(
    session: AsyncSession, handoff: str, agent: str, *, translates: bool
) -> queue.Won | queue.Lost:
    """Take one that the agent chose; why it came to them is written down.

    Raises:
        UnknownHandoff: there is no such handoff.
    """
    state = await look(session)
    want = next((want for want in state.wants if want.handoff == handoff), None)
    if want is None:
        return await queue.claim(session, handoff, agent)
    me = await _me(session, agent, state)
    why = routing.reasons(me, want, state.people, policy(), now(), translates=translates)
    return await queue.claim(session, handoff, agent, _why("chosen", why))


async def take_next(session: AsyncSession, agent: str, *, translates: bool) -> Handoff:
    """Take the best one for this agent. Who loses a race takes the next best in the same step.

    Raises:
        NothingTaken: see there.
    """
    # The agent's own row, so that two of their tabs cannot both take the last place.
    await session.execute(
        sa.update(Agent)
        .where(Agent.id == agent)
        .values(seen_at=now())
        .execution_options(synchronize_session=False)
    )
    row = await session.get(Agent, agent, populate_existing=True)
    if row.presence != "available":
        raise NothingTaken("not_available")
    held = await _loads(session, [agent])
    if held.get(agent, 0) >= row.capacity:
        raise NothingTaken("full")
    state = await look(session)
    me = await _me(session, agent, state)
    by, moment = policy(), now()
    for choice in routing.choices(me, state.wants, state.people, by, moment, translates=translates):
        if choice.tongue == Tongue.NONE:
            continue
        why = routing.reasons(me, choice.want, state.people, by, moment, translates=translates)
        won = await queue.claim(session, choice.want.handoff, agent, _why("next", why))
        if isinstance(won, queue.Won):
            return won.handoff
    raise NothingTaken("nothing")


async def answerable(
    session: AsyncSession, languages: Mapping[str, int], *, translates: bool
) -> int:
    """How many wait whom somebody with these languages can answer."""
    found = await session.execute(
        sa.select(Handoff.language, sa.func.count())
        .where(Handoff.status == "waiting")
        .group_by(Handoff.language)
    )
    by = policy()
    return sum(
        count
        for language, count in found
        if routing.tongue(languages, language, by, translates) < Tongue.NONE
    )


async def unspoken(session: AsyncSession, language: str, *, translates: bool) -> list[str]:
    """What the team speaks, when nobody in it, on duty or not, can answer in a language.

    Empty when somebody can, and when there is nobody at all.
    """
    found = await session.execute(sa.select(Agent).where(Agent.disabled.is_(False)))
    team = [_person(agent, 0) for agent in found.scalars()]
    by = policy()
    if any(routing.tongue(one.languages, language, by, translates) < Tongue.NONE for one in team):
        return []
    levels: dict[str, int] = {}
    for one in team:
        for tag, level in one.languages.items():
            if level >= by.speaks_from:
                levels[tag] = levels.get(tag, 0) + 1
    return sorted(levels, key=lambda tag: (-levels[tag], tag))


def _why(how: Literal["chosen", "next"], reasons: Sequence[JsonDict]) -> JsonDict:
    return {"how": how, "reasons": list(reasons)}


def _person(agent: Agent, load: int) -> Person:
    return Person(
        id=agent.id,
        languages=agent.languages or {},
        skills=frozenset(agent.skills or ()),
        capacity=agent.capacity,
        load=load,
        available=agent.presence == "available",
    )


async def _me(session: AsyncSession, agent: str, state: Now) -> Person:
    on = next((person for person in state.people if person.id == agent), None)
    if on is not None:
        return on
    row = await session.get(Agent, agent)
    held = await _loads(session, [agent])
    return dataclasses.replace(_person(row, held.get(agent, 0)), available=False)


async def _loads(session: AsyncSession, agents: Sequence[str]) -> dict[str, int]:
    found = await session.execute(
        sa.select(Handoff.agent_id, sa.func.count())
        .where(Handoff.status == "assigned", Handoff.agent_id.in_(agents))
        .group_by(Handoff.agent_id)
    )
    return dict(found.all())

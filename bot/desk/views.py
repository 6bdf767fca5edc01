"""What the desk shows of the queue and of one conversation, read from the tables."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.conversations import linking, log, ownership
from bot.conversations.identities import client_of
from bot.conversations.models import (
    Client,
    Conversation,
    Event,
    Identity,
    Interaction,
    ReadMark,
)
from bot.db import now
from bot.desk import briefing, history
from bot.feedback import csat
from bot.feedback.models import Rating
from bot.handoff import queue
from bot.handoff.models import Agent, Handoff
from bot.handoff.routing import Choice

WINDOW = 50
"""Rows of the list that are shown at first, and added each time more are asked for."""
MOST_ROWS = 1000
MANY = 99
"""Unread messages beyond this are "more than"."""
_AT_ONCE = 500  # ids in one query

Tab = Literal["waiting", "mine", "all"]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a reader wants to see of a tab: one language, only what they have not read, so many."""

    language: str = ""
    unread: bool = False
    limit: int = WINDOW


EVERYTHING = Wanted(limit=MOST_ROWS)
"""A whole tab."""


@dataclasses.dataclass(frozen=True)
class QueueRow:
    """One conversation in the list.

    `unread`: the client's messages that this reader has not had on their screen, `MANY` at most.
    `choice`: what routing says of a waiting one for this reader.
    """

    conversation: str
    handoff: str | None
    status: str
    reason: str | None
    language: str
    client: str | None
    agent_id: str | None
    agent: str | None
    since: dt.datetime
    last_text: str
    last_author: str
    last_at: dt.datetime
    position: int | None = None
    unread: int = 0
    choice: Choice | None = None

    @property
    def unanswered(self) -> bool:
        """Whether the client waits for an answer."""
        return self.last_author == "client"

    @property
    def waited(self) -> int:
        """Whole minutes since they asked for a person."""
        return max(0, int((now() - self.since).total_seconds() // 60))


@dataclasses.dataclass(frozen=True)
class Opened:
    """One conversation as the middle and right panes show it."""

    conversation: Conversation
    client: Client
    handoff: Handoff | None
    holder: Agent | None
    history: history.History
    interactions: tuple[Interaction, ...]
    ratings: tuple[Rating, ...]
    articles: dict[str, str]
    elsewhere: tuple[Conversation, ...]
    briefing: briefing.Briefing

    @property
    def interaction(self) -> Interaction | None:
        """The latest interaction."""
        return self.interactions[0] if self.interactions else None


def _last(*more: Any) -> Any:
    """The number of a conversation's last message of a kind."""
    said = aliased(Event)
    # From the end of each conversation's own index range: never through the whole log.
    return (
        sa.select(said.seq)
        .where(
            said.conversation_id == Conversation.id,
            said.kind == log.MESSAGE,
            *(condition(said) for condition in more),
        )
        .order_by(said.seq.desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )


def _by_anybody(said: Any) -> Any:
    return said.author.in_(("client", "bot", "agent"))


def _typed_by_client(said: Any) -> Any:
    return sa.and_(said.author == "client", said.payload["button"].as_string().is_(None))


def _rows(extra: Any, order: Any, limit: int, *, wish: bool = False) -> Any:
    """The queue's rows; with `wish` they show what the client wrote, not what they were told."""
    last = _last(_by_anybody)
    if wish:
        last = sa.func.coalesce(_last(_typed_by_client), last)
    return (
        sa.select(Conversation, Handoff, Client.name, Agent.name.label("agent"), Event)
        .join(Identity, Identity.id == Conversation.identity_id)
        .join(Client, Client.id == Identity.client_id)
        .outerjoin(
            Handoff,
            sa.and_(Handoff.conversation_id == Conversation.id, Handoff.status.in_(queue.OPEN)),
        )
        .outerjoin(Agent, Agent.id == Handoff.agent_id)
        .join(Event, sa.and_(Event.conversation_id == Conversation.id, Event.seq == last))
        .where(*extra)
        .order_by(*order)
        .limit(limit)
    )


async def rows(
    session: AsyncSession,
    tab: Tab,
    agent: str,
    wanted: Wanted = EVERYTHING,
    handoffs: Sequence[str] | None = None,
) -> list[QueueRow]:
    """A tab's conversations: waiting longest first, mine and all by the latest word.

    Gives one row more than the limit where there are more.

    Args:
        handoffs: these, in this order, chosen as `wanted` says.
    """
    if handoffs is not None:
        return await _chosen(session, tab, agent, handoffs)
    conditions: list[Any] = []
    if wanted.language:
        conditions.append(
            (Handoff.language if tab == "waiting" else Conversation.locale) == wanted.language
        )
    if wanted.unread:
        conditions.append(Conversation.client_seq > _mark_of(agent))
    limit = min(wanted.limit, MOST_ROWS) + 1
    if tab == "waiting":
        conditions.append(Handoff.status == "waiting")
        query = _rows(conditions, queue.ORDER, limit, wish=True)
    elif tab == "mine":
        query = _rows([*conditions, Handoff.agent_id == agent], [Event.at.desc()], limit)
    else:
        query = _rows(conditions, [Conversation.active_at.desc()], limit)
    return await _read(session, query, tab, agent)


async def _chosen(
    session: AsyncSession, tab: Tab, agent: str, handoffs: Sequence[str]
) -> list[QueueRow]:
    found: dict[str | None, QueueRow] = {}
    for first in range(0, len(handoffs), _AT_ONCE):
        ids = handoffs[first : first + _AT_ONCE]
        query = _rows([Handoff.id.in_(ids)], queue.ORDER, _AT_ONCE, wish=True)
        found.update((row.handoff, row) for row in await _read(session, query, tab, agent))
    return [found[handoff] for handoff in handoffs if handoff in found]


async def _read(session: AsyncSession, query: Any, tab: Tab, agent: str) -> list[QueueRow]:
    found = (await session.execute(query)).all()
    unread = await _unread(session, agent, [row.Conversation.id for row in found])
    return [
        QueueRow(
            conversation=conversation.id,
            handoff=handoff.id if handoff else None,
            status=handoff.status if handoff else "bot",
            reason=handoff.reason if handoff else None,
            language=handoff.language if tab == "waiting" and handoff else conversation.locale,
            client=name,
            agent_id=handoff.agent_id if handoff else None,
            agent=agent_name,
            since=handoff.opened_at if handoff else conversation.active_at,
            last_text=event.payload["text"],
            last_author=event.author,
            last_at=event.at,
            position=place if tab == "waiting" else None,
            unread=unread.get(conversation.id, 0),
        )
        for place, (conversation, handoff, name, agent_name, event) in enumerate(found, 1)
    ]


async def unread_handoffs(session: AsyncSession, agent: str) -> set[str]:
    """Those who wait and have written what an agent has not had on their screen."""
    found = await session.execute(
        sa.select(Handoff.id)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Handoff.status == "waiting", Conversation.client_seq > _mark_of(agent))
    )
    return set(found.scalars())


def _mark_of(agent: str) -> Any:
    """Up to where the agent has read a conversation, 0 where they never opened it."""
    mark = (
        sa.select(ReadMark.seq)
        .where(
            ReadMark.conversation_id == Conversation.id,
            ReadMark.reader == ownership.agent_owner(agent),
        )
        .correlate(Conversation)
        .scalar_subquery()
    )
    return sa.func.coalesce(mark, 0)


async def _unread(session: AsyncSession, agent: str, chats: list[str]) -> dict[str, int]:
    """How many of the client's messages an agent has not read, by conversation."""
    found = await session.execute(
        sa.select(Conversation.id, sa.func.count(Event.seq))
        .join(Event, Event.conversation_id == Conversation.id)
        .where(
            Conversation.id.in_(chats),
            Conversation.client_seq > _mark_of(agent),
            Event.kind == log.MESSAGE,
            Event.author == "client",
            Event.seq > _mark_of(agent),
        )
        .group_by(Conversation.id)
    )
    return dict(found.all())


async def languages(session: AsyncSession, tab: Tab, agent: str) -> list[str]:
    """The languages there are in a tab (in the last, among those that wrote lately)."""
    if tab == "all":
        newest = (
            sa.select(Conversation.locale)
            .order_by(Conversation.active_at.desc())
            .limit(MOST_ROWS)
            .subquery()
        )
        found = await session.execute(sa.select(newest.c.locale).distinct())
        return sorted(found.scalars())
    tag, condition = Conversation.locale, Handoff.agent_id == agent
    if tab == "waiting":
        tag, condition = Handoff.language, Handoff.status == "waiting"
    found = await session.execute(
        sa.select(tag)
        .select_from(Handoff)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Handoff.status.in_(queue.OPEN), condition)
        .distinct()
    )
    return sorted(found.scalars())


async def counts(session: AsyncSession, agent: str) -> dict[str, int]:
    """How many wait, how many are this agent's, and how many of those they have not read."""
    held = sa.and_(Handoff.status == "assigned", Handoff.agent_id == agent)
    found = await session.execute(
        sa.select(
            sa.func.count().filter(Handoff.status == "waiting"),
            sa.func.count().filter(held),
            sa.func.count().filter(held, Conversation.client_seq > _mark_of(agent)),
        )
        .select_from(Handoff)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Handoff.status.in_(queue.OPEN))
    )
    waiting, mine, unread = found.one()
    return {"waiting": waiting, "mine": mine, "unread": unread}


async def opened(
    session: AsyncSession, conversation: str, reads: str, since: int = 0
) -> Opened | None:
    """One conversation with its newest history; None when there is no such conversation.

    Args:
        reads: the language of who looks at it.
        since: as `history.history` takes it.
    """
    row = await session.get(Conversation, conversation)
    if row is None:
        return None
    handoff = await queue.open_of(session, conversation)
    holder = ownership.agent_of(row.owner)
    past = await session.execute(
        sa.select(Interaction)
        .where(Interaction.conversation_id == conversation)
        .order_by(Interaction.opened_at.desc())
        .limit(1)
    )
    interactions = tuple(past.scalars())
    shown: set[str] = set()
    for interaction in interactions:
        shown.update(interaction.articles or ())
    client = await client_of(session, conversation)
    latest = interactions[0] if interactions else None
    known = await briefing.brief(session, conversation, client.id, latest, reads)
    return Opened(
        conversation=row,
        client=client,
        handoff=handoff,
        holder=await session.get(Agent, holder) if holder else None,
        history=await history.history(session, conversation, reads, since=since),
        interactions=interactions,
        ratings=tuple(await csat.of_conversation(session, conversation)),
        articles=await history.titles(session, shown, reads, conversation),
        elsewhere=tuple(await linking.elsewhere(session, row)),
        briefing=known,
    )


async def colleagues(session: AsyncSession, agent: str) -> list[Agent]:
    """Everybody else who could take a conversation over, those present first."""
    found = await session.execute(
        sa.select(Agent)
        .where(Agent.id != agent, Agent.disabled.is_(False))
        .order_by(Agent.present.desc(), Agent.name)
    )
    return list(found.scalars())


async def client_names(session: AsyncSession, conversations: set[str]) -> dict[str, str | None]:
    """Clients' names by conversation."""
    found = await session.execute(
        sa.select(Conversation.id, Client.name)
        .join(Identity, Identity.id == Conversation.identity_id)
        .join(Client, Client.id == Identity.client_id)
        .where(Conversation.id.in_(conversations))
    )
    return {row.id: row.name for row in found}


async def names(session: AsyncSession) -> dict[str, str]:
    """Agents' names by id."""
    return {row.id: row.name for row in await session.execute(sa.select(Agent.id, Agent.name))}

"""What the desk shows of the queue and of one conversation, read from the tables."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.conversations import log, ownership
from bot.conversations.identities import client_of
from bot.conversations.models import Client, Conversation, Event, Identity, Interaction
from bot.db import JsonDict, now
from bot.feedback import csat
from bot.feedback.models import Rating
from bot.flow.translation import of_messages
from bot.handoff import queue
from bot.handoff.models import Agent, Handoff
from bot.knowledge.models import Body

SHOWN = (
    log.MESSAGE,
    "note",
    "article_shown",
    "rated",
    "rating_comment",
    "follow_up_opened",
    "interaction_closed",
    ownership.OWNER_CHANGED,
)
"""Kinds of events that belong in a conversation's history at the desk."""

PAGE = 200
MOST = 2000
_ALL = 100

Tab = Literal["waiting", "mine", "all"]


@dataclasses.dataclass(frozen=True)
class QueueRow:
    """One conversation in the list. `unread`: the last word is the client's."""

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

    @property
    def unread(self) -> bool:
        """Whether the client waits for an answer."""
        return self.last_author == "client"

    @property
    def waited(self) -> int:
        """Whole minutes since they asked for a person."""
        return max(0, int((now() - self.since).total_seconds() // 60))


@dataclasses.dataclass(frozen=True)
class Item:
    """One line of a conversation's history."""

    seq: int
    kind: str
    author: str | None
    text: str
    language: str | None
    payload: JsonDict
    at: dt.datetime


@dataclasses.dataclass(frozen=True)
class Opened:
    """One conversation as the middle and right panes show it."""

    conversation: Conversation
    client: Client
    handoff: Handoff | None
    holder: Agent | None
    items: tuple[Item, ...]
    earlier: bool
    interactions: tuple[Interaction, ...]
    ratings: tuple[Rating, ...]
    articles: dict[str, str]
    learned: tuple[tuple[str, str], ...]
    translations: Mapping[int, Mapping[str, JsonDict]]

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


async def rows(session: AsyncSession, tab: Tab, agent: str) -> list[QueueRow]:
    """A tab's conversations: waiting longest first, mine and all by the latest word."""
    if tab == "waiting":
        query = _rows([Handoff.status == "waiting"], queue.ORDER, 1000, wish=True)
    elif tab == "mine":
        query = _rows([Handoff.agent_id == agent], [Event.at.desc()], 100)
    else:
        query = _rows([], [Conversation.active_at.desc()], _ALL)
    found = (await session.execute(query)).all()
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
        )
        for place, (conversation, handoff, name, agent_name, event) in enumerate(found, 1)
    ]


async def counts(session: AsyncSession, agent: str) -> dict[str, int]:
    """How many wait, and how many are this agent's."""
    found = await session.execute(
        sa.select(
            sa.func.count().filter(Handoff.status == "waiting"),
            sa.func.count().filter(Handoff.status == "assigned", Handoff.agent_id == agent),
        )
        .select_from(Handoff)
        .where(Handoff.status.in_(queue.OPEN))
    )
    waiting, mine = found.one()
    return {"waiting": waiting, "mine": mine}


async def opened(session: AsyncSession, conversation: str, limit: int = PAGE) -> Opened | None:
    """One conversation with its newest history; None when there is no such conversation."""
    row = await session.get(Conversation, conversation)
    if row is None:
        return None
    handoff = await queue.open_of(session, conversation)
    holder = ownership.agent_of(row.owner)
    found = (
        (
            await session.execute(
                sa.select(Event)
                .where(Event.conversation_id == conversation, Event.kind.in_(SHOWN))
                .order_by(Event.seq.desc())
                .limit(min(limit, MOST) + 1)
            )
        )
        .scalars()
        .all()
    )
    past = await session.execute(
        sa.select(Interaction)
        .where(Interaction.conversation_id == conversation)
        .order_by(Interaction.opened_at.desc())
        .limit(10)
    )
    items = tuple(_item(event) for event in reversed(found[: min(limit, MOST)]))
    interactions = tuple(past.scalars())
    translated = await of_messages(session, conversation, items[0].seq if items else 0)
    shown = {item.payload["article"] for item in items if item.kind == "article_shown"}
    for interaction in interactions:
        shown.update(interaction.articles or ())
    return Opened(
        conversation=row,
        client=await client_of(session, conversation),
        handoff=handoff,
        holder=await session.get(Agent, holder) if holder else None,
        items=items,
        earlier=len(found) > limit,
        interactions=interactions,
        ratings=tuple(await csat.of_conversation(session, conversation)),
        articles=await _titles(session, shown),
        learned=await _learned(session, conversation),
        translations={
            seq: {language: tried[-1] for language, tried in by_language.items()}
            for seq, by_language in translated.items()
        },
    )


def _item(event: Event) -> Item:
    return Item(
        seq=event.seq,
        kind=event.kind,
        author=event.author,
        text=event.payload.get("text", ""),
        language=event.payload.get("language"),
        payload=event.payload,
        at=event.at,
    )


async def _titles(session: AsyncSession, articles: set[str]) -> dict[str, str]:
    """English titles where there are any: agents share that language."""
    found = await session.execute(
        sa.select(Body.article, Body.title, Body.locale).where(Body.article.in_(articles))
    )
    titles: dict[str, str] = {}
    for article, title, locale in found:
        if locale == "en" or article not in titles:
            titles[article] = title
    return titles


async def _learned(session: AsyncSession, conversation: str) -> tuple[tuple[str, str], ...]:
    """What the assistant picked out of what the client wrote, each once, the latest last."""
    found = await session.execute(
        sa.select(Event.payload)
        .where(Event.conversation_id == conversation, Event.kind == "understood")
        .order_by(Event.seq)
        .limit(PAGE)
    )
    learned: dict[tuple[str, str], None] = {}
    for payload in found.scalars():
        for entity in payload.get("entities") or ():
            if isinstance(entity, dict) and entity.get("entity") != "language":
                learned[str(entity.get("entity")), str(entity.get("value"))] = None
    return tuple(learned)


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

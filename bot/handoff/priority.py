"""How urgent a waiting conversation is, and what whoever takes it should know about.

Urgency is a head start in minutes (`data/routing.yml`): it moves `rank_at` before the moment they
asked. So urgent ones come sooner, and nobody is passed for ever.
"""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.identities import client_of
from bot.conversations.models import Conversation, Event, Identity, Interaction
from bot.db import now
from bot.handoff.models import Handoff
from bot.handoff.policy import Policy, policy
from bot.knowledge.models import Article

SEGMENT = "segment:"
"""What a reason begins with that names one of the client's segments."""

_TOLD = ("understood", "unanswered", "helped", "turn_failed")
_LATELY = dt.timedelta(days=14)
_READ = 200  # events of one interaction that are looked at


def head_start(reasons: Iterable[str], by: Policy) -> dt.timedelta:
    """How much earlier than they asked a conversation counts, for these reasons. Pure."""
    minutes = 0
    for reason in reasons:
        if reason.startswith(SEGMENT):
            minutes += by.segments.get(reason[len(SEGMENT) :], 0)
        else:
            minutes += getattr(by.head_start, reason, 0)
    return dt.timedelta(minutes=minutes)


def add(handoff: Handoff, *reasons: str) -> bool:
    """Let reasons count for a handoff, each once; whether that changed anything."""
    known = handoff.priority or []
    new = [reason for reason in reasons if reason not in known]
    if new:
        handoff.priority = [*known, *new]
        handoff.rank_at = handoff.opened_at - head_start(handoff.priority, policy())
    return bool(new)


async def judge(session: AsyncSession, handoff: Handoff, interaction: Interaction | None) -> None:
    """Set a new handoff's priority and skill from what the log tells of the chat so far."""
    by = policy()
    client = await client_of(session, handoff.conversation_id)
    add(handoff, *(SEGMENT + name for name in client.segments or () if name in by.segments))
    add(handoff, *(reason for reason in ("complaint", "failure") if reason == handoff.reason))
    handoff.preferred_agent_id = await _last_agent(session, client.id)
    if interaction is None:
        return
    upset, failures = await _went(session, handoff.conversation_id, interaction.first_seq)
    if upset or "complaint" in (interaction.topics or ()):
        add(handoff, "complaint")
    if failures >= by.failures:
        add(handoff, "repeated_failure")
    handoff.skill = by.skill_for(await _topics(session, interaction))


async def _last_agent(session: AsyncSession, client: str) -> str | None:
    """Who had this client last, in whichever conversation, if that was lately."""
    found = await session.execute(
        sa.select(Handoff.agent_id)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(
            Identity.client_id == client,
            Handoff.agent_id.is_not(None),
            Handoff.resolved_at > now() - _LATELY,
        )
        .order_by(Handoff.resolved_at.desc())
        .limit(1)
    )
    agent: str | None = found.scalar_one_or_none()
    return agent


async def _went(session: AsyncSession, conversation: str, since: int) -> tuple[bool, int]:
    """Whether a complaint was understood, and how often the assistant failed."""
    found = await session.execute(
        sa.select(Event.kind, Event.payload)
        .where(Event.conversation_id == conversation, Event.seq >= since, Event.kind.in_(_TOLD))
        .order_by(Event.seq.desc())
        .limit(_READ)
    )
    upset, failures = False, 0
    for kind, payload in found:
        if kind == "understood":
            upset = upset or payload.get("intent") == "complaint"
        elif kind != "helped" or not payload.get("yes"):
            failures += 1
    return upset, failures


async def _topics(session: AsyncSession, interaction: Interaction) -> set[str]:
    """What the chat is about: its topics, and the categories of the articles shown."""
    topics = {*(interaction.topics or ())}
    if interaction.articles:
        found = await session.execute(
            sa.select(Article.category).where(Article.id.in_(interaction.articles))
        )
        topics.update(found.scalars())
    return topics

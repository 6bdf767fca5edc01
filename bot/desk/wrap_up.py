"""The end of a chat: outcome and topic are proposed, the agent changes what is wrong.

What the assistant settled (`Interaction.outcome`) is measured and stays; what people made of it
(`resolution`) and what it was about (`topics`) are the agent's to say, at the end or later.
"""

import asyncio
import dataclasses
import datetime as dt
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.errors import ApiError
from bot.conversations import log
from bot.conversations.models import Conversation, Event, Interaction
from bot.conversations.wake import DESK, conversation_topic
from bot.db import now
from bot.desk import audit
from bot.desk.access import Desk, Who, writer
from bot.desk.bodies import HEX_ID, Done, Ending, Resolve
from bot.feedback import csat, followups
from bot.flow import waits
from bot.handoff import closing, credit, office, queue
from bot.handoff.agents import name_of
from bot.handoff.models import Handoff
from bot.knowledge.models import Article

RESOLUTIONS = ("solved", "promised", "unsolved", "no_reply", "unrelated")

_SILENT = dt.timedelta(minutes=10)
_TOPICS = 60
Id = Annotated[str, Path(pattern=HEX_ID)]


@dataclasses.dataclass(frozen=True)
class Proposal:
    """How a chat seems to end, what it seems to be about, and the topics there are."""

    resolution: str
    topic: str
    topics: tuple[str, ...]


async def propose(desk: Desk, session: AsyncSession, conversation: Conversation) -> Proposal:
    """What to put before an agent who is about to resolve."""
    found = await session.execute(
        sa.select(Interaction)
        .where(Interaction.conversation_id == conversation.id)
        .order_by(Interaction.opened_at.desc())
        .limit(1)
    )
    interaction = found.scalar_one_or_none()
    categories = await session.execute(
        sa.select(Article.category).distinct().order_by(Article.category).limit(_TOPICS)
    )
    topics = tuple(category for category in categories.scalars() if category)
    return Proposal(
        resolution=await _resolution(session, conversation.id, interaction),
        topic=await _topic(desk, session, conversation, interaction),
        topics=topics,
    )


async def _resolution(
    session: AsyncSession, conversation: str, interaction: Interaction | None
) -> str:
    if interaction is not None and interaction.resolution:
        return str(interaction.resolution)
    if any(one.kind == "promise" for one in await followups.of_conversation(session, conversation)):
        return "promised"
    last = await session.execute(
        sa.select(Event.author, Event.at)
        .where(
            Event.conversation_id == conversation,
            Event.kind == log.MESSAGE,
            Event.author.in_(("client", "agent")),
        )
        .order_by(Event.seq.desc())
        .limit(1)
    )
    row = last.first()
    if row is not None and row.author == "agent" and now() - row.at > _SILENT:
        return "no_reply"
    return "solved"


async def _topic(
    desk: Desk, session: AsyncSession, conversation: Conversation, interaction: Interaction | None
) -> str:
    if interaction is None:
        return ""
    told = [topic for topic in interaction.topics or () if topic != "complaint"]
    if told:
        return str(told[-1])
    article = interaction.articles[-1] if interaction.articles else None
    if article is None:
        article = await _nearest(desk, session, conversation, interaction)
    row = await session.get(Article, article) if article else None
    return str(row.category) if row is not None and row.category else ""


async def _nearest(
    desk: Desk, session: AsyncSession, conversation: Conversation, interaction: Interaction
) -> str | None:
    """The article nearest to the longest thing the client wrote: it says most."""
    found = await session.execute(
        sa.select(Event.payload)
        .where(
            Event.conversation_id == conversation.id,
            Event.kind == log.MESSAGE,
            Event.author == "client",
            Event.seq >= interaction.first_seq,
        )
        .order_by(Event.seq)
        .limit(50)
    )
    texts = [payload["text"] for payload in found.scalars() if not payload.get("button")]
    if not texts:
        return None
    # Embedding takes a moment: beside the loop that serves everybody.
    decision = await asyncio.to_thread(
        desk.knowledge.search, max(texts, key=len), conversation.locale, 1
    )
    if decision.kind == "none" or not decision.results:
        return None
    return str(decision.results[0].article)


async def close(
    desk: Desk, session: AsyncSession, handoff: str, who: Who, body: Resolve | None
) -> Handoff:
    """Resolve a handoff as its agent says, and ask for a rating in the name of who did the work.

    Raises:
        As `closing.resolve`.
    """
    row, interaction = await closing.resolve(session, handoff, who.id, body.seen if body else None)
    if body is not None:
        _say(interaction, body)
        if body.promise.strip():
            await _promise(desk, session, row.conversation_id, who, body.promise)
    house = await office.read(session, desk.settings)
    if row.reason != queue.FOLLOW_UP and house.csat:
        worker = await credit.credited(session, interaction, who.id)
        name = who.name if worker == who.id else await name_of(session, worker)
        await csat.ask(session, row.conversation_id, interaction, worker, name)
    audit.note(session, who.id, "resolved", row.conversation_id, resolution=interaction.resolution)
    return row


def _say(interaction: Interaction, body: Ending) -> None:
    if body.resolution:
        interaction.resolution = body.resolution
    if (topic := body.topic.strip()) and topic not in (interaction.topics or ()):
        # The agent's word replaces what was guessed; that a complaint came with it stays known.
        kept = [one for one in interaction.topics or () if one == "complaint"]
        interaction.topics = [*kept, topic]


async def _promise(
    desk: Desk, session: AsyncSession, conversation: str, who: Who, note: str
) -> None:
    row = await session.get(Conversation, conversation)
    house = await office.read(session, desk.settings)
    await followups.promise(
        session,
        conversation,
        kind="promise",
        due=waits.due_by(now(), house.team(row.locale).schedule),
        owner=who.id,
        note=note,
        language=row.locale,
        by=who.id,
    )


def routes(desk: Desk) -> APIRouter:
    """Changing an ending afterwards."""
    router = APIRouter(prefix="/api/desk", tags=["desk"])

    @router.patch("/interactions/{interaction}", response_model=Done)
    async def edit(interaction: Id, body: Ending, request: Request) -> Done:
        """Say otherwise how an interaction ended, or what it was about."""
        who = await writer(desk, request)
        async with desk.db.transaction() as session:
            row = await session.get(Interaction, interaction)
            if row is None:
                raise ApiError(404, "not_found")
            before = {"resolution": row.resolution, "topics": row.topics}
            _say(row, body)
            after = {"resolution": row.resolution, "topics": row.topics}
            audit.note(
                session, who.id, "ending_changed", row.conversation_id, before=before, after=after
            )
            conversation = str(row.conversation_id)
        desk.wake.call(DESK, conversation_topic(conversation))
        return Done(status="changed", conversation=conversation)

    return router

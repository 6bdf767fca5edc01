"""What an agent should know before they write, so that nothing is asked twice.

What the client has given (order number, e-mail), what they asked, which articles they were shown
and whether these helped; and every earlier interaction of the same client, on any channel.
"""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.models import Conversation, Event, Identity, Interaction
from bot.db import JsonDict
from bot.desk.history import titles
from bot.feedback.models import Rating

ASKING = frozenset({"question", "complaint", "order_number", "off_topic", "nlu_fallback"})
"""The intents of a message that says what the client wants; small talk does not."""

_EVENTS = 300  # the newest of an interaction: beyond, nobody calls it one any more
_QUESTIONS = 3
_PAST = 10


@dataclasses.dataclass(frozen=True)
class Asked:
    """A question of the client's, in their words; `seq` is its message."""

    seq: int
    text: str
    language: str | None


@dataclasses.dataclass(frozen=True)
class Tried:
    """An article the client was shown. `helped` is what they said of it, None if nothing."""

    article: str
    helped: bool | None


@dataclasses.dataclass(frozen=True)
class Past:
    """An earlier interaction of the client; `score` is its rating, 1 to 5."""

    conversation: str
    channel: str
    at: dt.datetime
    outcome: str | None
    articles: tuple[str, ...]
    score: int | None


@dataclasses.dataclass(frozen=True)
class Briefing:
    """All of it. `titles` names the articles."""

    known: tuple[tuple[str, str], ...]
    asked: tuple[Asked, ...]
    tried: tuple[Tried, ...]
    past: tuple[Past, ...]
    titles: dict[str, str]


async def brief(
    session: AsyncSession,
    conversation: str,
    client: str,
    interaction: Interaction | None,
    reads: str,
) -> Briefing:
    """What is known of a conversation's latest interaction, and of the client's earlier ones.

    Args:
        reads: the language of who looks at it.
    """
    first = interaction.first_seq if interaction else 0
    found = await session.execute(
        sa.select(Event)
        .where(
            Event.conversation_id == conversation,
            Event.seq >= first,
            Event.kind.in_(("understood", "article_shown", "helped")),
        )
        .order_by(Event.seq.desc())
        .limit(_EVENTS)
    )
    known: dict[tuple[str, str], None] = {}
    wanted: list[int] = []
    tried: dict[str, bool | None] = {}
    last = None
    for event in reversed(found.scalars().all()):
        if event.kind == "article_shown":
            last = str(event.payload["article"])
            tried.setdefault(last, None)
        elif event.kind == "helped":
            if last is not None:
                tried[last] = bool(event.payload["yes"])
        else:
            known.update(dict.fromkeys(_entities(event.payload)))
            if event.payload.get("intent") in ASKING and event.payload.get("message"):
                wanted.append(int(event.payload["message"]))
    past = await _past(session, client, interaction.id if interaction else "")
    shown = {*tried, *(article for one in past for article in one.articles)}
    return Briefing(
        known=tuple(known),
        asked=await _asked(session, conversation, wanted[-_QUESTIONS:]),
        tried=tuple(Tried(article, helped) for article, helped in tried.items()),
        past=past,
        titles=await titles(session, shown, reads, conversation),
    )


def _entities(payload: JsonDict) -> list[tuple[str, str]]:
    return [
        (str(entity.get("entity")), str(entity.get("value")))
        for entity in payload.get("entities") or ()
        if isinstance(entity, dict) and entity.get("entity") != "language"
    ]


async def _asked(session: AsyncSession, conversation: str, seqs: list[int]) -> tuple[Asked, ...]:
    if not seqs:
        return ()
    found = await session.execute(
        sa.select(Event)
        .where(
            Event.conversation_id == conversation, Event.seq.in_(seqs), Event.kind == log.MESSAGE
        )
        .order_by(Event.seq)
    )
    return tuple(
        Asked(event.seq, event.payload["text"], event.payload.get("language"))
        for event in found.scalars()
        if not event.payload.get("button")
    )


async def _past(session: AsyncSession, client: str, now_in: str) -> tuple[Past, ...]:
    found = await session.execute(
        sa.select(Interaction, Conversation.channel, Rating.score)
        .join(Conversation, Conversation.id == Interaction.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .outerjoin(Rating, Rating.interaction_id == Interaction.id)
        .where(Identity.client_id == client, Interaction.id != now_in)
        .order_by(Interaction.opened_at.desc())
        .limit(_PAST)
    )
    return tuple(
        Past(
            conversation=row.conversation_id,
            channel=channel,
            at=row.opened_at,
            outcome=row.outcome,
            articles=tuple(row.articles or ()),
            score=score,
        )
        for row, channel, score in found
    )

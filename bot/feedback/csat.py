"""The rating, as a state machine: ask → score → comment, changeable until it expires.

An open request claims a score, its button or the comment before the engine sees the message;
everything else goes on as usual. Each function writes in the caller's transaction.

- A typed score is claimed unless our last message was another question with buttons: then "2"
  answers that. A button of the request is claimed always.
- What looks like a score but is none of 1 to 5 is asked about again, twice at most.
- After a score the next message is the comment, if it comes soon and does not ask for something.
- The client may change the score, by button or by typing it, until the request expires.
"""

import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.models import Conversation, Interaction
from bot.db import JsonDict, new_id, now
from bot.feedback import followups
from bot.feedback.models import Rating
from bot.feedback.question import reads_as_question
from bot.feedback.score import HIGHEST, LOWEST, Ambiguous, Score, parse_score
from bot.languages.formats import date
from bot.languages.register import next_register
from bot.languages.say import Voice
from bot.settings import settings

LOW = 2
"""Scores up to this one open a follow-up."""

Due = Callable[[AsyncSession, str], Awaitable[tuple[dt.datetime, str] | None]]
"""By a client's language: when what is owed to them should be done, and in whose zone."""

_PREFIX = "csat-"
_NO_COMMENT = "none"
_ASK_AGAIN = 2
_COMMENT_SECONDS = 30 * 60
_MAX_COMMENT = 4000


@dataclasses.dataclass(frozen=True)
class Claimed:
    """The message belonged to the rating and has been answered.

    `what` is score, unclear, comment, no_comment or expired.
    """

    rating: str
    what: str
    score: int | None


async def ask(
    session: AsyncSession,
    conversation: str,
    interaction: Interaction,
    agent_id: str | None = None,
    agent_name: str | None = None,
) -> Rating | None:
    """Ask for a rating of an interaction, in the conversation's language.

    Args:
        agent_id: who did the work and is credited, None for the bot.
        agent_name: their name, as the client is told it.

    Returns:
        The request; None when this interaction was already asked about.
    """
    asked = await session.execute(
        sa.select(Rating.id).where(Rating.interaction_id == interaction.id)
    )
    if asked.first() is not None:
        return None
    row = await session.get(Conversation, conversation)
    row.register = next_register(row.register, None, "rating", row.locale)
    voice = row.voice
    await session.execute(
        sa.update(Rating)  # an older request no longer waits for free text
        .where(Rating.conversation_id == conversation)
        .values(awaiting="nothing")
        .execution_options(synchronize_session=False)
    )
    rating: Rating = Rating(
        id=new_id(),
        conversation_id=conversation,
        interaction_id=interaction.id,
        agent_id=agent_id,
        agent_name=agent_name,
        language=row.locale,
        channel=row.channel,
        asked_seq=0,
    )
    rating.asked_seq = await _say(
        session, rating, voice.say("csat.ask"), row.locale, _scores(rating.id, voice)
    )
    session.add(rating)
    await session.flush()
    return rating


def _scores(rating: str, voice: Voice) -> JsonDict:
    return {
        "layout": "rating",
        "buttons": [
            {"title": voice.say(f"csat.label_{value}"), "payload": f"{_PREFIX}{rating}-{value}"}
            for value in range(LOWEST, HIGHEST + 1)
        ],
    }


async def _say(
    session: AsyncSession, rating: Rating, text: str, locale: str, extra: JsonDict | None = None
) -> int:
    return await log.say(
        session, rating.conversation_id, "bot", text, locale, csat=rating.id, **(extra or {})
    )


async def concerns(session: AsyncSession, conversation: str, payload: str | None) -> bool:
    """Whether a message may be for `claim`: it is a rating's button, or a rating is open."""
    if payload is not None and payload.startswith(_PREFIX):
        return True
    return await _open(session, conversation) is not None


async def claim(
    session: AsyncSession,
    conversation_id: str,
    text: str | None = None,
    payload: str | None = None,
    is_question: bool = False,
    due: Due | None = None,
) -> Claimed | None:
    """Take a client's message if it belongs to a rating; replies are appended when it does.

    Args:
        text: what the client typed, or
        payload: the button they pressed.
        is_question: the caller knows that the message asks for something new.
        due: when whoever answers a language should have seen to a low rating.
    """
    if payload is not None:
        return await _pressed(session, conversation_id, payload, due)
    if text is None:
        return None
    rating = await _open(session, conversation_id)
    if rating is None:
        return None
    row = await session.get(Conversation, conversation_id, populate_existing=True)
    reading = parse_score(text, row.locale)
    if reading is not None and await _other_question_pending(session, conversation_id):
        reading = None
    if isinstance(reading, Score):
        return await _score(session, rating, reading.value, row, due)
    if isinstance(reading, Ambiguous) and rating.awaiting == "score":
        if rating.asked_again < _ASK_AGAIN:
            rating.asked_again += 1
            again = row.voice.say("csat.again")
            await _say(session, rating, again, row.locale, _scores(rating.id, row.voice))
            return Claimed(rating.id, "unclear", None)
        return None
    if rating.awaiting != "comment":
        return None
    rating.awaiting = "nothing"
    if is_question or reads_as_question(text) or not _still_soon(rating):
        return None
    return await _comment(session, rating, text, row)


async def _open(session: AsyncSession, conversation: str) -> Rating | None:
    found = await session.execute(
        sa.select(Rating)
        .where(Rating.conversation_id == conversation, Rating.expired_at.is_(None))
        .order_by(Rating.asked_at.desc(), Rating.asked_seq.desc())
        .limit(1)
    )
    return found.scalar_one_or_none()  # type: ignore[no-any-return]


async def _pressed(
    session: AsyncSession, conversation: str, payload: str, due: Due | None
) -> Claimed | None:
    identifier, _, what = payload.removeprefix(_PREFIX).rpartition("-")
    if not payload.startswith(_PREFIX) or not identifier:
        open_now = await _open(session, conversation)
        if open_now is not None and open_now.awaiting == "comment":
            open_now.awaiting = "nothing"  # they have moved on
        return None
    rating = await session.get(Rating, identifier)
    if rating is None or rating.conversation_id != conversation:
        return None
    row = await session.get(Conversation, conversation, populate_existing=True)
    if rating.expired_at is not None:
        await _say(session, rating, row.voice.say("csat.expired"), row.locale)
        return Claimed(rating.id, "expired", rating.score)
    if what == _NO_COMMENT:
        rating.awaiting = "nothing"
        await _say(session, rating, row.voice.say("csat.no_comment"), row.locale)
        return Claimed(rating.id, "no_comment", rating.score)
    return await _score(session, rating, int(what), row, due)


async def _other_question_pending(session: AsyncSession, conversation: str) -> bool:
    """Whether our last message offers other buttons: a typed number would choose one of them."""
    for message in reversed(await log.recent(session, conversation, 10)):
        if message.author in ("bot", "system"):
            return "csat" not in message.payload and bool(message.payload.get("buttons"))
    return False


def _still_soon(rating: Rating) -> bool:
    return bool((now() - rating.answered_at).total_seconds() <= _COMMENT_SECONDS)


async def _score(
    session: AsyncSession,
    rating: Rating,
    value: int,
    conversation: Conversation,
    due: Due | None,
) -> Claimed:
    voice: Voice = conversation.voice
    before, rating.score = rating.score, value
    rating.status, rating.answered_at = "answered", now()
    await log.append(
        session,
        rating.conversation_id,
        "rated",
        {
            "rating": rating.id,
            "score": value,
            "before": before,
            "agent": rating.agent_id,
            "interaction": rating.interaction_id,
        },
    )
    if value <= LOW:
        zone = settings().time_zone
        found = due and await due(session, conversation.locale)
        if found:
            by, zone = found
        else:
            by = followups.end_of(followups.due_date(now(), zone), zone)
        owed = await followups.open_for(session, rating, by)
        thanks = _regret(rating, owed.due_at, zone, voice)
    else:
        await followups.withdraw(session, rating)
        key = "csat.changed" if before not in (None, value) else "csat.thanks"
        thanks = voice.say(key, score=value)
    if rating.comment is not None:
        rating.awaiting = "nothing"
        await _say(session, rating, thanks, conversation.locale)
    else:
        rating.awaiting = "comment"
        key = "csat.ask_good" if value == HIGHEST else "csat.ask_better"
        nothing = {"title": voice.say("csat.nothing"), "payload": _button(rating, _NO_COMMENT)}
        text = voice.together(thanks, voice.say(key))
        await _say(session, rating, text, conversation.locale, {"buttons": [nothing]})
    return Claimed(rating.id, "score", value)


def _button(rating: Rating, what: str) -> str:
    return f"{_PREFIX}{rating.id}-{what}"


def _regret(rating: Rating, due: dt.datetime, zone: str, voice: Voice) -> str:
    """Thanked first, then regretted, then owned: a name and a date."""
    day = date(due.astimezone(ZoneInfo(zone)).date(), voice.locale)
    if rating.agent_name:
        return voice.say("csat.low", agent=rating.agent_name, date=day)
    return voice.say("csat.low_team", date=day)


async def _comment(
    session: AsyncSession, rating: Rating, text: str, conversation: Conversation
) -> Claimed:
    rating.comment = text.strip()[:_MAX_COMMENT]
    await log.append(session, rating.conversation_id, "rating_comment", {"rating": rating.id})
    thanks = conversation.voice.say("csat.comment_thanks")
    await _say(session, rating, thanks, conversation.locale)
    return Claimed(rating.id, "comment", rating.score)


async def expire(session: AsyncSession, before: dt.datetime) -> int:
    """Close all requests asked before a moment to further change; gives how many."""
    changed = await session.execute(
        sa.update(Rating)
        .where(Rating.asked_at < before, Rating.expired_at.is_(None))
        .values(expired_at=now(), awaiting="nothing")
        .execution_options(synchronize_session=False)
    )
    return int(changed.rowcount)


async def of_conversation(session: AsyncSession, conversation: str) -> list[Rating]:
    """A conversation's ratings, the latest first."""
    rows = await session.execute(
        sa.select(Rating)
        .where(Rating.conversation_id == conversation)
        .order_by(Rating.asked_at.desc())
    )
    return list(rows.scalars())

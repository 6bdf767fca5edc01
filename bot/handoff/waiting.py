"""The truth about waiting: place in the queue, expected wait, opening hours, in words.

Expected wait. With F places free among the agents on duty, the client at place p is taken by a
free agent when p ≤ F: the wait is the median time recent clients waited for one. Otherwise p − F
conversations must end first, and c conversations held at once end every H / c minutes:
wait = (p − F) · H / c, with H the median handling time of recent conversations and c all places.
Medians, because one conversation left open over lunch must not scare everybody; without
at least `_ENOUGH` recent ones nothing is said rather than guessed.
"""

import dataclasses
import datetime as dt
import math
import statistics
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log, ownership
from bot.conversations.models import Conversation
from bot.db import now
from bot.handoff import hours, queue
from bot.handoff.agents import on_duty
from bot.handoff.models import Handoff
from bot.languages.formats import clock
from bot.languages.say import Voice
from bot.settings import Settings

_ENOUGH = 5
_RECENT = 20
_RECENT_DAYS = dt.timedelta(days=14)
_TOO_LONG = 90  # minutes: beyond, a figure would only pretend to be one
_TELL_AGAIN = dt.timedelta(minutes=3)


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What can be said of a wait.

    `minutes` is None when it is not known. `attended`: somebody is on duty. `opens_at` is the
    next opening when the desk is closed and nobody is there, else None.
    """

    position: int
    minutes: int | None
    attended: bool
    opens_at: dt.datetime | None


@dataclasses.dataclass(frozen=True)
class Load:
    """The queue's state as the estimate needs it. Times in minutes, None where not known."""

    places: int
    free: int
    pickup: float | None
    handling: float | None


def expected_minutes(position: int, load: Load) -> int | None:
    """The expected wait, in whole minutes as people say them; None when unknown. Pure."""
    if load.places < 1:
        return None
    if position <= load.free:
        wait = load.pickup
    elif load.handling is None:
        wait = None
    else:
        wait = (position - load.free) * load.handling / load.places
    if wait is None or wait > _TOO_LONG:
        return None
    return _sayable(wait)


def _sayable(minutes: float) -> int:
    """Rounded up: to minutes until five, then to five minutes."""
    whole = max(1, math.ceil(minutes))
    return whole if whole <= 5 else math.ceil(whole / 5) * 5


async def load(session: AsyncSession) -> Load:
    """Free capacity now, and how long things recently took."""
    agents = await on_duty(session)
    held = await session.execute(
        sa.select(Handoff.agent_id, sa.func.count())
        .where(Handoff.status == "assigned", Handoff.agent_id.in_([agent.id for agent in agents]))
        .group_by(Handoff.agent_id)
    )
    busy = {agent: count for agent, count in held}
    recent = (
        await session.execute(
            sa.select(Handoff.opened_at, Handoff.assigned_at, Handoff.resolved_at)
            .where(Handoff.status == "resolved", Handoff.resolved_at > now() - _RECENT_DAYS)
            .order_by(Handoff.resolved_at.desc())
            .limit(_RECENT)
        )
    ).all()
    known = len(recent) >= _ENOUGH
    return Load(
        places=sum(agent.capacity for agent in agents),
        free=sum(
            max(0, agent.capacity - busy.get(agent.id, 0))
            for agent in agents
            if agent.presence == "available"
        ),
        pickup=_median(row.assigned_at - row.opened_at for row in recent) if known else None,
        handling=_median(row.resolved_at - row.assigned_at for row in recent) if known else None,
    )


def _median(times: Iterable[dt.timedelta]) -> float:
    return statistics.median(time.total_seconds() / 60 for time in times)


async def estimate(session: AsyncSession, handoff: Handoff, settings: Settings) -> Estimate:
    """What can be said to one waiting client now."""
    ahead = await session.execute(
        sa.select(sa.func.count()).select_from(Handoff).where(queue.ahead_of(handoff))
    )
    position = ahead.scalar_one() + 1
    state = await load(session)
    moment = now()
    attended = state.places > 0
    closed = not attended and not hours.is_open(moment, settings)
    return Estimate(
        position=position,
        minutes=expected_minutes(position, state),
        attended=attended,
        opens_at=hours.next_opening(moment, settings) if closed else None,
    )


def in_words(
    found: Estimate,
    locale: str,
    time_zone: str | None,
    settings: Settings,
    register: str | None = None,
) -> str:
    """An estimate as the client reads it; see `words`."""
    voice = Voice(locale, register)
    if found.opens_at is not None:
        return _closed(found.opens_at, voice, time_zone, settings)
    if not found.attended:
        return voice.say("handoff.nobody_on")
    place = (
        voice.say("handoff.place", position=found.position)
        if found.position > 1
        else voice.say("handoff.next")
    )
    if found.minutes is None:
        return voice.together(place, voice.say("handoff.wait_unknown"))
    return voice.together(place, voice.say("handoff.wait", count=found.minutes))


def _closed(opens: dt.datetime, voice: Voice, time_zone: str | None, settings: Settings) -> str:
    here = settings.time_zone
    if time_zone is None or hours.same_clock(opens, time_zone, here):
        return voice.say("handoff.closed", time=clock(opens, voice.locale, here))
    return voice.say(
        "handoff.closed_elsewhere",
        time=clock(opens, voice.locale, time_zone),
        there=clock(opens, voice.locale, here),
    )


async def words(
    session: AsyncSession,
    handoff: Handoff,
    locale: str,
    time_zone: str | None,
    settings: Settings,
    register: str | None = None,
) -> str:
    """What a client who asked for a person is told, remembered so that a change can be told too.

    Args:
        locale: what they are spoken to in, with a territory where it matters.
        time_zone: IANA name of the client's zone, None when it is not known.
        register: the form of address; None is the locale's default.
    """
    found = await estimate(session, handoff, settings)
    handoff.told_minutes, handoff.told_at = found.minutes, now()
    return in_words(found, locale, _zone(time_zone), settings, register)


def _zone(name: str | None) -> str | None:
    try:
        return name and ZoneInfo(name).key
    except (LookupError, ValueError, OSError):
        return None


def worth_telling(told: int | None, minutes: int | None) -> bool:
    """Whether a wait has grown so much that the client should hear of it. Pure.

    By half and at least three minutes; or it was said and can no longer be.
    """
    if told is None:
        return False
    return minutes is None or minutes - told >= max(3, told / 2)


async def tell_changes(session: AsyncSession, settings: Settings) -> list[str]:
    """Tell those whose wait has grown, as they were promised; gives their conversations."""
    moment = now()
    rows = await session.execute(
        sa.select(Handoff, Conversation)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(
            Handoff.status == "waiting",
            Conversation.owner == ownership.QUEUE,
            Handoff.told_minutes.is_not(None),
            Handoff.told_at < moment - _TELL_AGAIN,
        )
        .order_by(Handoff.opened_at)
    )
    told = []
    for handoff, conversation in rows.all():
        found = await estimate(session, handoff, settings)
        # What was said runs down while they wait.
        passed = int((moment - handoff.told_at).total_seconds() // 60)
        left = max(0, handoff.told_minutes - passed)
        if not worth_telling(left, found.minutes):
            continue
        key = "handoff.longer" if found.minutes is not None else "handoff.longer_unknown"
        text = conversation.voice.say(key, count=found.minutes)
        handoff.told_minutes, handoff.told_at = found.minutes, moment
        await log.say(session, conversation.id, "system", text, conversation.locale)
        told.append(conversation.id)
    return told

"""The truth about waiting: place in the queue, expected wait, opening hours, in words.

The figures come from `bot.handoff.forecast` and are said as a range, because a single number
would claim to know more than anybody does. What was said is remembered on the handoff, so that a
change for the worse, the next place and the desk's opening can be told too.
"""

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log, ownership
from bot.conversations.models import Conversation
from bot.db import JsonDict, now
from bot.handoff import hours, office, queue
from bot.handoff.agents import on_duty
from bot.handoff.forecast import Forecast, Load, sayable
from bot.handoff.hours import Schedule
from bot.handoff.models import Handoff
from bot.handoff.office import Office
from bot.languages.formats import clock, date
from bot.languages.say import Voice
from bot.settings import Settings

BACK_TO_ASSISTANT = "back_to_assistant"
"""The payload of the button that takes a waiting client back to the assistant."""

LEAVE_EMAIL, ASK_CALL = "way-email", "way-call"
"""The payloads of the other ways than waiting."""

LONG = 60
"""Minutes beyond which only "more than an hour" is said: the range would be wider than useful."""

_RECENT = 40
_RECENT_DAYS = dt.timedelta(days=14)
_TELL_AGAIN = dt.timedelta(minutes=3)
_SAME_NIGHT = dt.timedelta(hours=14)  # "back at 9" is understood until about then


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What can be said of a wait.

    `minutes` is a range, None when it is not known. `attended`: somebody is on duty. `closed`:
    nobody is, outside the team's hours; then `opens_at` is the next opening, None when there is
    none in sight. `zone` is the team's.
    """

    position: int
    minutes: tuple[int, int] | None
    attended: bool
    closed: bool
    opens_at: dt.datetime | None
    zone: str

    @property
    def kind(self) -> str:
        """Which of the things we say it is: wait, long, unknown, nobody or closed."""
        if self.closed:
            return "closed"
        if not self.attended:
            return "nobody"
        if self.minutes is None:
            return "unknown"
        return "long" if self.minutes[0] >= LONG else "wait"

    def too_long(self, limit: int) -> bool:
        """Whether other ways should be offered: nobody is there, or the middle is past `limit`."""
        if not self.attended:
            return True
        return self.minutes is not None and sum(self.minutes) / 2 >= limit


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
            sa.select(
                Handoff.opened_at, Handoff.assigned_at, Handoff.resolved_at, Handoff.told_kind
            )
            .where(
                Handoff.status == "resolved",
                Handoff.assigned_at.is_not(None),
                Handoff.resolved_at > now() - _RECENT_DAYS,
            )
            .order_by(Handoff.resolved_at.desc())
            .limit(_RECENT)
        )
    ).all()
    return Load(
        places=sum(agent.capacity for agent in agents),
        free=sum(
            max(0, agent.capacity - busy.get(agent.id, 0))
            for agent in agents
            if agent.presence == "available"
        ),
        # A night's wait says nothing about how fast a free agent picks up.
        pickups=tuple(
            _minutes(row.assigned_at - row.opened_at)
            for row in recent
            if row.told_kind not in ("closed", "nobody")
        ),
        lengths=tuple(_minutes(row.resolved_at - row.assigned_at) for row in recent),
    )


def _minutes(time: dt.timedelta) -> float:
    return time.total_seconds() / 60


async def forecast(session: AsyncSession) -> Forecast:
    """The queue's forecast now; one serves every place in it."""
    return Forecast(await load(session))


async def position(session: AsyncSession, handoff: Handoff) -> int:
    """A waiting handoff's place in the queue, from 1."""
    ahead = await session.execute(
        sa.select(sa.func.count()).select_from(Handoff).where(queue.ahead_of(handoff))
    )
    return int(ahead.scalar_one()) + 1


async def estimate(session: AsyncSession, handoff: Handoff, house: Office) -> Estimate:
    """What can be said to one waiting client now."""
    place = await position(session, handoff)
    return judge(place, await forecast(session), house.team(handoff.language).schedule)


def judge(place: int, known: Forecast, schedule: Schedule) -> Estimate:
    """What can be said now at a place in the queue."""
    moment, found = now(), known.at(place)
    closed = not known.attended and not hours.is_open(moment, schedule)
    return Estimate(
        position=place,
        minutes=sayable(found) if found else None,
        attended=known.attended,
        closed=closed,
        opens_at=hours.next_opening(moment, schedule) if closed else None,
        zone=schedule.zone,
    )


def in_words(found: Estimate, voice: Voice, time_zone: str | None) -> str:
    """An estimate as the client reads it.

    Args:
        time_zone: IANA name of the client's zone, None when it is not known.
    """
    if found.kind == "closed":
        return _closed(found, voice, known_zone(time_zone))
    if found.kind == "nobody":
        return voice.say("handoff.nobody_on")
    place = (
        voice.say("handoff.place", position=found.position)
        if found.position > 1
        else voice.say("handoff.next")
    )
    if found.kind == "long":
        return voice.together(place, voice.say("handoff.wait_long"))
    if found.minutes is None:
        return voice.together(place, voice.say("handoff.wait_unknown"))
    return voice.together(place, _range("handoff.wait", found.minutes, voice))


def _range(key: str, minutes: tuple[int, int], voice: Voice) -> str:
    low, high = minutes
    if low == high:
        return voice.say(key, count=high)
    return voice.say(f"{key}_range", count=high, low=low)


def _closed(found: Estimate, voice: Voice, time_zone: str | None) -> str:
    opens, here = found.opens_at, found.zone
    if opens is None:
        return voice.say("handoff.closed_open_end")
    there = time_zone or here
    times: dict[str, str] = {"time": clock(opens, voice.locale, there)}
    key = "handoff.closed"
    if _needs_day(opens, there):
        times["date"] = date(opens.astimezone(ZoneInfo(there)).date(), voice.locale)
        key = "handoff.closed_date"
    if not hours.same_clock(opens, there, here):
        times["there"] = clock(opens, voice.locale, here)
        key += "_elsewhere"
    return voice.say(key, None, **times)


def _needs_day(opens: dt.datetime, zone: str) -> bool:
    moment = now()
    today, day = (each.astimezone(ZoneInfo(zone)).date() for each in (moment, opens))
    return day != today and opens - moment > _SAME_NIGHT


def short(found: Estimate, voice: Voice) -> str:
    """Place and wait in a few words, for a line that is kept up to date."""
    place = voice.say("handoff.short_place", position=found.position)
    if found.kind == "wait" and found.minutes is not None:
        return f"{place} · {_range('handoff.short', found.minutes, voice)}"
    if found.kind == "long":
        return f"{place} · {voice.say('handoff.short_long')}"
    return place if found.attended else ""


def known_zone(name: str | None) -> str | None:
    """The IANA zone of a name a browser gave; None where it is none."""
    try:
        return name and ZoneInfo(name).key
    except (LookupError, ValueError, OSError):
        return None


async def tell(
    session: AsyncSession,
    handoff: Handoff,
    conversation: Conversation,
    house: Office,
    *,
    key: str | None = None,
    found: Estimate | None = None,
    author: log.Author = "bot",
) -> Estimate:
    """Tell a client how their wait stands, with what else they can do; remembered.

    Args:
        key: a text to begin with.
    """
    found = found or await estimate(session, handoff, house)
    voice = conversation.voice
    text = in_words(found, voice, conversation.time_zone)
    if key is not None:
        text = voice.together(voice.say(key), text)
    await log.say(
        session,
        conversation.id,
        author,
        text,
        conversation.locale,
        buttons=ways(found, house, voice),
    )
    remember(handoff, found)
    return found


def ways(found: Estimate, house: Office, voice: Voice) -> list[JsonDict]:
    """The buttons under what a waiting client is told; the way back is always one."""
    offered = []
    if found.too_long(house.too_long):
        if house.offer_email:
            offered.append(("ways.button.email", LEAVE_EMAIL))
        if house.offer_call:
            offered.append(("ways.button.call", ASK_CALL))
    offered.append(("handoff.back", BACK_TO_ASSISTANT))
    return [{"title": voice.say(key), "payload": payload} for key, payload in offered]


def remember(handoff: Handoff, found: Estimate) -> None:
    """Keep what a client was told."""
    low, high = found.minutes or (None, None)
    handoff.told_low, handoff.told_minutes = low, high
    handoff.told_kind, handoff.told_place, handoff.told_at = found.kind, found.position, now()


def worth_telling(told: int | None, minutes: int | None) -> bool:
    """Whether a wait has grown so much that the client should hear of it. Pure.

    By half and at least three minutes beyond the longest that was said; or it was said and can no
    longer be.
    """
    if told is None:
        return False
    return minutes is None or minutes - told >= max(3, told / 2)


async def tell_changes(session: AsyncSession, settings: Settings) -> list[str]:
    """Tell those whose wait has changed, as they were promised; gives their conversations."""
    moment = now()
    rows = (
        await session.execute(
            sa.select(Handoff, Conversation)
            .join(Conversation, Conversation.id == Handoff.conversation_id)
            .where(
                Handoff.status == "waiting",
                Conversation.owner == ownership.QUEUE,
                Handoff.told_at < moment - _TELL_AGAIN,
            )
            .order_by(Handoff.opened_at)
        )
    ).all()
    if not rows:
        return []
    house, known = await office.read(session, settings), await forecast(session)
    places = {place.handoff.id: place.position for place in await queue.waiting(session)}
    told = []
    for handoff, conversation in rows:
        schedule = house.team(handoff.language).schedule
        found = judge(places[handoff.id], known, schedule)
        if await _tell_change(session, handoff, conversation, house, found):
            told.append(conversation.id)
    return told


async def _tell_change(
    session: AsyncSession,
    handoff: Handoff,
    conversation: Conversation,
    house: Office,
    found: Estimate,
) -> bool:
    if handoff.told_kind in ("closed", "nobody") and found.attended:
        await tell(
            session, handoff, conversation, house, key="handoff.reopened", found=found,
            author="system",
        )  # fmt: skip
        return True
    if handoff.told_kind not in ("closed", "nobody") and not found.attended:
        await tell(session, handoff, conversation, house, found=found, author="system")
        return True
    # What was said runs down while they wait.
    passed = int((now() - handoff.told_at).total_seconds() // 60)
    left = None if handoff.told_minutes is None else max(0, handoff.told_minutes - passed)
    if handoff.told_kind == "wait" and worth_telling(left, found.minutes and found.minutes[1]):
        voice = conversation.voice
        text = (
            _range("handoff.longer", found.minutes, voice)
            if found.minutes is not None and found.kind == "wait"
            else voice.say("handoff.longer_unknown")
        )
        await log.say(
            session,
            conversation.id,
            "system",
            text,
            conversation.locale,
            buttons=ways(found, house, voice),
        )
        remember(handoff, found)
        return True
    if found.position == 1 and (handoff.told_place or 1) > 1 and found.attended:
        await tell(session, handoff, conversation, house, found=found, author="system")
        return True
    return False

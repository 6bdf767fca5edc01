"""What becomes of those who wait: another way is arranged, or their time runs out.

Here, because it joins two rooms that do not know each other: a wait that ends (handoff) leaves
something that somebody owes (feedback).
"""

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.models import Conversation
from bot.db import now
from bot.feedback import followups
from bot.handoff import contact, hours, leaving, office, queue, waiting
from bot.handoff.contact import Settled
from bot.handoff.hours import Schedule
from bot.handoff.office import Office
from bot.languages.formats import city, clock, date
from bot.settings import Settings, settings


async def claim(
    session: AsyncSession, conversation: str, text: str | None = None, payload: str | None = None
) -> bool:
    """Whether a client's message belonged to another way than waiting; then it is answered."""
    if not await contact.concerns(session, conversation, payload):
        return False
    house = await office.read(session, settings())
    claimed = await contact.claim(session, conversation, house, text, payload)
    if isinstance(claimed, Settled):
        await _arrange(session, conversation, claimed, house)
    return claimed is not None


async def _arrange(
    session: AsyncSession, conversation: str, settled: Settled, house: Office
) -> None:
    row = await session.get(Conversation, conversation)
    schedule = house.team(row.locale).schedule
    due = settled.at or due_by(now(), schedule)
    await followups.promise(
        session,
        conversation,
        kind=settled.kind,
        due=due,
        contact=settled.contact,
        language=row.locale,
    )
    voice = row.voice
    zone = waiting.known_zone(row.time_zone) or schedule.zone
    day = date(due.astimezone(ZoneInfo(zone)).date(), voice.locale)
    if settled.kind == "email":
        text = voice.say("ways.email_done", email=settled.contact, date=day)
    else:
        text = voice.say(
            "ways.call_done",
            phone=contact.readable(settled.contact),
            date=day,
            time=clock(due, voice.locale, zone),
            city=city(zone, voice.locale),
        )
    await log.say(session, conversation, "bot", text, row.locale)
    handoff = await queue.open_of(session, conversation)
    if handoff is not None:
        await leaving.leave(session, handoff, "return", settled.kind)


def due_by(moment: dt.datetime, schedule: Schedule) -> dt.datetime:
    """When what is owed should be done: the end of the team's next working day."""
    found = hours.end_of_next_day(moment, schedule)
    return found or followups.end_of(followups.due_date(moment, schedule.zone), schedule.zone)


async def rating_due(session: AsyncSession, language: str) -> tuple[dt.datetime, str] | None:
    """When the team of a language should have seen to a low rating, and its zone.

    None where its hours were never set: the working days of the shop's country count then.
    """
    team = (await office.read(session, settings())).team(language)
    found = hours.end_of_next_day(now(), team.schedule) if team.stored else None
    return (found, team.schedule.zone) if found else None


async def run_out(session: AsyncSession, config: Settings, moment: dt.datetime) -> list[str]:
    """End the waits of those who have left, and those nobody answered; gives the conversations."""
    house = await office.read(session, config)
    ended = []
    if house.gone_minutes:
        since = moment - dt.timedelta(minutes=house.gone_minutes)
        for handoff, row in await leaving.gone(session, since):
            if await leaving.leave(session, handoff, "abandon", "gone"):
                await log.say(session, row.id, "system", row.voice.say("handoff.gone"), row.locale)
                await leaving.settle(session, row.id, "abandoned")
                ended.append(row.id)
    since = moment - dt.timedelta(hours=house.expire_hours)
    for handoff, row in await leaving.overdue(session, since):
        if await leaving.leave(session, handoff, "expire", "expired"):
            await _missed(session, row, house)
            ended.append(row.id)
    return ended


async def _missed(session: AsyncSession, row: Conversation, house: Office) -> None:
    schedule = house.team(row.locale).schedule
    due = due_by(now(), schedule)
    await followups.promise(session, row.id, kind="missed", due=due, language=row.locale)
    zone = waiting.known_zone(row.time_zone) or schedule.zone
    voice = row.voice
    day = date(due.astimezone(ZoneInfo(zone)).date(), voice.locale)
    await log.say(session, row.id, "system", voice.say("handoff.expired", date=day), row.locale)
    await leaving.settle(session, row.id, "unanswered")

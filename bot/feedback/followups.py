"""What is owed to clients who were not satisfied: an owner and a day."""

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.db import now
from bot.feedback.models import FollowUp, Rating
from bot.languages.territory import free_days, territory_of_zone

_END_OF_DAY = dt.time(18, 0)


@dataclasses.dataclass(frozen=True)
class Owed:
    """A follow-up with the rating that opened it."""

    follow_up: FollowUp
    rating: Rating


def due_date(moment: dt.datetime, zone: str) -> dt.date:
    """The next working day after a moment, in the shop's zone and of its country. Pure."""
    free = free_days(territory_of_zone(zone))
    day = moment.astimezone(ZoneInfo(zone)).date() + dt.timedelta(days=1)
    while day.weekday() in free:
        day += dt.timedelta(days=1)
    return day


async def open_for(session: AsyncSession, rating: Rating, zone: str) -> FollowUp:
    """The follow-up of a low rating, opened now or opened again."""
    found = await of_rating(session, rating.id)
    if found is None:
        day = due_date(now(), zone)
        found = FollowUp(
            rating_id=rating.id,
            conversation_id=rating.conversation_id,
            owner_id=rating.agent_id,
            due_at=dt.datetime.combine(day, _END_OF_DAY, ZoneInfo(zone)),
        )
        session.add(found)
        await session.flush()
    elif found.status == "withdrawn":
        found.status = "open"
    else:
        return found
    await log.append(
        session,
        rating.conversation_id,
        "follow_up_opened",
        {"follow_up": found.id, "owner": found.owner_id, "due": found.due_at.isoformat()},
    )
    return found


async def withdraw(session: AsyncSession, rating: Rating) -> None:
    """The client thought better of it: an open follow-up is no longer owed."""
    found = await of_rating(session, rating.id)
    if found is not None and found.status == "open":
        found.status = "withdrawn"
        await log.append(
            session, rating.conversation_id, "follow_up_withdrawn", {"follow_up": found.id}
        )


async def of_rating(session: AsyncSession, rating: str) -> FollowUp | None:
    """The follow-up a rating opened, if it did."""
    found = await session.execute(sa.select(FollowUp).where(FollowUp.rating_id == rating))
    return found.scalar_one_or_none()  # type: ignore[no-any-return]


async def owed(session: AsyncSession, done: bool = False, limit: int = 200) -> list[Owed]:
    """Open follow-ups, the most urgent first; or those done, the latest first."""
    order = FollowUp.done_at.desc() if done else FollowUp.due_at
    rows = await session.execute(
        sa.select(FollowUp, Rating)
        .join(Rating, Rating.id == FollowUp.rating_id)
        .where(FollowUp.status == ("done" if done else "open"))
        .order_by(order, FollowUp.id)
        .limit(limit)
    )
    return [Owed(follow_up, rating) for follow_up, rating in rows.all()]


async def take(session: AsyncSession, follow_up: str, agent: str) -> bool:
    """Make an open follow-up this agent's; whether there was one."""
    changed = await session.execute(
        sa.update(FollowUp)
        .where(FollowUp.id == follow_up, FollowUp.status == "open")
        .values(owner_id=agent)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount == 1)


async def finish(session: AsyncSession, follow_up: str, agent: str) -> bool:
    """Mark a follow-up as done, once; whether this call did it."""
    changed = await session.execute(
        sa.update(FollowUp)
        .where(FollowUp.id == follow_up, FollowUp.status == "open")
        .values(status="done", done_at=now(), done_by=agent)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        return False
    conversation = await session.execute(
        sa.select(FollowUp.conversation_id).where(FollowUp.id == follow_up)
    )
    await log.append(
        session,
        conversation.scalar_one(),
        "follow_up_done",
        {"follow_up": follow_up, "agent": agent},
    )
    return True

"""What is owed to clients (a low rating, a promise, a call, an answer): an owner and a day."""

import dataclasses
import datetime as dt
from typing import Literal
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
    """A follow-up, with the rating that opened it if one did."""

    follow_up: FollowUp
    rating: Rating | None

    @property
    def language(self) -> str:
        """What the client speaks."""
        return str(self.follow_up.language or (self.rating and self.rating.language) or "en")


def due_date(moment: dt.datetime, zone: str) -> dt.date:
    """The next working day after a moment, in the shop's zone and of its country. Pure."""
    free = free_days(territory_of_zone(zone))
    day = moment.astimezone(ZoneInfo(zone)).date() + dt.timedelta(days=1)
    while day.weekday() in free:
        day += dt.timedelta(days=1)
    return day


async def open_for(session: AsyncSession, rating: Rating, due: dt.datetime) -> FollowUp:
    """The follow-up of a low rating, opened now or opened again."""
    found = await of_rating(session, rating.id)
    if found is None:
        found = FollowUp(
            rating_id=rating.id,
            conversation_id=rating.conversation_id,
            owner_id=rating.agent_id,
            due_at=due,
            language=rating.language,
        )
        session.add(found)
        await session.flush()
    elif found.status == "withdrawn":
        found.status = "open"
    else:
        return found
    await _opened(session, found)
    return found


def end_of(day: dt.date, zone: str) -> dt.datetime:
    """The end of a working day in a zone."""
    return dt.datetime.combine(day, _END_OF_DAY, ZoneInfo(zone))


async def _opened(session: AsyncSession, found: FollowUp) -> None:
    await log.append(
        session,
        found.conversation_id,
        "follow_up_opened",
        {
            "follow_up": found.id,
            "kind": found.kind,
            "owner": found.owner_id,
            "due": found.due_at.isoformat(),
        },
    )


async def promise(
    session: AsyncSession,
    conversation: str,
    *,
    kind: str,
    due: dt.datetime,
    owner: str | None = None,
    note: str = "",
    contact: str | None = None,
    language: str | None = None,
    by: str | None = None,
) -> FollowUp:
    """Write down that something is owed.

    Args:
        kind: promise, email, call or missed.
        owner: the agent who will do it, None for nobody yet.
        contact: where the client can be reached, when that is not the conversation.
        by: the agent who gave the promise, None when it arose by itself.
    """
    found: FollowUp = FollowUp(
        kind=kind,
        conversation_id=conversation,
        owner_id=owner,
        due_at=due,
        note=note.strip(),
        contact=contact,
        language=language,
        created_by=by,
    )
    session.add(found)
    await session.flush()
    await _opened(session, found)
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


Whose = Literal["all", "mine", "nobody"]


async def owed(
    session: AsyncSession,
    done: bool = False,
    limit: int = 200,
    *,
    whose: Whose = "all",
    agent: str | None = None,
) -> list[Owed]:
    """Open follow-ups, the most urgent first; or those done, the latest first.

    Args:
        whose: all, those of `agent`, or those that are nobody's yet.
    """
    query = (
        sa.select(FollowUp, Rating)
        .outerjoin(Rating, Rating.id == FollowUp.rating_id)
        .where(FollowUp.status == ("done" if done else "open"))
        .order_by(FollowUp.done_at.desc() if done else FollowUp.due_at, FollowUp.id)
        .limit(limit)
    )
    if whose == "mine":
        query = query.where((FollowUp.done_by if done else FollowUp.owner_id) == agent)
    elif whose == "nobody":
        query = query.where(FollowUp.owner_id.is_(None))
    return [Owed(follow_up, rating) for follow_up, rating in (await session.execute(query)).all()]


async def of_conversation(session: AsyncSession, conversation: str) -> list[FollowUp]:
    """What is still owed in one conversation, the most urgent first."""
    rows = await session.execute(
        sa.select(FollowUp)
        .where(FollowUp.conversation_id == conversation, FollowUp.status == "open")
        .order_by(FollowUp.due_at)
    )
    return list(rows.scalars())


async def counts(session: AsyncSession, agent: str, moment: dt.datetime) -> dict[str, int]:
    """How many are open: all, of this agent, nobody's, and late at a moment."""
    found = await session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count().filter(FollowUp.owner_id == agent),
            sa.func.count().filter(FollowUp.owner_id.is_(None)),
            sa.func.count().filter(FollowUp.due_at < moment),
        ).where(FollowUp.status == "open")
    )
    everything, mine, nobody, late = found.one()
    return {"all": everything, "mine": mine, "nobody": nobody, "late": late}


async def take(session: AsyncSession, follow_up: str, agent: str) -> bool:
    """Make an open follow-up this agent's; whether there was one."""
    return await change(session, follow_up, agent, owner_id=agent)


async def change(session: AsyncSession, follow_up: str, by: str, **values: object) -> bool:
    """Give an open follow-up another `owner_id` or `due_at`; whether there was one."""
    changed = await session.execute(
        sa.update(FollowUp)
        .where(FollowUp.id == follow_up, FollowUp.status == "open")
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        return False
    row = await session.get(FollowUp, follow_up, populate_existing=True)
    await log.append(
        session,
        row.conversation_id,
        "follow_up_changed",
        {
            "follow_up": follow_up,
            "owner": row.owner_id,
            "due": row.due_at.isoformat(),
            "agent": by,
        },
    )
    return True


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

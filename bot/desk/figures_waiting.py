"""How long clients waited for people, how that ended, and whether what they were told held."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import ownership
from bot.conversations.models import Conversation, Event
from bot.db import now
from bot.desk.scope import Scope
from bot.feedback.share import Share
from bot.handoff import hours, queue
from bot.handoff.models import Handoff
from bot.handoff.office import Office

WAITS: Final = ("person", "asked_back", "email", "call", "gone", "expired", "waiting")
"""How a wait ended: a person took the chat, the client went back to the assistant, left an address
or chose a call instead, left, nobody came in time; or it has not."""

_AGENT = "agent:"
_MINUTE = 60


@dataclasses.dataclass(frozen=True)
class Answers:
    """Times from the wish for a person to a person's first message.

    `asked` is how many wished for one; `median` and `ninth` (nine of ten waited at most so long)
    are seconds of those who got an answer, None where nobody did.
    """

    asked: int
    answered: int
    median: float | None
    ninth: float | None


@dataclasses.dataclass(frozen=True)
class Told:
    """What became of the last range that clients were told: the wait came to lie within it, ended
    sooner, or went on longer, whether or not somebody came in the end."""

    within: int
    sooner: int
    longer: int

    @property
    def held(self) -> Share:
        """The waits within the range, of all that were told one."""
        return Share(self.within, self.within + self.sooner + self.longer)


@dataclasses.dataclass(frozen=True)
class Waiting:
    """Waits that began in a period; `open_hours` while the team was there, by its hours."""

    everybody: Answers
    open_hours: Answers
    closed_hours: Answers
    ended: Mapping[str, int]
    told: Told

    @property
    def abandoned(self) -> Share:
        """Who left while waiting, of all whose wait has ended."""
        return Share(self.ended["gone"], sum(self.ended.values()) - self.ended["waiting"])


async def waiting(session: AsyncSession, scope: Scope, house: Office) -> Waiting:
    """The waits of a scope. Chats that an agent began are none."""
    rows = await _rows(session, scope)
    ended: Counter[str] = Counter(dict.fromkeys(WAITS, 0))
    for row in rows:
        ended[_how(row)] += 1
    schedules = {row.language: house.team(row.language).schedule for row in rows}
    there = [hours.is_open(row.opened_at, schedules[row.language]) for row in rows]
    moment = now()
    told = Counter(_held(row, moment) for row in rows)
    return Waiting(
        everybody=_answers(rows),
        open_hours=_answers([row for row, was in zip(rows, there, strict=True) if was]),
        closed_hours=_answers([row for row, was in zip(rows, there, strict=True) if not was]),
        ended=ended,
        told=Told(told["within"], told["sooner"], told["longer"]),
    )


async def _rows(session: AsyncSession, scope: Scope) -> list[Any]:
    # The first message of any agent until the handoff's end. By conversation and author there is
    # an index; that of kind and time, which a database may think better, has all the others' too.
    answered = (
        sa.select(sa.func.min(Event.at))
        .where(
            Event.conversation_id == Handoff.conversation_id,
            Event.author == "agent",
            Event.at >= Handoff.opened_at,
            sa.or_(Handoff.resolved_at.is_(None), Event.at <= Handoff.resolved_at),
        )
        .scalar_subquery()
    )
    # `assigned_at` is the latest colleague's; what was promised is that anybody comes.
    came = (
        sa.select(sa.func.min(Event.at))
        .where(
            Event.conversation_id == Handoff.conversation_id,
            sa.func.coalesce(Event.kind, "") == ownership.OWNER_CHANGED,
            Event.at >= Handoff.told_at,
            sa.or_(Handoff.resolved_at.is_(None), Event.at <= Handoff.resolved_at),
            Event.payload["to"].as_string().startswith(_AGENT),
        )
        .scalar_subquery()
    )
    query = (
        sa.select(
            Handoff.language,
            Handoff.status,
            Handoff.ended,
            Handoff.opened_at,
            Handoff.assigned_at,
            Handoff.resolved_at,
            Handoff.told_kind,
            Handoff.told_low,
            Handoff.told_minutes,
            Handoff.told_at,
            answered.label("answered_at"),
            came.label("came_at"),
        )
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(
            Handoff.opened_at >= scope.since,
            Handoff.opened_at < scope.until,
            Handoff.reason != queue.FOLLOW_UP,
            *scope.where(),
        )
    )
    if scope.agent:
        query = query.where(Handoff.agent_id == scope.agent)
    return list(await session.execute(query))


def _how(row: Any) -> str:
    if row.assigned_at is not None:
        return "person"
    if row.status == "waiting":
        return "waiting"
    return row.ended if row.ended in WAITS else "asked_back"


def _answers(rows: Sequence[Any]) -> Answers:
    seconds = [
        (row.answered_at - row.opened_at).total_seconds()
        for row in rows
        if row.answered_at is not None
    ]
    if not seconds:
        return Answers(len(rows), 0, None, None)
    median, ninth = np.percentile(seconds, (50, 90))
    return Answers(len(rows), len(seconds), float(median), float(ninth))


def _held(row: Any, moment: dt.datetime) -> str:
    """What became of the range this client was told; empty where it cannot be known, or was none.

    In whole minutes, as it was said.
    """
    if row.told_kind != "wait" or row.told_minutes is None:
        return ""
    until = row.came_at or row.resolved_at or moment
    minutes = round((until - row.told_at).total_seconds() / _MINUTE)
    if minutes > row.told_minutes:
        return "longer"
    if row.came_at is None:
        return ""  # left, or still waiting, within what was said
    return "sooner" if minutes < (row.told_low or 0) else "within"

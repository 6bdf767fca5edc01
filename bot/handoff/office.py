"""How the desk behaves, as an admin set it: one value each, and the hours of its teams.

What nobody has changed comes from the environment or from the defaults here, so that a fresh
installation behaves sensibly and `.env` stays the place for those who prefer a file.
"""

import dataclasses
import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import JsonDict, new_id, now
from bot.handoff import hours
from bot.handoff.hours import Schedule
from bot.handoff.models import OfficeSetting
from bot.handoff.models import Team as TeamRow
from bot.languages.locales import UnknownLocale, get
from bot.settings import Settings

EVERYBODY = "everybody"
"""The id of the team that answers whoever no other team does."""

RANGES: dict[str, tuple[int, int]] = {
    "too_long": (5, 240),
    "gone_minutes": (0, 24 * 60),
    "expire_hours": (1, 30 * 24),
    "call_minutes": (15, 120),
    "call_days": (1, 14),
    "call_places": (1, 50),
    "csat_hours": (1, 14 * 24),
    "agent_grace": (60, 3600),
}
"""The lowest and the highest value of each setting that is a number."""

_SWITCHES = ("offer_email", "offer_call", "csat", "alert_closed")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")
_INTERVALS = 4
_FREE_DAYS = 100
_TEAMS = 30


class OfficeError(ValueError):
    """A value cannot be saved; `code` is the string key `desk.refused.<code>`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclasses.dataclass(frozen=True)
class Team:
    """Some agents' clients, by language, and when somebody is there for them."""

    id: str
    name: str
    languages: tuple[str, ...]
    schedule: Schedule
    free_days: tuple[tuple[dt.date, str], ...] = ()
    stored: bool = False


@dataclasses.dataclass(frozen=True)
class Office:
    """How the desk behaves.

    Args:
        too_long: minutes of expected wait from which other ways are offered.
        offer_email: whoever meets a closed desk or a long wait may leave an e-mail address.
        offer_call: likewise, may ask to be called.
        call_minutes: the length of one call's slot.
        call_days: how many days ahead calls are offered.
        call_places: how many calls may be promised for the same time.
        gone_minutes: minutes after which a client who has left gives up their place; 0: never.
        expire_hours: hours after which a wait that nobody answered ends as a follow-up.
        csat: whether clients are asked for a rating.
        csat_hours: how long a rating stays open and changeable.
        agent_grace: seconds without a sign of life after which an agent's chats wait again.
        alert_closed: whether long waits are told of (`bot.desk.alerts`) while nobody is on duty
            outside the team's hours too.
    """

    teams: tuple[Team, ...]
    too_long: int = 30
    offer_email: bool = True
    offer_call: bool = True
    call_minutes: int = 60
    call_days: int = 5
    call_places: int = 2
    gone_minutes: int = 60
    expire_hours: int = 72
    csat: bool = True
    csat_hours: int = 24
    agent_grace: int = 120
    alert_closed: bool = False

    def team(self, language: str) -> Team:
        """Who answers clients of a language."""
        tag = language.split("-")[0]
        return next((team for team in self.teams if tag in team.languages), self.teams[0])

    def settings(self) -> dict[str, int | bool]:
        """Everything but the teams."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name != "teams"
        }


async def read(session: AsyncSession, settings: Settings) -> Office:
    """How the desk behaves now."""
    rows = await session.execute(sa.select(OfficeSetting.key, OfficeSetting.value))
    known = {field.name for field in dataclasses.fields(Office)}
    changed = {key: value for key, value in rows.all() if key in known}
    found = (await session.execute(sa.select(TeamRow).order_by(TeamRow.name))).scalars()
    stored = {row.id: _team(row) for row in found}
    everybody = stored.pop(EVERYBODY, None) or Team(
        EVERYBODY, settings.shop, (), hours.default(settings)
    )
    teams = (everybody, *stored.values())
    environment = {"csat_hours": settings.csat_hours, "agent_grace": settings.agent_grace}
    return Office(teams=teams, **{**environment, **changed})


def _team(row: TeamRow) -> Team:
    free = tuple((dt.date.fromisoformat(one["day"]), one["name"]) for one in row.free_days)
    week = tuple(
        tuple((dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for a, b in day)
        for day in row.week
    )
    schedule = Schedule(row.time_zone, week, frozenset(day for day, _ in free))
    return Team(row.id, row.name, tuple(row.languages), schedule, free, stored=True)


async def change(session: AsyncSession, changes: Mapping[str, int | bool], by: str | None) -> None:
    """Set some of the settings.

    Raises:
        OfficeError: one is not known or out of its range; nothing was changed.
    """
    for key, value in changes.items():
        if key in RANGES:
            low, high = RANGES[key]
            if type(value) is not int or not low <= value <= high:
                raise OfficeError("bad_number")
        elif key not in _SWITCHES or type(value) is not bool:
            raise OfficeError("bad_setting")
    for key, value in changes.items():
        row = await session.get(OfficeSetting, key)
        if row is None:
            session.add(OfficeSetting(key=key, value=value, changed_by=by))
        else:
            row.value, row.changed_by, row.changed_at = value, by, now()


async def save_team(
    session: AsyncSession,
    team: str | None,
    *,
    name: str,
    time_zone: str,
    languages: Sequence[str],
    week: Sequence[Sequence[Sequence[str]]],
    free_days: Sequence[Mapping[str, Any]],
) -> str:
    """Store a team's hours; gives its id.

    Args:
        team: its id, None for a new one.
        languages: tags; left out for the team that answers everybody else.
        week: seven lists of ("09:00", "13:00"), Monday first.
        free_days: `day` as 2026-12-25 and its `name`.

    Raises:
        OfficeError: a name, zone, language, interval or date cannot be used.
    """
    name = name.strip()
    if not 1 <= len(name) <= 60:
        raise OfficeError("no_name")
    try:
        ZoneInfo(time_zone)
    except (LookupError, ValueError, OSError):
        raise OfficeError("unknown_zone") from None
    try:
        tags = sorted({get(tag).tag for tag in languages})
    except UnknownLocale:
        raise OfficeError("unknown_language") from None
    if team != EVERYBODY and not tags:
        raise OfficeError("team_without_language")
    values: JsonDict = {
        "name": name,
        "time_zone": time_zone,
        "languages": [] if team == EVERYBODY else tags,
        "week": _week(week),
        "free_days": _free_days(free_days),
        "changed_at": now(),
    }
    others = (await session.execute(sa.select(TeamRow).where(TeamRow.id != (team or "")))).scalars()
    rows = list(others)
    if any(set(row.languages) & set(values["languages"]) for row in rows):
        raise OfficeError("language_taken")
    row = await session.get(TeamRow, team) if team else None
    if row is None:
        if team not in (None, EVERYBODY):
            raise OfficeError("no_such_team")
        if len(rows) >= _TEAMS:
            raise OfficeError("too_many_teams")
        row = TeamRow(id=team or new_id(), **values)
        session.add(row)
    else:
        for key, value in values.items():
            setattr(row, key, value)
    return str(row.id)


async def remove_team(session: AsyncSession, team: str) -> bool:
    """Forget a team; its clients are everybody's again. For everybody's: back to the defaults."""
    gone = await session.execute(
        sa.delete(TeamRow).where(TeamRow.id == team).execution_options(synchronize_session=False)
    )
    return bool(gone.rowcount == 1)


def _week(week: Sequence[Sequence[Sequence[str]]]) -> list[list[list[str]]]:
    if len(week) != 7 or any(len(day) > _INTERVALS for day in week):
        raise OfficeError("bad_hours")
    for day in week:
        if any(len(pair) != 2 or not all(map(_CLOCK.match, pair)) for pair in day):
            raise OfficeError("bad_hours")
        ordered = sorted((pair[0], pair[1]) for pair in day)
        for (_, closes), (opens, _) in itertools.pairwise(ordered):
            if closes > opens:
                raise OfficeError("hours_overlap")
        if any(closes <= opens for opens, closes in ordered[:-1]):
            raise OfficeError("hours_overlap")  # only a day's last interval can pass midnight
    return [sorted([pair[0], pair[1]] for pair in day) for day in week]


def _free_days(days: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    if len(days) > _FREE_DAYS:
        raise OfficeError("too_many_days")
    found = {}
    for one in days:
        try:
            day = dt.date.fromisoformat(str(one.get("day", "")))
        except ValueError:
            raise OfficeError("bad_day") from None
        found[day] = str(one.get("name", "")).strip()[:60]
    return [{"day": day.isoformat(), "name": name} for day, name in sorted(found.items())]

"""When a team is there: intervals by weekday in its own zone, and days that are free."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from bot.settings import Settings

Interval = tuple[dt.time, dt.time]
"""From and until; one that ends before it begins goes past midnight, equal ones mean 24 hours."""

_DAY = dt.timedelta(days=1)
_AHEAD = 60  # days looked at for the next opening: longer holidays have no announced end


@dataclasses.dataclass(frozen=True)
class Schedule:
    """A team's hours. `week` has the intervals of seven days, Monday first."""

    zone: str
    week: tuple[tuple[Interval, ...], ...]
    free: frozenset[dt.date] = frozenset()

    def on(self, day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
        """The intervals that begin on a day, as moments."""
        if day in self.free:
            return []
        zone, found = ZoneInfo(self.zone), []
        for opens, closes in sorted(self.week[day.weekday()]):
            last = day if closes > opens else day + _DAY
            found.append(
                (dt.datetime.combine(day, opens, zone), dt.datetime.combine(last, closes, zone))
            )
        return found


def default(settings: Settings) -> Schedule:
    """The same hours every day, as the environment says."""
    hours = (dt.time.fromisoformat(settings.opens), dt.time.fromisoformat(settings.closes))
    return Schedule(settings.time_zone, ((hours,),) * 7)


def is_open(moment: dt.datetime, schedule: Schedule) -> bool:
    """Whether an aware moment lies within a team's hours."""
    return open_since(moment, schedule) is not None


def open_since(moment: dt.datetime, schedule: Schedule) -> dt.datetime | None:
    """When a team that is there at an aware moment came; None when it is closed then.

    Hours that follow each other without a break are one stretch, of two days at most.
    """
    today = moment.astimezone(ZoneInfo(schedule.zone)).date()
    found: dt.datetime | None = None
    until = moment
    for day in (today, today - _DAY):
        for opens, closes in reversed(schedule.on(day)):
            if opens <= until and (moment < closes if found is None else closes >= until):
                found = until = opens
    return found


def next_opening(moment: dt.datetime, schedule: Schedule) -> dt.datetime | None:
    """The first opening after an aware moment; None when none is in sight."""
    return next((opens for opens, _ in openings(moment, schedule) if opens > moment), None)


def openings(
    moment: dt.datetime, schedule: Schedule, days: int = _AHEAD
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The intervals that end after a moment, in order, for so many days."""
    first = moment.astimezone(ZoneInfo(schedule.zone)).date()
    for ahead in range(-1, days + 1):
        for opens, closes in schedule.on(first + ahead * _DAY):
            if closes > moment:
                yield opens, closes


def end_of_next_day(moment: dt.datetime, schedule: Schedule) -> dt.datetime | None:
    """When a team goes home on its next working day after today; None when none is in sight."""
    today = moment.astimezone(ZoneInfo(schedule.zone)).date()
    for ahead in range(1, _AHEAD + 1):
        if intervals := schedule.on(today + ahead * _DAY):
            return intervals[-1][1]
    return None


def same_clock(moment: dt.datetime, zone: str, other: str) -> bool:
    """Whether clocks in two zones show the same at a moment."""
    return (
        moment.astimezone(ZoneInfo(zone)).utcoffset()
        == moment.astimezone(ZoneInfo(other)).utcoffset()
    )

"""Times for a call: inside the team's hours, at a civil time of the client's day, still free."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from bot.handoff import hours
from bot.handoff.hours import Schedule

NOTICE = dt.timedelta(minutes=45)
"""How soon a call can be at the earliest: somebody must see the wish first."""

_CIVIL = ((9, 20), (8, 21), (7, 22))
"""Hours of the client's day in which a call is welcome, the better ones first."""

_A_DAY = 2  # times offered of one day, so that the choice is not between 9:00, 10:00 and 11:00


def open_times(
    moment: dt.datetime,
    schedule: Schedule,
    zone: str,
    *,
    length: dt.timedelta,
    days: int,
    taken: Iterable[dt.datetime] = (),
    places: int = 1,
) -> list[dt.datetime]:
    """Every time a client can be called at, in order, in their zone. Pure.

    Args:
        zone: where the client is.
        length: of one call; calls begin at whole multiples of it within the team's hours.
        taken: calls already promised; a time with `places` of them is full.
    """
    full = {at for at, count in Counter(taken).items() if count >= places}
    there, found = ZoneInfo(zone), []
    earliest = moment + NOTICE
    for opens, closes in hours.openings(moment, schedule, days):
        at = opens
        while at + length <= closes:
            if at >= earliest and at not in full and at <= moment + dt.timedelta(days=days):
                found.append(at.astimezone(there))
            at = (at.astimezone(dt.timezone.utc) + length).astimezone(opens.tzinfo)
    for first, last in _CIVIL:
        civil = [at for at in found if first <= at.hour and _ends_by(at, length, last)]
        if civil:
            return civil
    return found


def _ends_by(at: dt.datetime, length: dt.timedelta, hour: int) -> bool:
    end = at + length
    return end.date() == at.date() and (end.hour, end.minute) <= (hour, 0)


def choice(times: Sequence[dt.datetime], count: int = 4, skip: int = 0) -> list[dt.datetime]:
    """A few of many times, spread: of each day the first and one some hours later. Pure.

    Args:
        skip: how many were offered before.
    """
    by_day: dict[dt.date, list[dt.datetime]] = {}
    for at in times:
        by_day.setdefault(at.date(), []).append(at)
    spread: list[dt.datetime] = []
    rest: list[dt.datetime] = []
    for day in by_day.values():
        step = max(1, len(day) // _A_DAY)
        spread += day[::step][:_A_DAY]
        rest += [at for at in day if at not in day[::step][:_A_DAY]]
    return sorted([*spread, *rest][skip : skip + count])

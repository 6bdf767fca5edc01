"""When the desk is open."""

import datetime as dt
from zoneinfo import ZoneInfo

from bot.settings import Settings

_DAY = dt.timedelta(days=1)


def is_open(moment: dt.datetime, settings: Settings) -> bool:
    """Whether an aware moment lies within opening hours.

    Hours that end before they begin go past midnight; equal ones mean around the clock.
    """
    opens, closes = _time(settings.opens), _time(settings.closes)
    there = moment.astimezone(ZoneInfo(settings.time_zone)).time()
    if opens == closes:
        return True
    if opens < closes:
        return opens <= there < closes
    return there >= opens or there < closes


def next_opening(moment: dt.datetime, settings: Settings) -> dt.datetime:
    """The first opening after an aware moment, in the shop's zone."""
    zone = ZoneInfo(settings.time_zone)
    there = moment.astimezone(zone)
    opening = dt.datetime.combine(there.date(), _time(settings.opens), zone)
    if opening <= there:
        opening = dt.datetime.combine(there.date() + _DAY, _time(settings.opens), zone)
    return opening


def same_clock(moment: dt.datetime, zone: str, other: str) -> bool:
    """Whether clocks in two zones show the same at a moment."""
    return (
        moment.astimezone(ZoneInfo(zone)).utcoffset()
        == moment.astimezone(ZoneInfo(other)).utcoffset()
    )


def _time(text: str) -> dt.time:
    return dt.time.fromisoformat(text)

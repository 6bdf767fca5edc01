"""What a report counts: a period in the desk's zone, a language, a channel, an agent."""

import dataclasses
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversations.models import Conversation
from bot.db import now

PRESETS = (7, 30, 90)
"""Days that a page offers; today is the last of them."""

USUAL = 30
MOST_DAYS = 731

_FIRST, _LAST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)


class BadPeriod(ValueError):
    """A period that cannot be counted; `code` is the string key `desk.refused.<code>`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclasses.dataclass(frozen=True)
class Period:
    """Days, from the first to the last, both counted."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


def period(first: str, last: str, days: int, zone: str) -> Period:
    """The period asked for: from a day to a day, else so many days until today.

    Args:
        first, last: ISO dates, or nothing; one of them alone is a period of `days`.
        zone: IANA name of the zone whose days are meant.

    Raises:
        BadPeriod: `bad_date` where a day cannot be read or is out of all reason, `bad_period`
            where the last comes before the first, `long_period` beyond `MOST_DAYS`.
    """
    try:
        begins = dt.date.fromisoformat(first) if first else None
        ends = dt.date.fromisoformat(last) if last else None
    except ValueError:
        raise BadPeriod("bad_date") from None
    if any(day is not None and not _FIRST <= day <= _LAST for day in (begins, ends)):
        raise BadPeriod("bad_date")
    before = dt.timedelta(days=days - 1)
    if begins is None:
        ends = ends or now().astimezone(ZoneInfo(zone)).date()
        begins = ends - before
    elif ends is None:
        ends = begins + before
    if ends < begins:
        raise BadPeriod("bad_period")
    if (ends - begins).days >= MOST_DAYS:
        raise BadPeriod("long_period")
    return Period(begins, ends)


@dataclasses.dataclass(frozen=True)
class Scope:
    """The contacts that began within [since, until).

    Attributes:
        zone: IANA name of the zone in which hours and days are told.
        language: the tag a client is spoken to in, now; empty: all.
        channel: where the client writes; empty: everywhere.
        agent: only what this agent had a part in; empty: everything.
    """

    since: dt.datetime
    until: dt.datetime
    zone: str
    language: str = ""
    channel: str = ""
    agent: str = ""

    @classmethod
    def of(
        cls, chosen: Period, zone: str, *, language: str = "", channel: str = "", agent: str = ""
    ) -> "Scope":
        """A period's scope, from midnight to midnight in a zone."""
        since, until = (
            dt.datetime.combine(day, dt.time(), ZoneInfo(zone))
            for day in (chosen.first, chosen.last + dt.timedelta(days=1))
        )
        return cls(since, until, zone, language, channel, agent)

    def offsets(self) -> list[tuple[dt.datetime, int]]:
        """How many seconds the zone is ahead of UTC, and until when; the last one's end is this.

        Found to the quarter of an hour, on which all clocks are changed.
        """
        zone, day, quarter = ZoneInfo(self.zone), dt.timedelta(days=1), dt.timedelta(minutes=15)
        utc = dt.timezone.utc
        moment, until = self.since.astimezone(utc), self.until.astimezone(utc)

        def ahead(at: dt.datetime) -> int:
            offset = at.astimezone(zone).utcoffset()
            return int(offset.total_seconds()) if offset is not None else 0

        found = []
        while moment < until:
            then = moment + day
            if ahead(moment) != (before := ahead(then)):
                then = moment + quarter
                while ahead(then) == ahead(moment):
                    then += quarter
                found.append((then, ahead(moment)))
                before = ahead(then)
            moment, last = then, before
        return [*found, (until, last)]

    def where(self) -> list[Any]:
        """What a conversation has to be to be counted."""
        conditions = []
        if self.language:
            conditions.append(Conversation.locale == self.language)
        if self.channel:
            conditions.append(Conversation.channel == self.channel)
        return conditions

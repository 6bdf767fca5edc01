"""Numbers, dates and times as each locale writes them in running text.

What identifies something (order numbers, phones, codes) never passes through here: it stays in
Latin digits everywhere. CLDR's formats give Latin digits in Bengali and Marathi, so digits are
converted afterwards, by the locale's data.
"""

from __future__ import annotations

import datetime as dt
import functools
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale as Cldr
from babel import dates, numbers
from babel.core import get_global

from bot.languages.locales import Clock, Locale, get

_DIGITS = {
    "beng": "০১২৩৪৫৬৭৮৯",
    "deva": "०१२३४५६७८९",
    "arabext": "۰۱۲۳۴۵۶۷۸۹",
    "arab": "٠١٢٣٤٥٦٧٨٩",
}
_UNITS: Final[Sequence[tuple[int, Literal["day", "hour", "minute", "second"]]]] = (
    *((86_400, "day"), (3600, "hour")),
    *((60, "minute"), (1, "second")),
)
_COMMAS = {"Arab": "، ", "Hans": "、", "Jpan": "、"}
# CLDR's older spellings in Bengali, which our own texts do not have.
_SPELT = {"ঘন্টা": "ঘণ্টা", "কোলকাতা": "কলকাতা"}
# Grouping by thousand, lakh, crore: the subcontinent writes 1,23,456 in every language.
_LAKH = "#,##,##0.###"
_LAKH_TERRITORIES = frozenset({"IN", "BD", "PK", "NP"})


def number(n: int | float, locale: str) -> str:
    """A count or an amount, grouped and in the locale's digits."""
    spoken = get(locale)
    pattern = _LAKH if spoken.territory in _LAKH_TERRITORIES else None
    return _native(numbers.format_decimal(n, format=pattern, locale=spoken.cldr), spoken)


def date(value: dt.date | dt.datetime, locale: str) -> str:
    """A day with its month in letters: 03/04 means two things."""
    spoken = get(locale)
    pattern = spoken.date.get(spoken.territory) or spoken.date.get("*", "long")
    return _native(dates.format_date(value, format=pattern, locale=spoken.cldr), spoken)


def clock(value: dt.datetime | dt.time, locale: str, zone: str) -> str:
    """A time of the day, with the part of the day where the locale says it so.

    Args:
        value: an aware moment is moved to `zone`; a bare time is taken as being there already.
        zone: IANA name of the zone the reader lives in.
    """
    spoken = get(locale)
    if isinstance(value, dt.datetime):
        value = value.astimezone(ZoneInfo(zone)).time()
    if spoken.clock:
        return _native(_with_part(value, spoken.clock), spoken)
    pattern = spoken.time.get(spoken.territory) or spoken.time.get("*", "short")
    said = dates.format_time(value, format=pattern, locale=spoken.cldr)
    # CLDR separates am and pm by a narrow no-break space, which some fonts draw as a box.
    return _native(said.replace("\u202f", " "), spoken)


def short_date(value: dt.datetime, locale: str, zone: str) -> str:
    """A day of the coming weeks: its weekday, day and month, in a zone."""
    spoken = get(locale)
    there = value.astimezone(ZoneInfo(zone)).date()
    return _native(dates.format_skeleton("MMMMEd", there, locale=spoken.cldr), spoken)


@functools.lru_cache(maxsize=4096)
def city(zone: str, locale: str) -> str:
    """What a zone is known by: its city, in the locale's words; in the zone's where it has none."""
    named = Cldr.parse(get(locale).cldr).time_zones
    # CLDR files cities under the name that a zone had first, which IANA may call an old one now.
    for name in (zone, *_also_called().get(zone, ())):
        if "city" in named.get(name, {}):
            return _spelt(str(named[name]["city"]))
    return zone.rpartition("/")[2].replace("_", " ")


def weekdays(locale: str) -> tuple[str, ...]:
    """The names of the days, Monday first."""
    names = dates.get_day_names("wide", "stand-alone", locale=get(locale).cldr)
    return tuple(str(names[day]) for day in range(7))


def minutes(n: int, locale: str) -> str:
    """A duration, "4 minutes"."""
    spoken = get(locale)
    # The threshold keeps 90 minutes from turning into two hours.
    said = dates.format_timedelta(
        dt.timedelta(minutes=n), granularity="minute", threshold=n + 1, locale=spoken.cldr
    )
    return _native(said, spoken)


def duration(seconds: float, locale: str) -> str:
    """How long something took, in the one or two units that say enough: "3 hours 20 minutes"."""
    spoken, n = get(locale), round(seconds)
    if n >= 60:
        n = round(n / 60) * 60
    first = next((i for i, (size, _) in enumerate(_UNITS) if n >= size), len(_UNITS) - 1)
    parts: list[str] = []
    for size, unit in _UNITS[first : first + (2 if n >= 3600 else 1)]:
        count, n = divmod(n, size)
        if count or not parts:
            length = dt.timedelta(seconds=count * size)
            said = dates.format_timedelta(
                length, granularity=unit, threshold=count + 1, locale=spoken.cldr
            )
            parts.append(_native(_spelt(said), spoken))
    return " ".join(parts)


def listed(items: Sequence[str], locale: str) -> str:
    """Several things with the script's comma between them."""
    return _COMMAS.get(get(locale).script, ", ").join(items)


def fold_digits(text: str) -> str:
    """The text with the decimal digits of any script as ASCII digits."""
    return "".join(
        char if char.isascii() or not char.isdecimal() else str(unicodedata.decimal(char))
        for char in text
    )


@functools.lru_cache(maxsize=1)
def _also_called() -> Mapping[str, Sequence[str]]:
    """The other names of zones."""
    names: dict[str, list[str]] = {}
    for old, new in get_global("zone_aliases").items():
        names.setdefault(new, [new]).append(old)
    return {name: same for same in names.values() for name in same}


def _spelt(text: str) -> str:
    for old, new in _SPELT.items():
        text = text.replace(old, new)
    return text


def _native(text: str, locale: Locale) -> str:
    text = fold_digits(text)
    digits = _DIGITS.get(locale.digits)
    return text.translate(str.maketrans("0123456789", digits)) if digits else text


def _with_part(value: dt.time, spoken: Clock) -> str:
    part = spoken.parts[max(begins for begins in spoken.parts if begins <= value.hour)]
    hour, minute = value.hour % 12 or 12, value.minute
    said = str(hour)
    if minute == 30 and spoken.half:
        said, minute = spoken.halves.get(hour, spoken.half.format(h=hour)), 0
    pattern = spoken.minute if minute else spoken.hour
    return pattern.format(part=part, h=said, m=minute, mm=f"{minute:02d}")

"""The country a client writes from, where a language is spoken differently by country.

What the client has shown (a number, a currency, a payment service) tells it first, else the
browser's language, else the time zone, else the language's own default.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from babel import Locale as Cldr
from babel.core import get_global

from bot.languages.clean import normal
from bot.languages.formats import fold_digits
from bot.languages.locales import UnknownLocale, get, known

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# The old names of zones that browsers still send; CLDR's list has only the new ones.
_OLD_ZONES: Final = {"Asia/Calcutta": "IN", "Asia/Dacca": "BD"}


def spoken_tag(locale: str, territory: str | None, time_zone: str | None) -> str:
    """The tag to speak in: with a territory where it makes a difference, else as it is.

    Args:
        locale: the language, as a tag of ours.
        territory: the country known of the client, ISO 3166; another language's does not count.
        time_zone: IANA name of the client's zone.
    """
    try:
        spoken = get(locale)
    except UnknownLocale:
        return locale
    for country in (territory, time_zone and territory_of_zone(time_zone)):
        if country in spoken.territories:
            return locale if country == spoken.territory_default else f"{spoken.tag}-{country}"
    return locale


def territory_of_zone(time_zone: str) -> str | None:
    """The country of an IANA zone, None where it has none (UTC) or is unknown."""
    found: str | None = get_global("zone_territories").get(time_zone) or _OLD_ZONES.get(time_zone)
    return found if found and found.isalpha() else None


def territory_shown(text: str, locale: str) -> str | None:
    """The country a message shows its writer to be in, by the locale's signs (৳, +880, bKash)."""
    plain = fold_digits(normal(text)).casefold()
    return next((place for place, sign in _signs(locale) if sign.search(plain)), None)


def free_days(territory: str | None) -> frozenset[int]:
    """The weekend of a country, as weekdays from Monday = 0; Sunday where nothing is known."""
    if territory is None:
        return frozenset({6})
    for locale in known():
        if territory in locale.weekend:
            return frozenset(_DAYS.index(day) for day in locale.weekend[territory])
    cldr = Cldr.parse(f"und_{territory}")
    first, last = cldr.weekend_start, cldr.weekend_end
    return frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))


@functools.lru_cache(maxsize=64)
def _signs(locale: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    try:
        signs = get(locale).territory_signs
    except UnknownLocale:
        return ()
    return tuple((place, re.compile(sign)) for place, sign in signs.items())

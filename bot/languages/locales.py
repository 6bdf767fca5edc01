"""The languages Setu knows, read as data from `data/languages.yml`."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import yaml

from bot.settings import settings

Quality = Literal["complete", "interface", "answers only"]
Direction = Literal["ltr", "rtl"]

# Macrolanguages and retired tags that browsers still send.
_ALIASES = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "mo": "ro", "cmn": "zh", "yue": "zh"}


class UnknownLocale(LookupError):
    """A tag that `data/languages.yml` does not have."""

    def __init__(self, tag: str) -> None:
        super().__init__(f"{tag!r} is not in data/languages.yml; it has {', '.join(_table())}")


@dataclass(frozen=True)
class Clock:
    """How a time is said with a part of the day.

    `parts` maps the hour a part begins at to its adverb; `hour` and `minute` are patterns with
    {part}, {h}, {m}, {mm}; `half` and `halves` say half past, where the language has a word for it.
    """

    parts: Mapping[int, str]
    hour: str
    minute: str
    half: str | None = None
    halves: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Speech:
    """Words that say how what is written hangs together, as the head of the file has them.

    `salam` is a regular expression; the others are words with spaces between.
    """

    joins: str = ""
    points: str = ""
    salam: str = ""


@dataclass(frozen=True)
class Numbers:
    """Words that stand beside an order's number and the like, as the head of the file has them.

    `asked` is a regular expression; the others are words with spaces between.
    """

    order: str = ""
    invoice: str = ""
    ticket: str = ""
    number: str = ""
    own: str = ""
    money: str = ""
    ordinals: str = ""
    asked: str = ""


@dataclass(frozen=True)
class Locale:
    """One language, and how it is written and addressed.

    `territory` decides what differs by country (dates, grouping, weekend); it is the tag's own
    region where it has one, else `territory_default`. `names` maps the language a name is in to
    the names ("*": spellings in any). `date` and `time` are CLDR patterns by territory ("*": all).
    `registers` begins with the most formal. `territories` are those the language is spoken
    differently in, `territory_signs` what shows a client to be in one. `usage` is what
    `bot.languages.register` reads, `speech` and `numbers` are for the modules of these names.
    """

    tag: str
    endonym: str
    names: Mapping[str, tuple[str, ...]]
    script: str
    direction: Direction
    digits: str
    quality: Quality
    territory_default: str
    territory: str
    register_default: str
    registers: Mapping[str, Mapping[str, str]]
    never: tuple[str, ...]
    address: Mapping[str, str]
    name_order: str
    skip_as_first_name: tuple[str, ...]
    fallback: tuple[str, ...]
    romanised: bool
    formulae: tuple[str, ...]
    spoken: bool
    date: Mapping[str, str]
    time: Mapping[str, str]
    clock: Clock | None
    weekend: Mapping[str, tuple[str, ...]]
    wish_words: str
    wish_refusals: str
    territories: tuple[str, ...]
    territory_signs: Mapping[str, str]
    clock_in: Mapping[str, Clock]
    usage: Mapping[str, Any]
    speech: Speech
    numbers: Numbers

    @property
    def cldr(self) -> str:
        """The identifier Babel knows this locale by, territory included."""
        return f"{self.tag}_{self.territory}"


def get(tag: str) -> Locale:
    """The locale of a BCP 47 tag; region and script subtags are understood (`en-IN`, `hi-Latn`).

    Raises:
        UnknownLocale: the language is not in `data/languages.yml`.
    """
    language, region = _split(tag)
    locale = _table().get(language)
    if locale is None:
        raise UnknownLocale(tag)
    if region is None:
        return locale
    clock = locale.clock_in.get(region, locale.clock)
    return dataclasses.replace(locale, territory=region, clock=clock)


def known() -> tuple[Locale, ...]:
    """Every locale, in the order of the file."""
    return tuple(_table().values())


def negotiate(tags: Iterable[str]) -> str | None:
    """The first of a client's preferred tags that has an interface, as our tag; else None.

    A language that can only be answered in is taken when no other of the client's has more.
    """
    offered = [found for tag in tags if (found := _table().get(_split(tag)[0]))]
    best = next((locale for locale in offered if locale.quality != "answers only"), None)
    return best.tag if best else next((locale.tag for locale in offered), None)


def native(tag: str) -> str:
    """The language a detected class counts for: `hi-Latn` → `hi`."""
    return tag.removesuffix("-Latn")


def name_in(tag: str, locale: str) -> str:
    """What readers of `locale` call a language; its own name where they have none for it."""
    language = get(tag)
    names = language.names.get(get(locale).tag)
    return names[0] if names else language.endonym


def _split(tag: str) -> tuple[str, str | None]:
    parts = tag.replace("_", "-").split("-")
    language = parts[0].lower()
    region = next((p.upper() for p in parts[1:] if len(p) == 2 and p.isalpha()), None)
    return _ALIASES.get(language, language), region


@functools.lru_cache(maxsize=1)
def _table() -> Mapping[str, Locale]:
    text = (settings().home / "data" / "languages.yml").read_text(encoding="utf-8")
    return MappingProxyType({tag: _locale(tag, row) for tag, row in yaml.safe_load(text).items()})


def _by_territory(value: str | Mapping[str, str] | None) -> Mapping[str, str]:
    return {"*": value} if isinstance(value, str) else dict(value or {})


def _locale(tag: str, row: Mapping[str, Any]) -> Locale:
    clock = row.get("clock")
    locale = Locale(
        tag=tag,
        endonym=row["endonym"],
        names={language: tuple(names) for language, names in row["names"].items()},
        script=row["script"],
        direction=row.get("direction", "ltr"),
        digits=row.get("digits", "latn"),
        quality=row["quality"],
        territory_default=row["territory_default"],
        territory=row["territory_default"],
        register_default=row.get("register_default", "formal"),
        registers=row.get("registers", {}),
        never=tuple(row.get("never", ())),
        address=row.get("address", {"known": "{given}", "formal": "{given}", "unknown": ""}),
        name_order=row.get("name_order", "given-family"),
        skip_as_first_name=tuple(row.get("skip_as_first_name", ())),
        fallback=tuple(row.get("fallback", ())),
        romanised=row.get("romanised", False),
        formulae=tuple(row["formulae"].split(", ")) if "formulae" in row else (),
        spoken=row.get("spoken", True),
        date=_by_territory(row.get("date")),
        time=_by_territory(row.get("time")),
        clock=Clock(**clock) if clock else None,
        weekend={place: tuple(days) for place, days in row.get("weekend", {}).items()},
        wish_words=row.get("wish", {}).get("words", ""),
        wish_refusals=row.get("wish", {}).get("refusals", ""),
        territories=tuple(row.get("territories", ())),
        territory_signs=row.get("territory_signs", {}),
        clock_in={place: Clock(**each) for place, each in row.get("clock_in", {}).items()},
        usage=row.get("usage", {}),
        speech=Speech(**row.get("speech", {})),
        numbers=Numbers(**row.get("numbers", {})),
    )
    _compile(tag, asked=locale.numbers.asked, salam=locale.speech.salam)
    return locale


def _compile(tag: str, **patterns: str) -> None:
    for name, pattern in patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            told = f"data/languages.yml: `{name}` of {tag} is no regular expression: {error}"
            raise ValueError(told) from error

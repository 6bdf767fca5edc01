"""What the widget needs to know of a language before the first message."""

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from bot.channels.contract import MAX_TEXT
from bot.channels.widget.starters import Starter
from bot.languages.locales import get, known, negotiate
from bot.languages.say import say
from bot.languages.strings import STRINGS

_PREFIX = "widget."
_NOT_THE_WIDGETS = ("widget.demo.", "widget.quick.")
_FILLED = ("name", "excess", "file", "size", "code", "minutes")  # by the widget: they stay
_LINK = ("email", "whatsapp")  # channels a code can be sent over to an address one knows


class QuickReply(BaseModel):
    """An opening question of the knowledge base: `title`, in `language`, asks it by `payload`.

    `text` is for who sends what was typed.
    """

    title: str
    language: str
    text: str
    payload: str


class Language(BaseModel):
    """A language the interface has, under the name its speakers give it."""

    tag: str
    endonym: str


class Config(BaseModel):
    """`formats` is the tag dates and numbers are written by: the language with its country.

    `day_parts` maps the hour a part of the day begins at to its word, where times need one.
    """

    locale: str
    formats: str
    direction: str
    digits: str
    day_parts: dict[int, str]
    shop: str
    strings: dict[str, str]
    quick: list[QuickReply]
    languages: list[Language]
    max_text: int
    max_file: int
    link: list[str]


def interface_locale(tags: list[str], default: str) -> str:
    """The best language of `tags` that the interface itself has, else `default`."""
    found = negotiate(tags)
    return default if found is None or get(found).quality == "answers only" else found


def _text(key: str, locale: str, shop: str) -> str:
    kept: dict[str, Any] = {name: f"{{{name}}}" for name in _FILLED}
    return say(key, locale, shop=shop, **kept)


@lru_cache(maxsize=64)
def config(
    locale: str,
    shop: str,
    megabytes: int = 0,
    channels: frozenset[str] = frozenset(),
    starters: tuple[Starter, ...] = (),
) -> Config:
    """The configuration in a locale, which must be a known tag; its country counts.

    Args:
        channels: the names of those that are on besides this one.
        starters: what the chat can be opened with.
    """
    spoken = get(locale)
    keys = (
        key for key in STRINGS if key.startswith(_PREFIX) and not key.startswith(_NOT_THE_WIDGETS)
    )
    return Config(
        locale=spoken.tag,
        formats=f"{spoken.tag}-{spoken.territory}",
        direction=spoken.direction,
        digits=spoken.digits,
        day_parts=dict(spoken.clock.parts) if spoken.clock else {},
        shop=shop,
        strings={key.removeprefix(_PREFIX): _text(key, locale, shop) for key in keys},
        quick=[
            QuickReply(title=s.title, language=s.language, text=s.title, payload=s.payload)
            for s in starters
        ],
        languages=[
            Language(tag=each.tag, endonym=each.endonym)
            for each in known()
            if each.quality != "answers only"
        ],
        max_text=MAX_TEXT,
        max_file=megabytes * 1024 * 1024,
        link=[name for name in _LINK if name in channels],
    )

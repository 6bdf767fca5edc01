"""How a client is called by name in a locale, as `data/languages.yml` has it.

Only the form that needs nothing but a given name is used: a title or a family name is never
guessed from a name.
"""

from __future__ import annotations

import re

from bot.languages.locales import Locale, UnknownLocale, get

_INITIAL = re.compile(r"\w\w?\.|\w")
_WHERE = re.compile(r"\{client\}")
_FIRST = re.compile(r"^\{client\}[,،、!！]?\s*", re.MULTILINE)
_LATER = re.compile(r"\s*[,،、]?\s*\{client\}")


def given_name(name: str, locale: Locale) -> str:
    """The part of a name that its bearer is called by, without initials and titles of respect.

    The whole name where the locale does not put the given name first.
    """
    words = name.split()
    if not locale.name_order.startswith("given"):
        return " ".join(words)
    called = [
        word
        for word in words
        if word not in locale.skip_as_first_name and not _INITIAL.fullmatch(word)
    ]
    return called[0] if called else " ".join(words)


def addressed(name: str | None, tag: str) -> str:
    """What a client is called in the language of a tag; empty where no name is known."""
    try:
        locale = get(tag)
    except UnknownLocale:
        locale = get("en")
    pattern = locale.address.get("known", "{given}")
    return pattern.format(given=given_name(name, locale)) if name and name.strip() else ""


def with_client(template: str, name: str | None, tag: str) -> str:
    """A text with `{client}` filled; without a name the text closes over the gap.

    "Hello {client}, …" becomes "Hello, …", and "{client}, your …" becomes "Your …".
    """
    called = addressed(name, tag)
    if called:
        return _WHERE.sub(lambda _: called, template)
    without = _FIRST.sub("", template)
    if without != template:
        without = without[:1].upper() + without[1:]
    return _LATER.sub("", without)

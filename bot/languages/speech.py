"""How a message hangs together: its clauses, what it points back to, and a salam.

The words are each language's own, in data/languages.yml; people mix languages, so all count in
every message.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from bot.languages.locales import get, known

MOST: Final = 6
"""Clauses that are worth a search, the longest; each costs an embedding."""
_LEAST_WORDS: Final = 2
_NEEDED: Final = ("joins", "points")
# Words are looked for between spaces, so these would have none of use.
_UNSPACED: Final = frozenset({"Hans", "Hant", "Jpan", "Thai"})
# A stop or comma between digits belongs to a number.
_STOPS: Final = r"(?<!\d)[.,]|[.,](?!\d)|[;!?।॥…\n،؟]+"


def clauses(text: str) -> tuple[str, ...]:
    """The clauses of two words and more, in order; empty where the text is one clause itself."""
    pieces = [" ".join((piece or "").split()) for piece in _border().split(text)]
    found = list(dict.fromkeys(each for each in pieces if len(each.split()) >= _LEAST_WORDS))
    if len([piece for piece in pieces if piece]) < 2:
        return ()
    kept = sorted(found, key=lambda clause: -len(clause))[:MOST]
    return tuple(clause for clause in found if clause in kept)


def refers_back(text: str) -> bool:
    """Whether a message speaks of something that it does not name."""
    return not _points().isdisjoint(re.findall(r"[^\s.,;!?।…،؟]+", text.lower()))


def salam(text: str) -> bool:
    """Whether a greeting is a salam."""
    return bool(_salam().search(text))


def lacking(tag: str) -> tuple[str, ...]:
    """What a language that clients are spoken to in should have and has not: `joins`, `points`."""
    locale = get(tag)
    if locale.script in _UNSPACED:
        return ()
    return tuple(name for name in _NEEDED if not getattr(locale.speech, name))


@functools.lru_cache(maxsize=1)
def _border() -> re.Pattern[str]:
    joins = " ".join(locale.speech.joins for locale in known()).split()
    between = "|".join(map(re.escape, joins))
    return re.compile(rf"{_STOPS}|(?<!\S)(?:{between})(?!\S)", re.IGNORECASE)


@functools.lru_cache(maxsize=1)
def _points() -> frozenset[str]:
    return frozenset(" ".join(locale.speech.points for locale in known()).lower().split())


@functools.lru_cache(maxsize=1)
def _salam() -> re.Pattern[str]:
    said = (locale.speech.salam for locale in known())
    return re.compile("|".join(f"(?:{each})" for each in said if each), re.IGNORECASE)

"""Words of all languages that stand beside what is known by its number: orders, invoices, amounts.

A client may write "order" in the middle of any language, so those of all are understood in each.
"""

from __future__ import annotations

import functools
import re
from typing import Final, Literal

from bot.languages.locales import get, known

Kind = Literal["order", "invoice", "ticket", "number", "own", "money", "ordinals"]

_NEEDED: Final = ("order", "asked")


@functools.cache
def words(kind: Kind) -> tuple[str, ...]:
    """The words of a kind, each once, in small letters."""
    every = " ".join(getattr(locale.numbers, kind) for locale in known())
    return tuple(dict.fromkeys(every.lower().split()))


def asks_order(text: str) -> bool:
    """Whether an article asks its reader for the number of an order."""
    return bool(_asked().search(text))


def lacking(tag: str) -> tuple[str, ...]:
    """What a language that clients are spoken to in should have and has not: `order`, `asked`."""
    return tuple(name for name in _NEEDED if not getattr(get(tag).numbers, name))


@functools.lru_cache(maxsize=1)
def _asked() -> re.Pattern[str]:
    said = (locale.numbers.asked for locale in known())
    return re.compile("|".join(f"(?:{each})" for each in said if each), re.IGNORECASE)

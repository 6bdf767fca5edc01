"""A client's explicit wish to be spoken to in a language: "speak Marathi", in any of ours.

The message must consist of a language's name and of words that such a wish is made of, nothing
else: "is the manual in German?" is a question about a manual.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.languages import clean
from bot.languages.locales import known

# A longer message says more than a wish.
_MOST_WORDS: Final = 14
_STOPS: Final = re.compile(r"[,.;:!।،、，…–—\n]+")


def wished_language(text: str) -> str | None:
    """The tag of the language a message asks for, or None where it is not such a wish.

    A language named beside a refusal ("no English please", "Hindi nahi aati") is not wished; with
    two names left, none is.
    """
    names, (may_say, refuse) = _names(), _vocabulary()
    found = _after_no(clean.normal(text), refuse)
    if not found or len(found) > _MOST_WORDS:
        return None
    named: list[tuple[int, str]] = []
    refusals: list[tuple[int, bool]] = []
    at = 0
    while at < len(found):
        pair = " ".join(found[at : at + 2])
        if pair in names:
            named.append((at, names[pair]))
            at += 2
            continue
        word = found[at]
        if word in names:
            named.append((at, names[word]))
        elif word in refuse:
            refusals.append((at, refuse[word]))
        elif word not in may_say:
            return None
        at += 1
    refused = {_refused(named, *refusal) for refusal in refusals}
    wished = {tag for place, tag in named if place not in refused}
    return wished.pop() if len(wished) == 1 else None


def _after_no(text: str, refuse: Mapping[str, bool]) -> list[str]:
    """The words without a "no" that stands for itself: "No, Malayalam" wishes for Malayalam."""
    first, *others = _STOPS.split(text, maxsplit=1)
    answer = clean.words(first)
    if others and answer and all(word in refuse for word in answer):
        return clean.words(others[0])
    return clean.words(text)


@functools.lru_cache(maxsize=1)
def _vocabulary() -> tuple[frozenset[str], Mapping[str, bool]]:
    """The words of a wish, and the refusals: whether what is refused stands before them."""
    said = {word for locale in known() for word in _split(locale.wish_words)}
    refusals = {
        word: locale.tag != "en"
        for locale in reversed(known())
        for word in _split(locale.wish_refusals)
    }
    return frozenset(said - refusals.keys()), refusals


def _refused(named: Sequence[tuple[int, str]], refusal: int, after: bool) -> int | None:
    """Where the name stands that a refusal is about: "no English", but "Hindi nahi aati"."""
    before = [place for place, _ in named if place < refusal]
    behind = [place for place, _ in named if place > refusal]
    if after:
        return max(before, default=min(behind, default=None))
    return min(behind, default=max(before, default=None))


def _split(text: str) -> list[str]:
    return clean.words(clean.normal(text, whole=True))


@functools.lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    table: dict[str, str] = {}
    for locale in reversed(known()):
        for spellings in (*locale.names.values(), (locale.endonym,)):
            for name in spellings:
                table[" ".join(clean.words(clean.normal(name)))] = locale.tag
    return table

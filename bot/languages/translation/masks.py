"""Masks: what must come through a translation unharmed, or must not leave this machine at all.

Addresses, numbers and codes, private data, names and glossary terms are replaced by `[X1X]`,
`[X2X]`, … before a text goes out, and put back afterwards. A translation in which a mask is
missing, doubled or invented is not used: a wrong order number is worse than a foreign sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

Spans = Iterable[tuple[int, int]]
Finder = Callable[[str, str | None], Spans]
"""Finds private data in a text of a language (BCP 47): where each piece begins and ends."""

_MASK: Final = "[X{}X]"
# Engines move spaces and case, write digits in their own script and drop a bracket.
_TOKEN: Final = re.compile(r"\[?\s*[xXхХ]\s?(\d{1,4})\s?[xXхХ]\s*\]|\[?[xXхХ](\d{1,4})[xXхХ]\]?")
_ADDRESS: Final = re.compile(
    # Each looks behind itself: only where a word begins, or a hostile text takes a long time.
    r"(?:https?://|www\.)\S+|(?<![^\s@<>()])[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+"
    r"|(?<![\w.-])(?:[a-z0-9-]+\.)+[a-z]{2,}/\S*|(?<!\w)[@#]\w+|\{\w{0,40}\}",
    re.I,
)
_AFTER: Final = re.compile(r"[.,;:!?)\]}'\"»”।]+\Z")  # belongs to the sentence, not to the address
_CODE: Final = re.compile(r"[A-Za-z\d]+(?:[-/_][A-Za-z\d]+|[.,:]\d+)*")
_DIGITS: Final = 3  # with so many, a number is one that a translator must not touch
_LETTER: Final = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Masked:
    """A text without what must not be translated. `values` are what the masks stand for."""

    text: str
    values: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is left that could be translated."""
        return not _LETTER.search(_TOKEN.sub("", self.text))

    def restore(self, translation: str) -> str | None:
        """The translation with the values put back; None if a mask did not come through."""
        seen = Counter(_number(found) for found in _TOKEN.finditer(translation))
        if seen != Counter(range(1, len(self.values) + 1)):
            return None
        return _TOKEN.sub(
            lambda found: _spaced(found[0], self.values[_number(found) - 1]), translation
        )

    def bare(self, translation: str) -> str:
        """A translation of this text without the masks."""
        return _TOKEN.sub(" ", translation)


class Masker:
    """Masks texts.

    Args:
        terms: glossary: never translated, in whatever case they are written.
        private: finds private data.
    """

    def __init__(self, terms: Collection[str] = (), private: Finder | None = None) -> None:
        self._terms = _words(terms, re.I)
        self._private = private

    def mask(self, text: str, language: str | None, keep: Collection[str] = ()) -> Masked:
        """The text as it may go out.

        Args:
            keep: further names, in exactly this case: many a name is also a word.
        """
        spans = sorted(self._spans(text, language, keep), key=lambda span: (span[0], -span[1]))
        parts: list[str] = []
        values: list[str] = []
        at = 0
        for start, end in _merged(spans):
            values.append(text[start:end])
            parts += [text[at:start], _MASK.format(len(values))]
            at = end
        return Masked("".join([*parts, text[at:]]), tuple(values))

    def _spans(
        self, text: str, language: str | None, keep: Collection[str]
    ) -> Iterator[tuple[int, int]]:
        for found in _ADDRESS.finditer(text):
            end = found.end()
            # A placeholder is its brackets.
            if not found[0].startswith("{") and (after := _AFTER.search(found[0])):
                end = found.start() + after.start()
            yield found.start(), end
        for found in _CODE.finditer(text):
            if sum(char.isdecimal() for char in found[0]) >= _DIGITS:
                yield found.span()
        for pattern in (_TOKEN, self._terms, _words(keep)):
            for found in pattern.finditer(text) if pattern else ():
                yield found.span()
        if self._private is not None:
            yield from self._private(text, language)


def _words(terms: Collection[str], flags: int = 0) -> re.Pattern[str] | None:
    given = sorted({term.strip() for term in terms if term.strip()}, key=len, reverse=True)
    if not given:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, given))})(?!\w)", flags)


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Overlapping spans as one; empty ones not at all."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if end <= start:
            continue
        if current is not None and start < current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def _number(found: re.Match[str]) -> int:
    return int(found[1] or found[2])


def _spaced(token: str, value: str) -> str:
    """The value, with the space that an engine moved into the brackets or left around them."""
    before = " " if token[:1].isspace() else ""
    after = " " if token[-1:].isspace() else ""
    return f"{before}{value}{after}"

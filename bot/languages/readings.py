"""Which messages are read as their own script: those typed in Latin letters, in a known language.

One door for who searches a knowledge base and who looks for an intent; what is shown, kept and
judged about a client's language stays what was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from bot.languages.detect import Judgement, detector
from bot.languages.locales import native
from bot.languages.romanised import Reader, readable

_ROMANISED: Final = "-Latn"
_PRIOR: Final = 7.0
"""Odds of the client's own language, as `bot.languages.belief` has them for a browser's."""
_LIKELY: Final = 0.5
_READ_AS: Final[Mapping[str, str]] = {"ur": "hi"}
"""Languages that are spoken alike, where only the other's words are known here."""


class Read(NamedTuple):
    """A message in its own script, and the language it was read as."""

    text: str
    language: str


class Readings:
    """Reads messages. Thread-safe.

    Args:
        texts: texts by language whose words are known beside the project's own.
    """

    def __init__(self, texts: Mapping[str, Iterable[str]] | None = None) -> None:
        self._texts = texts or {}
        self._readers: dict[str, Reader] = {}

    def of(self, text: str, locale: str) -> Read | None:
        """What a text reads as; None where it is in no language that is typed in Latin letters.

        Args:
            text: cleaned.
            locale: the language it is taken to be written in, or the client's.
        """
        if not any(char.isascii() and char.isalpha() for char in text):
            return None
        own = locale.partition("-")[0].lower()
        language = _romanised(detector("setu").judge(text, {own: _PRIOR}))
        if language is None:
            return None
        read = self._reader(language).read(text)
        return Read(read.text, language) if read.share else None

    def _reader(self, language: str) -> Reader:
        found = self._readers.get(language)
        if found is None:
            own, english = (self._texts.get(each, ()) for each in (language, "en"))
            found = self._readers[language] = Reader(language, own, english)
        return found


def _romanised(judged: Judgement) -> str | None:
    """The readable language that a text most likely is romanised from."""
    likely: dict[str, float] = {}
    for candidate in judged.candidates:
        if candidate.language.endswith(_ROMANISED):
            language = native(candidate.language)
            language = _READ_AS.get(language, language)
            likely[language] = likely.get(language, 0.0) + candidate.probability
    if sum(likely.values()) < _LIKELY:
        return None
    return max(filter(readable, likely), key=lambda each: likely[each], default=None)

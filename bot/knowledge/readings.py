"""Questions in an Indic language typed in Latin letters, as the base's own texts would put them.

The embedding model hardly knows "mera paisa kab aayega" and knows मेरा पैसा कब आएगा well. So such a
question is searched by what it reads as, in its own script; what was typed keeps a say, because not
every word is read right.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from bot.knowledge.articles import Entry
from bot.knowledge.embed import Floats
from bot.knowledge.passages import language_of
from bot.languages.detect import Judgement, detector
from bot.languages.locales import native
from bot.languages.romanised import Reader, readable

READ_WEIGHT: Final = 4.0
"""What the reading counts beside what was typed. Chosen on the development questions in Hindi and
Bengali: more answers a few more, and asks back oftener where the base has no answer."""

_ROMANISED: Final = "-Latn"
_PRIOR: Final = 7.0
"""Odds of the client's own language, as `bot.languages.belief` has them for a browser's."""
_LIKELY: Final = 0.5
_READ_AS: Final[Mapping[str, str]] = {"ur": "hi"}
"""Languages that are spoken alike, where only the other's words are known here."""


class Read(NamedTuple):
    """A question in its own script, and the language it was read as."""

    text: str
    language: str


class Readings:
    """Reads questions with the words of a base. Thread-safe.

    Args:
        entries: the base's; their words are known beside the project's own.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._readers: dict[str, Reader] = {}

    def of(self, text: str, locale: str) -> Read | None:
        """What a text reads as; None where it is in no language that is typed in Latin letters.

        Args:
            text: cleaned.
            locale: the language it is taken to be written in, or the client's.
        """
        if not any(char.isascii() and char.isalpha() for char in text):
            return None
        judged = detector("setu").judge(text, {language_of(locale): _PRIOR})
        language = _romanised(judged)
        if language is None:
            return None
        read = self._reader(language).read(text)
        return Read(read.text, language) if read.share else None

    def _reader(self, language: str) -> Reader:
        found = self._readers.get(language)
        if found is None:
            own, english = (
                [
                    text
                    for entry in self._entries
                    if language_of(entry.locale) == wanted
                    for text in (entry.title, entry.body, *entry.questions)
                ]
                for wanted in (language, "en")
            )
            found = self._readers[language] = Reader(language, own, english)
        return found


def together(typed: Floats, read: Floats) -> Floats:
    """One vector for a question as it was typed and as it reads."""
    both = typed + np.float32(READ_WEIGHT) * read
    whole: Floats = both / max(np.float32(np.linalg.norm(both)), np.float32(1e-9))
    return whole


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

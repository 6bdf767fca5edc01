"""Indic words typed in Latin letters, put back into their own script.

"mera paisa kab aayega" is Hindi, and models that know Hindi know it as मेरा पैसा कब आएगा. Each word
is looked up by its sound among the words of the language that we have texts with: what the project
says itself, its training sentences, `data/words`, and whatever the caller adds (the articles of a
knowledge base, so that a shop's own words are known). English words, names and what sounds like
nothing we know stay as they were typed.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.languages.clean import INTERNATIONAL, MAX_WORD
from bot.languages.sounds import distance, frame, native_words, of_latin, of_native, speaks
from bot.settings import settings

_TOLERANCE: Final = 0.16
"""Cost, a letter of the word, up to which a word is taken for one that sounds different."""
_TOLERANCE_ENGLISH: Final = 0.07
"""The same where the word is an English one as well."""
_FREQUENT: Final = 0.05
"""Letters that a word seen e times as often (2.7) may be farther."""

_TYPED: Final = re.compile(r"(?<![\w@#/.\-'’])[A-Za-z]+(?:['’][A-Za-z]+)*(?![\w@]|[./\-]\w)")
_LATIN: Final = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Reading:
    """A text read as its own script.

    Attributes:
        text: with the words that were found in their own script.
        share: of its words, how many were found.
    """

    text: str
    share: float


class Reader:
    """Reads one language. Thread-safe.

    Args:
        language: a tag of ours, without region or script.
        texts: more texts whose words are known, in the language.
        english: texts whose words in Latin letters are none of the language's.
    """

    def __init__(
        self, language: str, texts: Iterable[str] = (), english: Iterable[str] = ()
    ) -> None:
        self._language = language
        counts = Counter(_own(language))
        pattern = native_words(language)
        for text in texts:
            counts.update(pattern.findall(text))
        self._english = _english().union(*(_LATIN.findall(text.lower()) for text in english))
        self._spelt = _spellings(language)
        self._framed: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
        for word, times in counts.items():
            if sound := of_native(word, language):
                entry = (word, sound, _FREQUENT * math.log1p(times))
                self._framed[frame(sound)].append(entry)
        self._word = functools.lru_cache(maxsize=8192)(self._nearest)

    def read(self, text: str) -> Reading:
        """Put what is typed in Latin letters, and known by its sound, into its own script."""
        seen: list[bool] = []

        def native(found: re.Match[str]) -> str:
            # A lone capital is a size, a grade or an initial.
            lone = len(found[0]) == 1 and found[0].isupper()
            word = None if lone else self._word(found[0].lower())
            seen.append(word is not None)
            return word or found[0]

        read = _TYPED.sub(native, text)
        return Reading(read, sum(seen) / max(1, len(seen)))

    def _nearest(self, typed: str) -> str | None:
        if typed in self._spelt:
            return self._spelt[typed]
        if typed in INTERNATIONAL or len(typed) > MAX_WORD:
            return None
        sound = of_latin(typed, self._language)
        tolerance = _TOLERANCE_ENGLISH if typed in self._english else _TOLERANCE
        limit = tolerance * max(2, len(sound))
        best, least = None, math.inf
        for word, other, frequent in self._framed.get(frame(sound), ()):
            cost = distance(sound, other, self._language, limit)
            if cost - frequent < least:
                best, least = word, cost - frequent
        return best


def readable(language: str) -> bool:
    """Whether we have words of a language to read it with."""
    return speaks(language) and bool(_own(language))


@functools.cache
def _own(language: str) -> Mapping[str, int]:
    """How often each word of a language stands in the project's own texts."""
    data = settings().home / "data"
    pattern, found = native_words(language), Counter[str]()
    for path in (
        data / "nlu" / f"{language}.yml",
        data / "locale" / language / "setu.po",
    ):
        if path.exists():
            found.update(pattern.findall(path.read_text(encoding="utf-8")))
    found.update(_listed(language)[0])
    return found


def _spellings(language: str) -> Mapping[str, str]:
    return _listed(language)[1]


@functools.cache
def _listed(language: str) -> tuple[Mapping[str, int], Mapping[str, str]]:
    """What the list of a language holds: its words, and spellings known by heart.

    `[endings]` stands for what each word after it can end in; `typed=word` is a spelling.
    """
    words, spellings, endings = Counter[str](), dict[str, str](), [""]
    path = settings().home / "data" / "words" / f"{language}.txt"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        if line.startswith("["):
            endings = [ending.strip("-") for ending in line.strip("[]").split()]
        elif not line.startswith("#"):
            for word in line.split():
                typed, given, meant = word.partition("=")
                if given:
                    spellings[typed] = meant.replace("-", " ")
                words.update([meant] if given else (typed + ending for ending in endings))
    return words, spellings


@functools.cache
def _english() -> frozenset[str]:
    data = settings().home / "data"
    texts = [data / "nlu" / "en.yml", data / "words" / "en.txt"]
    there = " ".join(path.read_text(encoding="utf-8") for path in texts if path.exists())
    return frozenset(_LATIN.findall(there.lower())) | INTERNATIONAL

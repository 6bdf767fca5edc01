"""Words of another language in a text of ours: left over from the English, or from a neighbour.

Where a language has a script of its own, Latin letters show it; where it shares one, the detector
reads the text a few words at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.languages import clean, scripts
from bot.languages.detect import detector
from bot.languages.locales import Locale, known, native

_PLACEHOLDER: Final = re.compile(r"\{\w+\}")
_CLAUSE: Final = re.compile(r"[.!?:;()|।۔？！。؟]+")
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z'’./+-]*(?: +[A-Za-z][A-Za-z'’./+-]*)*")
_COMMAND: Final = re.compile(r"setu [a-z ]+|https?:?/*")
_TAG: Final = re.compile(r"([a-z]{2,3})(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
_UNITS: Final = frozenset({"kg", "g", "km", "cm", "mm", "l", "ml", "mb", "gb", "kb"})
# So many words say what they are in, and a borrowed phrase is shorter.
_WINDOW: Final = 4
_STEP: Final = 2
# No window of the shipped catalogs, some 20,000, is judged to be in another language so surely.
_SURE: Final = 0.95


def foreign(text: str, source: str, locale: Locale) -> str | None:
    """The words of a translation that are in another language; None where there are none.

    Args:
        source: the English it translates: names in it (API, Enter, pt-BR) may stand in any
            language.
    """
    bare = _PLACEHOLDER.sub(" | ", text)
    if not clean.words(clean.normal(bare, whole=True)):
        return None
    if locale.script != "Latn":
        found = next((run for run in _LATIN.findall(bare) if not _named(run, source)), None)
        if found:
            return str(found)
    for window in _windows(bare):
        judgement = detector("setu").judge(window)
        if (
            judgement.decided
            and judgement.confidence >= _SURE
            and native(judgement.language or "") != locale.tag
        ):
            return window
    return None


def _named(run: str, source: str) -> bool:
    """Whether a run of Latin letters is a name, a key, a command or an international word."""
    if run in source and _COMMAND.fullmatch(run):
        return True
    if all(_is_tag(each) and each in source.split() for each in run.rstrip("-'’./+").split()):
        return True
    words = re.findall(r"[A-Za-z]+", run)
    told = clean.INTERNATIONAL | _UNITS
    return len(words) < _WINDOW and all(
        word.casefold() in told or (not word.islower() and word in source) for word in words
    )


def _is_tag(word: str) -> bool:
    found = _TAG.fullmatch(word)
    return found is not None and found[1] in {locale.tag for locale in known()}


def _windows(text: str) -> Iterator[str]:
    for clause in _CLAUSE.split(text):
        found = clean.words(clean.normal(clause, whole=True))
        if found and scripts.of("".join(found)) in scripts.alone():
            yield " ".join(found)
            continue
        for at in range(0, len(found) - _WINDOW + 1, _STEP):
            yield " ".join(found[at : at + _WINDOW])

"""Which language a text is in: the door every caller goes through.

A detector is a value behind a protocol, chosen by the setting `SETU_DETECTOR`. It judges one text
by itself; what a conversation has taught is `belief`'s.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Candidate:
    """A language the text may be in; `hi-Latn` is Hindi in Latin letters."""

    language: str
    probability: float


@dataclass(frozen=True)
class Judgement:
    """What a detector makes of one text.

    `language` is the best candidate, None only where there is nothing to judge; `confidence` its
    calibrated probability; `decided` whether that is enough to act on; `candidates` the likeliest,
    best first.
    """

    language: str | None
    confidence: float
    decided: bool
    candidates: tuple[Candidate, ...]


NOTHING = Judgement(None, 0.0, False, ())


class Detector(Protocol):
    """Judges one text; safe to share between threads."""

    def judge(self, text: str, prior: Mapping[str, float] | None = None) -> Judgement:
        """The language of `text`; `prior` multiplies what each language starts with."""
        ...


@functools.cache
def detector(name: str) -> Detector:
    """The detector of that name: `setu`, or `langdetect`, the baseline.

    Raises:
        ValueError: there is no detector of that name.
    """
    if name not in _DETECTORS:
        raise ValueError(f"SETU_DETECTOR is {name!r}; it can be {' or '.join(_DETECTORS)}")
    return _DETECTORS[name]()


def judgement_to_json(judgement: Judgement) -> dict[str, Any]:
    """The judgement as `setu detect` prints it."""
    return {
        "language": judgement.language,
        "confidence": round(judgement.confidence, 4),
        "decided": judgement.decided,
        "candidates": [
            {"language": candidate.language, "probability": round(candidate.probability, 4)}
            for candidate in judgement.candidates
        ],
    }


def _setu() -> Detector:
    from bot.languages.ensemble import Ensemble

    return Ensemble()


def _langdetect() -> Detector:
    from bot.languages.baseline import LangDetect

    return LangDetect()


_DETECTORS: Mapping[str, Callable[[], Detector]] = {"setu": _setu, "langdetect": _langdetect}

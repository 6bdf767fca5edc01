"""Setu's detector: clean, gate by script, then weigh two opinions.

A script that one language has to itself decides alone. Among the languages of a shared script our
own model and eldc are weighed, by length; Indic languages in Latin letters are classes of their
own there. What people send as a whole message in one language only is known by heart. A text of
nothing but international words gets a best guess and is never decided.
"""

from __future__ import annotations

import functools
import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from bot.languages import clean, scripts
from bot.languages.detect import NOTHING, Candidate, Judgement
from bot.languages.locales import known, native
from bot.languages.model import bucket, load, log_softmax

# From this share of the (weighted) letters on, a text counts as being in one script.
_ONE_SCRIPT: Final = 0.55
# What a guess is worth that nothing but international words or digits speaks for.
_GUESS: Final = 0.3
# What a whole message is worth that only one language has.
_FORMULA: Final = 0.97
# What each further language has of it that writes it alike.
_ALIKE: Final = 0.15
_LISTED: Final = 5
# Below this a candidate is not worth a line, and not worth storing.
_NEGLIGIBLE: Final = 0.001


class Ensemble:
    """The detector that is used unless another is chosen."""

    def __init__(self) -> None:
        self._models = load()

    def judge(self, text: str, prior: Mapping[str, float] | None = None) -> Judgement:
        """See `Detector`."""
        normal = clean.normal(text)
        words = clean.words(normal)
        if not words:
            return _by_digits(normal)
        found = scripts.dominant(words)
        if found is None:
            return Judgement("en", _GUESS / 2, False, (Candidate("en", _GUESS / 2),))
        script, share = found
        if script in scripts.alone():
            return _alone(scripts.alone()[script], share)
        own = [word for word in words if scripts.of(word) == script]
        if classes := formulae().get(" ".join(words)):
            return _by_heart(*classes)
        judged = self._weigh(script, own, prior)
        if not clean.telling(own):
            worth = min(judged.confidence, _GUESS)
            return Judgement(judged.language, worth, False, judged.candidates)
        if share < _ONE_SCRIPT:
            return Judgement(judged.language, judged.confidence * share, False, judged.candidates)
        return judged

    def _weigh(
        self, script: str, words: Sequence[str], prior: Mapping[str, float] | None
    ) -> Judgement:
        combination = self._models[script]
        classes = combination.model.classes
        scores = combination.log_probabilities(words)
        if prior:
            odds = [math.log(max(prior.get(native(tag), 1.0), 1e-9)) for tag in classes]
            scores = log_softmax(scores + np.array(odds, np.float32))
        likely = np.exp(scores)
        order = np.argsort(-likely)[:_LISTED]
        candidates = tuple(
            Candidate(classes[at], float(likely[at])) for at in order if likely[at] >= _NEGLIGIBLE
        )
        best = candidates[0]
        threshold = combination.thresholds[bucket(words)]
        return Judgement(best.language, best.probability, best.probability >= threshold, candidates)


@functools.lru_cache(maxsize=1)
def formulae() -> Mapping[str, tuple[str, ...]]:
    """Whole messages in Latin letters, as the classes they are in, the likeliest first."""
    found: dict[str, tuple[str, ...]] = {}
    for locale in known():
        for phrase in locale.formulae:
            words = " ".join(clean.words(clean.normal(phrase)))
            found[words] = (*found.get(words, ()), f"{locale.tag}-Latn")
    return found


def _by_heart(likely: str, *others: str) -> Judgement:
    """What is written alike in others too is theirs where they are spoken already."""
    sure = _FORMULA - _ALIKE * len(others)
    candidates = (Candidate(likely, sure), *(Candidate(other, _ALIKE) for other in others))
    return Judgement(likely, sure, True, candidates)


def _alone(language: str, share: float) -> Judgement:
    """A script of its own is certain; Latin words among it only make it a little less so."""
    confidence = min(0.999, 0.4 + 0.6 * share)
    return Judgement(language, confidence, share >= _ONE_SCRIPT, (Candidate(language, confidence),))


def _by_digits(text: str) -> Judgement:
    """Digits of a script are a hint of who types them, no more; other text is nothing to judge."""
    for char in text:
        if char.isdecimal() and not char.isascii():
            name = unicodedata.name(char, "").partition(" ")[0].title()
            language = _DIGITS.get(name)
            if language:
                return Judgement(language, _GUESS, False, (Candidate(language, _GUESS),))
    return NOTHING


_DIGITS: Final = {
    "Bengali": "bn", "Devanagari": "mr", "Malayalam": "ml", "Tamil": "ta", "Telugu": "te",
    "Kannada": "kn", "Gujarati": "gu", "Gurmukhi": "pa", "Thai": "th",
}  # fmt: skip

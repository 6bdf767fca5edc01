"""langdetect as a detector: the baseline, and a second opinion for whoever prefers it.

Seeded, and restricted to our languages; as most call it, it does neither.
"""

from __future__ import annotations

from collections.abc import Mapping

from langdetect import detector_factory
from langdetect.lang_detect_exception import LangDetectException

from bot.languages.detect import NOTHING, Candidate, Judgement
from bot.languages.locales import known

_OURS = {"zh-cn": "zh", "zh-tw": "zh", "no": "nb"}
_THEIRS = {"zh": ("zh-cn", "zh-tw"), "nb": ("no",)}
# langdetect's probabilities are close to 0 or 1 whatever the text: its own threshold, not ours.
_DECIDED = 0.9


class LangDetect:
    """Google's language-detection (2010), by n-grams of one to three characters."""

    def __init__(self) -> None:
        detector_factory.init_factory()
        self._factory = detector_factory._factory
        self._factory.seed = 0
        supported = set(self._factory.get_lang_list())
        self._prior = {
            theirs: 1.0
            for locale in known()
            for theirs in _THEIRS.get(locale.tag, (locale.tag,))
            if theirs in supported
        }

    def judge(self, text: str, prior: Mapping[str, float] | None = None) -> Judgement:
        """See `Detector`."""
        run = self._factory.create()
        weights = {
            tag: weight * (prior or {}).get(_OURS.get(tag, tag), 1.0)
            for tag, weight in self._prior.items()
        }
        run.set_prior_map(weights)
        try:
            run.append(text.encode("utf-8", "ignore").decode())
            found = run.get_probabilities()
        except LangDetectException:
            return NOTHING
        merged: dict[str, float] = {}
        for row in found:
            tag = _OURS.get(row.lang, row.lang)
            merged[tag] = merged.get(tag, 0.0) + row.prob
        candidates = tuple(
            Candidate(tag, probability)
            for tag, probability in sorted(merged.items(), key=lambda item: -item[1])
        )
        if not candidates:
            return NOTHING
        best = candidates[0]
        return Judgement(best.language, best.probability, best.probability >= _DECIDED, candidates)

"""Setu's own language model: one linear classifier of hashed n-grams for each shared script.

Built by `python -m training.language_model`, kept in `bot/languages/model/`, described in
`docs/models/language.md`. The second opinion is eldc, a larger public n-gram table; how the two
are weighed was fitted by the length of the text.
"""

from __future__ import annotations

import functools
import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import eldc
import numpy as np
from numpy.typing import NDArray

from bot.languages.clean import size
from bot.languages.features import indices

FOLDER: Final = Path(__file__).parent / "model"
Floats = NDArray[np.float32]

# eldc's own tags; Indonesian and Malay are one to it, and it does not know Nepali.
_ELDC = {"nb": "no", "id": "ms"}
_ELDC_LACKS = frozenset({"ne"})


@dataclass(frozen=True)
class Linear:
    """Hashed n-grams to log-probabilities of `classes`; weights are in units of `step`."""

    classes: tuple[str, ...]
    weights: NDArray[np.int8]
    bias: Floats
    step: float
    sounds: bool

    @property
    def bits(self) -> int:
        """The binary logarithm of the table's rows."""
        return len(self.weights).bit_length() - 1

    def log_probabilities(self, words: Sequence[str]) -> Floats:
        """How likely each class is, by this model alone."""
        rows = indices(words, self.bits, self.sounds)
        sums = self.weights[rows].sum(axis=0, dtype=np.int32)
        scores: Floats = sums * np.float32(self.step / len(rows) ** 0.5) + self.bias
        return log_softmax(scores)


class SecondOpinion:
    """eldc, restricted to a script's languages."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._names = {
            name: _ELDC.get(name, name)
            for name in classes
            if "-" not in name and name not in _ELDC_LACKS
        }
        self._classes = tuple(classes)
        self._instance = _eldc().instance()
        self._instance.set_languages(sorted(set(self._names.values())))

    def scores(self, words: Sequence[str]) -> Floats:
        """eldc's score of each class, 0 to 1; 0 for those it does not know."""
        found = self._instance.detect_details(" ".join(words)).scores or {}
        scores = [found.get(self._names.get(name, ""), 0.0) for name in self._classes]
        row: Floats = np.array(scores, np.float32)
        return row


def evidence(own: Floats, other: Floats) -> Floats:
    """What the combination weighs of each class: one row a kind of evidence."""
    top = other.max()
    best = (other == top) & (top > 0)
    rows: Floats = np.stack(
        (own, np.exp(own), other, np.log(other + np.float32(0.03)), other - top, best)
    ).astype(np.float32)
    return rows


def bucket(words: Sequence[str]) -> int:
    """Which of the fitted weights a text of so many words takes."""
    count = size(words)
    return count - 1 if count <= 3 else 3 if count <= 8 else 4


@dataclass(frozen=True)
class Combination:
    """The two opinions weighed: for each bucket, weights of the evidence and a bias a class.

    `thresholds` is the confidence from which a judgement may be acted on, by bucket.
    """

    model: Linear
    other: SecondOpinion
    weights: Floats
    bias: Floats
    thresholds: tuple[float, ...]

    def log_probabilities(self, words: Sequence[str]) -> Floats:
        """How likely each class is."""
        seen = evidence(self.model.log_probabilities(words), self.other.scores(words))
        at = bucket(words)
        return log_softmax(self.weights[at] @ seen + self.bias[at])


def log_softmax(scores: Floats) -> Floats:
    """Scores as logarithms of probabilities."""
    shifted = scores - scores.max()
    result: Floats = shifted - np.log(np.exp(shifted).sum())
    return result


@functools.lru_cache(maxsize=1)
def load(folder: Path = FOLDER) -> Mapping[str, Combination]:
    """The shipped models by script."""
    described: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    found = {}
    for script, row in described["scripts"].items():
        classes = tuple(row["classes"])
        packed = lzma.decompress((folder / f"{script}.xz").read_bytes())
        weights = np.frombuffer(packed, np.int8).reshape(-1, len(classes))
        linear = Linear(
            classes, weights, np.array(row["bias"], np.float32), row["step"], row["sounds"]
        )
        found[script] = Combination(
            linear,
            SecondOpinion(classes),
            np.array(row["combination"]["weights"], np.float32),
            np.array(row["combination"]["bias"], np.float32),
            tuple(row["thresholds"]),
        )
    return found


@functools.lru_cache(maxsize=1)
def _eldc() -> Any:
    eldc.init()
    eldc.set_scores(eldc.MAX_SCORES)
    return eldc

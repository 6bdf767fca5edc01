"""From evidence to a probability: how often a message with this much evidence is understood.

Nobody labels what is out of scope, so it is made: whole intents are left out of training, and
their examples are then messages the model has never heard of; of the others a share is held out
too. A logistic curve (Platt) over the evidence tells both apart; either kind weighs the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.engine.nlu.blend import IntentModel

Floats = NDArray[np.float32]

_FOLDS = 4
_SEED = 20260


@dataclass(frozen=True)
class Curve:
    """confidence = 1 / (1 + exp(-(slope · evidence + bias)))."""

    slope: float
    bias: float

    def __call__(self, evidence: Floats) -> Floats:
        """Probabilities for evidence."""
        confidence: Floats = 1 / (1 + np.exp(-(self.slope * evidence + self.bias)))
        return confidence


# What HINT3's curekart gives; for sets too small to hold anything out.
DEFAULT = Curve(1.0, -10.5)


def calibrate(texts: Sequence[str], vectors: Floats, intents: Sequence[str]) -> Curve:
    """Fit the curve on held-out examples and held-out intents of the training data itself."""
    names = np.asarray(intents)
    known = np.unique(names)
    if len(known) < 2 * _FOLDS:
        return DEFAULT
    chance = np.random.default_rng(_SEED)
    intent_fold = dict(zip(known, chance.permutation(len(known)) % _FOLDS, strict=True))
    strange_in = np.array([intent_fold[name] for name in names])
    held_in = chance.permutation(len(names)) % _FOLDS
    evidence: list[Floats] = []
    understood: list[NDArray[np.bool_]] = []
    weights: list[Floats] = []
    for fold in range(_FOLDS):
        strange = strange_in == fold
        held = ~strange & (held_in == fold)
        kept = np.flatnonzero(~strange & ~held)
        if len(np.unique(names[kept])) < 2 or not held.any():
            continue
        model = IntentModel.fit([texts[i] for i in kept], vectors[kept], names[kept].tolist())
        for group in (np.flatnonzero(held), np.flatnonzero(strange)):
            scores = model.score([texts[i] for i in group], vectors[group])
            best = model.intents[scores.probabilities.argmax(axis=1)]
            evidence.append(scores.evidence)
            understood.append(best == names[group])
            weights.append(np.full(len(group), 1 / len(group), np.float32))
    outcome = np.concatenate(understood)
    if outcome.all() or not outcome.any():
        return DEFAULT
    curve = LogisticRegression(C=1e3).fit(
        np.concatenate(evidence)[:, None], outcome, sample_weight=np.concatenate(weights) * 1000
    )
    return Curve(float(curve.coef_[0, 0]), float(curve.intercept_[0]))

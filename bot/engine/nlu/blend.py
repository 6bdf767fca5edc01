"""The intent model: three views of a message blended, and how sure it may be.

Views (weights .4, .3, .3): logistic regression on the embedding, logistic regression on character
n-grams, and the mean likeness of the nearest examples of each intent. How familiar a message is
at all tells what is out of scope: evidence = log p + 12 · (max cosine + .1 · max n-gram likeness).
Both formulas were chosen on HINT3 (real messages to Indian support bots); evidence becomes a
probability by a logistic curve fitted on what the model itself gets right and wrong when examples
and whole intents are held out (`calibration`).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.engine.nlu.features import CharNgrams

Floats = NDArray[np.float32]
Labels = NDArray[np.str_]

WEIGHTS = (0.4, 0.3, 0.3)
_NEAREST = 3  # examples of an intent that speak for it
_SHARPNESS = 20.0  # turns mean likeness into a distribution
_LEXICAL = 0.3  # of n-gram likeness beside the cosine, among the nearest
_C_VECTOR, _C_NGRAM = 10.0, 30.0  # inverse strength of regularisation
FAMILIAR, FAMILIAR_NGRAM = 12.0, 0.1


@dataclass(frozen=True)
class Scores:
    """For each message: the intents' probabilities, and the evidence for the best one."""

    probabilities: Floats
    evidence: Floats


@dataclass(frozen=True)
class IntentModel:
    """A trained model; plain arrays, so that it is stored and read without running anything."""

    intents: Labels
    mean: Floats
    vector_weights: Floats
    vector_bias: Floats
    ngrams: CharNgrams
    ngram_weights: Floats
    ngram_bias: Floats
    vectors: Floats
    grams: csr_matrix
    labels: NDArray[np.int64]

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: Floats, intents: Sequence[str]) -> IntentModel:
        """Learn from examples; needs at least two intents."""
        names, labels = np.unique(np.asarray(intents), return_inverse=True)
        mean = vectors.mean(axis=0)
        # Balanced: an intent with many examples is not for that the likelier one.
        by_vector = LogisticRegression(C=_C_VECTOR, max_iter=500, class_weight="balanced")
        by_vector.fit(_centred(vectors, mean), labels)
        ngrams = CharNgrams.fit(texts)
        grams = ngrams(texts)
        # One against the rest: thirty times as fast as multinomial here, and no worse.
        by_ngram = LogisticRegression(C=_C_NGRAM, solver="liblinear", class_weight="balanced")
        by_ngram.fit(grams, labels)
        vector_weights, vector_bias = _linear(by_vector, share=0.5)
        ngram_weights, ngram_bias = _linear(by_ngram, share=1.0)
        return cls(
            intents=names,
            mean=mean,
            vector_weights=vector_weights,
            vector_bias=vector_bias,
            ngrams=ngrams,
            ngram_weights=ngram_weights,
            ngram_bias=ngram_bias,
            vectors=vectors,
            grams=grams,
            labels=labels.astype(np.int64),
        )

    def score(self, texts: Sequence[str], vectors: Floats) -> Scores:
        """How likely each intent is for each message."""
        centred = _centred(vectors, self.mean)
        grams = self.ngrams(texts)
        likeness = np.asarray((grams @ self._turned_grams).todense(), dtype=np.float32)
        alike = centred @ self._turned_vectors + _LEXICAL * likeness
        probabilities: Floats = (
            WEIGHTS[0] * _softmax(centred @ self.vector_weights + self.vector_bias)
            + WEIGHTS[1] * _one_against_rest(grams @ self.ngram_weights + self.ngram_bias)
            + WEIGHTS[2] * self._nearest(alike)
        )
        familiar = (vectors @ self.vectors.T).max(axis=1)
        familiar = familiar + FAMILIAR_NGRAM * likeness.max(axis=1)
        evidence = np.log(probabilities.max(axis=1) + 1e-9) + FAMILIAR * familiar
        return Scores(probabilities.astype(np.float32), evidence.astype(np.float32))

    @functools.cached_property
    def _turned_grams(self) -> csr_matrix:
        return self.grams.T.tocsr()

    @functools.cached_property
    def _turned_vectors(self) -> Floats:
        return np.ascontiguousarray(_centred(self.vectors, self.mean).T)

    def _nearest(self, likeness: Floats) -> Floats:
        of_intent = np.empty((likeness.shape[0], len(self.intents)), np.float32)
        for intent in range(len(self.intents)):
            mine = likeness[:, self.labels == intent]
            count = min(_NEAREST, mine.shape[1])
            best = np.partition(mine, mine.shape[1] - count, axis=1)[:, -count:]
            of_intent[:, intent] = best.mean(axis=1)
        return _softmax(_SHARPNESS * of_intent)


def _linear(model: LogisticRegression, share: float) -> tuple[Floats, Floats]:
    """Weights and bias with a column an intent, also where scikit-learn keeps one for two.

    `share` of the one goes to either, such that the probabilities stay the same: half for softmax,
    all for one against the rest.
    """
    weights, bias = model.coef_, model.intercept_
    if weights.shape[0] == 1:
        weights = np.vstack([-weights, weights]) * share
        bias = np.concatenate([-bias, bias]) * share
    return weights.T.astype(np.float32), bias.astype(np.float32)


def _centred(vectors: Floats, mean: Floats) -> Floats:
    shifted = vectors - mean
    lengths = np.linalg.norm(shifted, axis=1, keepdims=True)
    centred: Floats = shifted / np.maximum(lengths, 1e-9)
    return centred


def _softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return probabilities


def _one_against_rest(scores: Floats) -> Floats:
    each = 1 / (1 + np.exp(-scores))
    probabilities: Floats = each / each.sum(axis=1, keepdims=True)
    return probabilities

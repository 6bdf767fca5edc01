"""Trains Setu's language model and writes it to `bot/languages/model/`.

    python -m training.language_model --evaluation DIR --corpora FILE --frequencies DIR

`--evaluation` holds the development files, `--corpora` is `training.corpora`'s output, and
`--frequencies` the data folder of wordfreq 3.1.1. Seeded; about ten minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.languages.features import indices
from bot.languages.model import FOLDER, Linear, SecondOpinion, bucket, evidence, log_softmax
from bot.languages.model import load as load_models
from training.examples import GROUPS, Example, Row, Sources, examples, load

SEED: Final = 20_261_121
BITS: Final = {"Latn": 19, "Deva": 17, "Arab": 16, "Cyrl": 16, "Hani": 16}
EPOCHS: Final = {"Latn": 6}
# Weights are kept in steps of this size, -127…127 of them: 2 MB in all, no loss that shows.
STEP: Final = 0.25
# Where the smallest weights are left out: it halves the file and costs a tenth of a percent.
PRUNED: Final = frozenset({"Latn"})
BUCKETS: Final = 5
# How much a class counts in the combination: who writes to a shop, not how many languages there
# are. English is everywhere; neighbours we do not speak, and Urdu in Latin letters, which only
# its rarer words tell from Hindi, are rare.
COUNTS: Final = {
    "en": 4.5, "hi": 1.55, "mr": 1.55, "ne": 0.6,
    "ms": 0.15, "nb": 0.15, "da": 0.15, "sv": 0.15, "ro": 0.15, "cs": 0.15,
    "hi-Latn": 0.8, "bn-Latn": 0.5, "mr-Latn": 0.6, "ml-Latn": 0.7, "ur-Latn": 0.04,
    "ta-Latn": 0.25, "te-Latn": 0.12, "gu-Latn": 0.12, "pa-Latn": 0.06, "kn-Latn": 0.12,
}  # fmt: skip
# Of the short texts a judgement is acted on, this share must be right (target L3: 98 %).
PRECISION: Final = 0.988

Floats = NDArray[np.float32]


def matrix(texts: Sequence[Sequence[str]], bits: int, sounds: bool) -> sparse.csr_matrix:
    """One row a text, its features' counts divided by the root of how many there are."""
    columns, values, ends = [], [], [0]
    for words in texts:
        rows = indices(words, bits, sounds)
        unique, counts = np.unique(rows, return_counts=True)
        columns.append(unique.astype(np.int32))
        values.append((counts / len(rows) ** 0.5).astype(np.float32))
        ends.append(ends[-1] + len(unique))
    return sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.array(ends)), (len(texts), 1 << bits)
    )


def fit(
    features: sparse.csr_matrix, labels: NDArray[np.int64], classes: int, epochs: int
) -> tuple[Floats, Floats]:
    """Multinomial logistic regression by AdaGrad on mini-batches: weights and bias."""
    rows, columns = features.shape
    weights, squares = (
        np.zeros((columns, classes), np.float32),
        np.full((columns, classes), 1e-3, np.float32),
    )
    bias, bias_squares = np.zeros(classes, np.float32), np.full(classes, 1e-3, np.float32)
    order_of = np.random.default_rng(SEED)
    for epoch in range(epochs):
        rate, loss, order = 0.5 * (1 - 0.8 * epoch / epochs), 0.0, order_of.permutation(rows)
        for start in range(0, rows, 512):
            chosen = order[start : start + 512]
            batch, right = features[chosen], labels[chosen]
            used, at = np.unique(batch.indices, return_inverse=True)
            local = sparse.csr_matrix((batch.data, at, batch.indptr), (len(chosen), len(used)))
            current = weights[used]
            scores = local @ current + bias
            scores -= scores.max(axis=1, keepdims=True)
            wrong = np.exp(scores)
            wrong /= wrong.sum(axis=1, keepdims=True)
            loss -= float(np.log(wrong[np.arange(len(chosen)), right] + 1e-9).sum())
            wrong[np.arange(len(chosen)), right] -= 1
            wrong /= len(chosen) ** 0.5
            slope = local.T @ wrong + 1e-5 * current
            squares[used] += slope * slope
            weights[used] = current - rate * slope / np.sqrt(squares[used])
            slope = wrong.sum(axis=0)
            bias_squares += slope * slope
            bias -= rate * 0.1 * slope / np.sqrt(bias_squares)
        print(f"  epoch {epoch + 1}: loss {loss / rows:.4f}", flush=True)
    return weights, bias


def train(script: str, drawn: Sequence[Example]) -> Linear:
    """The quantised model of a script."""
    classes, sounds = GROUPS[script], script == "Latn"
    features = matrix([words for words, _ in drawn], BITS[script], sounds)
    labels = np.array([classes.index(tag) for _, tag in drawn])
    weights, bias = fit(features, labels, len(classes), EPOCHS.get(script, 6))
    steps = np.clip(np.round(weights / STEP), -127, 127).astype(np.int8)
    if script in PRUNED:
        steps[abs(steps) == 1] = 0
    return Linear(classes, steps, bias, STEP, sounds)


def combine(linear: Linear, tuned: Sequence[Row]) -> tuple[Floats, Floats, tuple[float, ...]]:
    """Weights and biases by bucket, and the confidence from which to act, fitted on `tuned`."""
    classes = linear.classes
    other = SecondOpinion(classes)
    seen = np.stack(
        [evidence(linear.log_probabilities(r.words), other.scores(r.words)) for r in tuned]
    )
    right = np.array([classes.index(row.language) for row in tuned])
    buckets = np.array([bucket(row.words) for row in tuned])
    cells = Counter(zip(right, buckets, strict=True))
    counts = np.array(
        [
            COUNTS.get(classes[tag], 1.0) / cells[tag, at]
            for tag, at in zip(right, buckets, strict=True)
        ]
    )
    counts /= counts.sum()
    kinds = np.array([2 if "-" in c else 1 if COUNTS.get(c, 1) == 0.15 else 0 for c in classes])
    weights, bias = _fit_combination(seen, right, buckets, counts, kinds)
    scores = np.einsum("nkc,nk->nc", seen, weights[buckets]) + bias[buckets]
    likely = np.exp(np.stack([log_softmax(row) for row in scores.astype(np.float32)]))
    hit, confidence = likely.argmax(axis=1) == right, likely.max(axis=1)
    thresholds = tuple(
        _threshold(confidence[buckets == at], hit[buckets == at], counts[buckets == at])
        for at in range(BUCKETS)
    )
    return weights.astype(np.float32), bias.astype(np.float32), thresholds


def _fit_combination(
    seen: Floats,
    right: NDArray[Any],
    buckets: NDArray[Any],
    counts: NDArray[Any],
    kinds: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]]:
    rows, evidences, classes = seen.shape
    groups, each = int(kinds.max()) + 1, np.arange(rows)
    member = np.eye(groups)[kinds]

    def parts(point: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        a, b = BUCKETS * evidences, BUCKETS * evidences + classes
        return point[:a].reshape(BUCKETS, evidences), point[a:b], point[b:].reshape(BUCKETS, groups)

    def loss(point: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        weights, bias, by_kind = parts(point)
        scores = (
            np.einsum("nkc,nk->nc", seen, weights[buckets]) + bias + (by_kind @ member.T)[buckets]
        )
        scores -= scores.max(axis=1, keepdims=True)
        wrong = np.exp(scores)
        wrong /= wrong.sum(axis=1, keepdims=True)
        value = -(counts * np.log(wrong[each, right] + 1e-12)).sum() + 1e-4 * (point @ point)
        wrong[each, right] -= 1
        wrong *= counts[:, None]
        for_weights, for_kinds = np.zeros((BUCKETS, evidences)), np.zeros((BUCKETS, classes))
        np.add.at(for_weights, buckets, np.einsum("nkc,nc->nk", seen, wrong))
        np.add.at(for_kinds, buckets, wrong)
        slope = np.concatenate(
            [for_weights.ravel(), wrong.sum(axis=0), (for_kinds @ member).ravel()]
        )
        return float(value), slope + 2e-4 * point

    start = np.zeros(BUCKETS * evidences + classes + BUCKETS * groups)
    start[: BUCKETS * evidences : evidences] = 1.0
    weights, bias, by_kind = parts(
        minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
    )
    return weights, bias + by_kind @ member.T


def _threshold(confidence: NDArray[Any], hit: NDArray[Any], counts: NDArray[Any]) -> float:
    """The lowest confidence above which `PRECISION` of the judgements are right."""
    order = np.argsort(-confidence)
    precision = np.cumsum((hit * counts)[order]) / np.cumsum(counts[order])
    good = np.flatnonzero(precision >= PRECISION)
    return float(np.clip(confidence[order][good[-1]] if len(good) else 0.99, 0.4, 0.99))


def write(
    models: dict[str, tuple[Linear, tuple[Floats, Floats, tuple[float, ...]]]], folder: Path
) -> None:
    """The files `bot.languages.model.load` reads."""
    described = {}
    for script, (linear, (weights, bias, thresholds)) in models.items():
        packed = lzma.compress(linear.weights.tobytes(), preset=9)
        (folder / f"{script}.xz").write_bytes(packed)
        described[script] = {
            "classes": linear.classes,
            "sounds": linear.sounds,
            "step": linear.step,
            "bias": [round(float(value), 4) for value in linear.bias],
            "combination": {
                "weights": [[round(float(v), 4) for v in row] for row in weights],
                "bias": [[round(float(v), 4) for v in row] for row in bias],
            },
            # Those of one to three words are fitted afterwards: training.thresholds.
            "thresholds": [round(value, 4) for value in thresholds],
        }
        print(f"{script}: {len(packed) / 1e6:.2f} MB")
    text = json.dumps({"seed": SEED, "scripts": described}, indent=1)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")


def tuning(script: str, sources: Sources) -> list[Row]:
    """The held-out rows the combination is fitted on."""
    classes = GROUPS[script]
    return [
        r for r in sources.development if r.part == "tune" and r.words and r.language in classes
    ]


def main() -> None:
    """Trains every script, or those named, and writes them beside the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("evaluation", "corpora", "frequencies"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--scripts", nargs="*", choices=GROUPS, default=list(GROUPS))
    parser.add_argument(
        "--combine-only", action="store_true", help="keep the models, refit the rest"
    )
    given = parser.parse_args()
    project = Path(__file__).resolve().parent.parent
    sources = load(given.evaluation, given.corpora, given.frequencies, project)
    given.out.mkdir(parents=True, exist_ok=True)
    shipped = {} if not (given.out / "model.json").exists() else load_models(given.out)
    models = {}
    for script in GROUPS:
        if given.combine_only or script not in given.scripts:
            linear = shipped[script].model
        else:
            drawn = examples(script, sources, SEED)
            print(f"{script}: {len(drawn)} examples", flush=True)
            linear = train(script, drawn)
        models[script] = (linear, combine(linear, tuning(script, sources)))
    write(models, given.out)


if __name__ == "__main__":
    main()

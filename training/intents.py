"""Compares settings of the intent model by cross-validation on training texts alone.

    python -m training.intents FILE...

Each FILE is the training half of an intent set (JSON Lines `text, label`). In each of five folds a
fifth of the examples is held out, and so are a fifth of the intents, whose examples are then out of
scope. Prints for each setting the share of in-scope examples that are understood and the AUROC of
the evidence, in scope against out of scope, as means over folds and files with their standard
errors. Seeded; no test file is read.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

from bot.engine.nlu import blend
from bot.engine.nlu.blend import IntentModel
from bot.engine.nlu.features import embed_cached
from bot.settings import settings

SEED = 20261122
_FOLDS = 5
_MOST = 12  # examples of an intent: more would make a fold take minutes
_OUT_OF_SCOPE = "NO_NODES_DETECTED"


class Setting(NamedTuple):
    """Weights of the three views, of familiarity, and of n-grams within that."""

    weights: tuple[float, float, float]
    familiar: float
    ngram: float


IN_USE = Setting(blend.WEIGHTS, blend.FAMILIAR, blend.FAMILIAR_NGRAM)
SETTINGS = (
    IN_USE,
    *(IN_USE._replace(weights=w) for w in [(1, 0, 0), (0.5, 0.5, 0), (0.6, 0.2, 0.2)]),
    *(IN_USE._replace(weights=w) for w in [(0.2, 0.4, 0.4), (0.34, 0.33, 0.33)]),
    *(IN_USE._replace(familiar=value) for value in (0.0, 6.0, 24.0)),
    *(IN_USE._replace(ngram=value) for value in (0.0, 0.3)),
)


def examples(file: Path) -> tuple[list[str], list[str]]:
    """Texts and labels in scope, at most `_MOST` an intent, of intents with three or more."""
    draw = np.random.default_rng(SEED)
    by: dict[str, list[str]] = defaultdict(list)
    for row in map(json.loads, file.read_text("utf-8").splitlines()):
        if row["label"] != _OUT_OF_SCOPE:
            by[row["label"]].append(row["text"])
    chosen = [
        (texts[n], label)
        for label, texts in sorted(by.items())
        if len(texts) >= 3
        for n in sorted(draw.permutation(len(texts))[:_MOST])
    ]
    return [text for text, _ in chosen], [label for _, label in chosen]


def folds(file: Path) -> Iterator[dict[Setting, tuple[float, float]]]:
    """For each fold, every setting's share understood and AUROC."""
    texts, labels = examples(file)
    vectors = embed_cached(texts, settings().home / "models" / ".cache")
    names, draw = np.array(labels), np.random.default_rng(SEED)
    known = np.unique(names)
    strange_in = dict(zip(known, draw.permutation(len(known)) % _FOLDS, strict=True))
    held_in = draw.permutation(len(names)) % _FOLDS
    for fold in range(_FOLDS):
        strange = np.array([strange_in[name] == fold for name in names])
        held, kept = ~strange & (held_in == fold), ~strange & (held_in != fold)
        some = [texts[n] for n in np.flatnonzero(kept)]
        model = IntentModel.fit(some, vectors[kept], names[kept].tolist())
        asked = np.flatnonzero(held | strange)
        found = {}
        for setting in SETTINGS:
            blend.WEIGHTS, blend.FAMILIAR, blend.FAMILIAR_NGRAM = setting
            scores = model.score([texts[n] for n in asked], vectors[asked])
            best = model.intents[scores.probabilities.argmax(axis=1)]
            inside = held[asked]
            share = float((best == names[asked])[inside].mean())
            found[setting] = share, float(roc_auc_score(inside, scores.evidence))
        yield found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    rows = [fold for file in parser.parse_args().files for fold in folds(file)]
    print(f"{'weights':22} {'familiar':>8} {'n-gram':>6} {'in scope':>14} {'AUROC':>14}")
    for setting in SETTINGS:
        columns = np.array([row[setting] for row in rows])
        # Differences from the setting in use: folds differ more than settings do.
        apart = columns - np.array([row[IN_USE] for row in rows])
        error = apart.std(axis=0) / np.sqrt(len(rows))
        mean = columns.mean(axis=0)
        print(
            f"{setting.weights!s:22} {setting.familiar:8} {setting.ngram:6} "
            f"{mean[0]:8.3f} ±{error[0]:.3f} {mean[1]:8.3f} ±{error[1]:.3f}"
        )


if __name__ == "__main__":
    main()

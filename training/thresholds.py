"""From which confidence on a judgement of a short text is acted on, and why.

    python -m training.thresholds --evaluation DIR --corpora FILE --frequencies DIR --folds DIR

A message of one to three words is decided when it is about as safe as acting needs, not as rare
words of a dictionary would ask. The rule, fixed before any held-out text was judged with it: for
each script and length the lowest confidence of `GRID` from which on

- of short running texts (`RUNNING`), scripts and lengths together, `RUNNING_RIGHT` are right, with
  the lower end of the 95 % interval at `RUNNING_SURE` or above, and
- of words, pairs and three-word pieces of that script and length taken out of running text,
  `PIECES_RIGHT` are right, languages weighted by who writes to a shop.

Only languages that are spoken to count. The texts are the tuning quarter's; of running texts there
are too few in it, so those of the training part are added, each judged by a model that a third of
the training texts, its own among them, was kept from (`FOLDS` models a script, kept in `--folds`).
Texts of four words and more keep the thresholds of `training.language_model`.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.languages import clean, scripts
from bot.languages.evaluate import wilson
from bot.languages.locales import get
from bot.languages.model import FOLDER, Combination, Linear, bucket
from bot.languages.model import load as load_models
from training.examples import GROUPS, Row, Sources, examples, load
from training.language_model import COUNTS, SEED, STEP, train

FOLDS: Final = 3
LENGTHS: Final = 3
GRID: Final = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
RUNNING: Final = frozenset({"tatoeba", "xsid", "nlupp", "hinglish-top"})
RUNNING_RIGHT: Final = 0.985
RUNNING_SURE: Final = 0.98
PIECES_RIGHT: Final = 0.95
# With fewer pieces (Chinese words are seldom so short), the next shorter length's threshold.
ENOUGH: Final = 50


@dataclass(frozen=True)
class Judged:
    """One text: its script, length (0 for a word), whether it was judged right, and how surely."""

    script: str
    length: int
    right: bool
    confidence: float
    weight: float


def fold_of(row: Row) -> int | None:
    """The third of the training texts a row is in; None for rows that train nothing."""
    if row.part != "train":
        return None
    return int(hashlib.sha256(row.text.encode()).hexdigest()[8:16], 16) % FOLDS


def without(sources: Sources, fold: int, script: str, folder: Path) -> Linear:
    """The model of a script that a fold was kept from; trained once, then read from `folder`."""
    path = folder / f"fold-{script}-{fold}.npz"
    if path.exists():
        kept_back = np.load(path)
        return Linear(
            GROUPS[script], kept_back["weights"], kept_back["bias"], STEP, script == "Latn"
        )
    kept = [
        dataclasses.replace(row, held_out=row.held_out or fold_of(row) == fold)
        for row in sources.development
    ]
    model = train(script, examples(script, dataclasses.replace(sources, development=kept), SEED))
    np.savez_compressed(path, weights=model.weights, bias=model.bias)
    return model


def judge(
    combination: Combination, script: str, words: Sequence[str], language: str
) -> Judged | None:
    """How a combination does on a text; None where there is nothing for it to judge."""
    found = scripts.dominant(words)
    own = [word for word in words if scripts.of(word) == script]
    classes = combination.model.classes
    if found is None or found[0] != script or not clean.telling(own) or language not in classes:
        return None
    likely = np.exp(combination.log_probabilities(own))
    best = int(likely.argmax())
    return Judged(
        script,
        bucket(own),
        classes[best] == language,
        float(likely[best]),
        COUNTS.get(language, 1.0),
    )


def running(sources: Sources, models: dict[str, Combination], folder: Path) -> Iterator[Judged]:
    """Short running texts of the tuning and, out of fold, the training part."""
    wanted = [
        row
        for row in sources.development
        if row.part in {"train", "tune"}
        and row.dataset in RUNNING
        and row.bucket == "1-3"
        and get(row.language).spoken
    ]
    for script, combination in models.items():
        by_fold = {None: combination} | {
            fold: dataclasses.replace(combination, model=without(sources, fold, script, folder))
            for fold in range(FOLDS)
        }
        for row in wanted:
            judged = judge(by_fold[fold_of(row)], script, row.words, row.language)
            if judged is not None:
                yield judged


def pieces(sources: Sources, models: dict[str, Combination]) -> Iterator[Judged]:
    """Words, pairs and the first three words of sentences, of the tuning part."""
    for row in sources.development:
        if row.part != "tune" or not get(row.language).spoken:
            continue
        words = row.words[:LENGTHS] if row.bucket == "sentence" else row.words
        if row.bucket not in {"word", "pair", "sentence"} or not words:
            continue
        for script, combination in models.items():
            judged = judge(combination, script, words, row.language)
            if judged is not None:
                yield judged


def right(texts: Sequence[Judged], threshold: float, weighted: bool = False) -> tuple[float, int]:
    """The share that is right of the texts judged at least so surely, and how many they are."""
    sure = [text for text in texts if text.confidence >= threshold]
    weights = [text.weight if weighted else 1.0 for text in sure]
    total = sum(weights)
    hit = sum(weight for text, weight in zip(sure, weights, strict=True) if text.right)
    return (hit / total if total else 0.0), len(sure)


def lowest_for_running(texts: Sequence[Judged]) -> float:
    """The lowest confidence of the grid that running texts allow."""
    for threshold in GRID:
        share, n = right(texts, threshold)
        if share >= RUNNING_RIGHT and wilson(share, n)[0] >= RUNNING_SURE:
            return threshold
    return GRID[-1]


def lowest_for_pieces(texts: Sequence[Judged]) -> float:
    """The lowest confidence of the grid that pieces of one script and length allow."""
    for threshold in GRID:
        if right(texts, threshold, weighted=True)[0] >= PIECES_RIGHT:
            return threshold
    return GRID[-1]


def main() -> None:
    """Fits the thresholds and writes them into the shipped model's description."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("evaluation", "corpora", "frequencies", "folds"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()
    project = Path(__file__).resolve().parent.parent
    sources = load(given.evaluation, given.corpora, given.frequencies, project)
    models = {script: load_models()[script] for script in GROUPS}
    short = [text for text in running(sources, models, given.folds) if text.length < LENGTHS]
    of_pieces = list(pieces(sources, models))
    floor = lowest_for_running(short)
    share, n = right(short, floor)
    print(f"running texts: {len(short)}, from {floor} on {n}, {100 * share:.2f} % right")
    print("by script", dict(Counter(text.script for text in short)))
    path = FOLDER / "model.json"
    described: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for script in models:
        thresholds = described["scripts"][script]["thresholds"]
        for length in range(LENGTHS):
            its = [t for t in of_pieces if (t.script, t.length) == (script, length)]
            if length and len(its) < ENOUGH:
                thresholds[length] = thresholds[length - 1]
            else:
                thresholds[length] = max(floor, lowest_for_pieces(its))
            share, n = right(its, thresholds[length], weighted=True)
            print(f"{script} {length + 1}: {thresholds[length]} ({n} of {len(its)} pieces, "
                  f"{100 * share:.1f} % right)")  # fmt: skip
    path.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

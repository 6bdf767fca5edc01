"""How well intents are understood: the project's own pipeline on foreign data.

Files are JSON Lines of `lang, text, label`; the label of what is out of scope is
`NO_NODES_DETECTED`, as in HINT3.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

OUT_OF_SCOPE = "NO_NODES_DETECTED"


class UnusableData(ValueError):
    """A line of a data file cannot be used; the message names file and line."""


@dataclass(frozen=True)
class Prediction:
    """One test message: the best intent, whatever the threshold, and how sure it is."""

    text: str
    expected: str
    predicted: str
    confidence: float


@dataclass(frozen=True)
class Share:
    """A proportion with its 95 % Wilson interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Summary:
    """`in_scope`: messages in scope whose intent is right. `separation`: AUROC of the confidence,
    in scope against out of scope, with a 95 % interval (Hanley and McNeil, 1982); None where the
    test set has only one kind."""

    in_scope: Share
    separation: Share | None


def evaluate_intents(train: Path, test: Path, home: Path) -> list[Prediction]:
    """Train the pipeline of `home/config.yml` on `train`, in a scratch folder; classify `test`.

    Raises:
        UnusableData: a file has a line that is no such record, or fewer than two intents.
        TrainingFailed: Rasa trained no model.
    """
    from bot.engine.training import train_nlu
    from bot.engine.understanding import Understanding

    examples = [(row.text, row.label) for row in read(train) if row.label != OUT_OF_SCOPE]
    labels = sorted({label for _, label in examples})
    if len(labels) < 2:
        raise UnusableData(f"{train}: needs examples of two intents or more")
    rows = list(read(test))
    # Rasa reads a "/" in an intent's name as a sub-intent, so it gets names of our own.
    names = {label: f"intent{index}" for index, label in enumerate(labels)}
    with tempfile.TemporaryDirectory(prefix="setu-eval-") as scratch:
        named = [(text, names[label]) for text, label in examples]
        understand = Understanding(train_nlu(named, home, Path(scratch)))
    label_of = {name: label for label, name in names.items()}
    found = [understand(row.text, row.lang) for row in rows]
    return [
        Prediction(row.text, row.label, label_of.get(best, OUT_OF_SCOPE), round(sure, 6))
        for row, (best, sure) in zip(rows, found, strict=True)
    ]


def summary(predictions: Sequence[Prediction]) -> Summary:
    """The two figures of a test set."""
    inside = [each for each in predictions if each.expected != OUT_OF_SCOPE]
    outside = [each.confidence for each in predictions if each.expected == OUT_OF_SCOPE]
    right = sum(each.expected == each.predicted for each in inside)
    separation = _auroc([each.confidence for each in inside], outside)
    return Summary(_wilson(right, len(inside)), separation)


@dataclass(frozen=True)
class Row:
    """One message of a data file."""

    text: str
    label: str
    lang: str | None = None


def read(file: Path) -> Iterator[Row]:
    """The rows of a data file.

    Raises:
        UnusableData: a line is not such a record.
    """
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                yield Row(str(row["text"]), str(row["label"]), row.get("lang"))
            except (ValueError, KeyError, TypeError) as error:
                fault = f"{file}, line {number}: not a JSON object with text and label"
                raise UnusableData(fault) from error


def _wilson(right: int, n: int) -> Share:
    """Wilson's score interval (1927) for `right` of `n`, z = 1.96."""
    if n == 0:
        return Share(0.0, 0.0, 1.0, 0)
    share, z = right / n, 1.96
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    spread = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return Share(share, centre - spread, centre + spread, n)


def _auroc(inside: Sequence[float], outside: Sequence[float]) -> Share | None:
    from sklearn.metrics import roc_auc_score

    if not inside or not outside:
        return None
    truth = [1] * len(inside) + [0] * len(outside)
    area = float(roc_auc_score(truth, [*inside, *outside]))
    m, n = len(inside), len(outside)
    q1, q2 = area / (2 - area), 2 * area * area / (1 + area)
    variance = area * (1 - area) + (m - 1) * (q1 - area**2) + (n - 1) * (q2 - area**2)
    spread = 1.96 * (variance / (m * n)) ** 0.5
    return Share(area, max(0.0, area - spread), min(1.0, area + spread), m + n)

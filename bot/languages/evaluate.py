"""How well a detector knows languages, on labelled texts: `setu eval language FILE…`.

A file has a line a text: dataset, bucket, language, text, with tabs between. Where the file's name
says `romanised`, texts are in Latin letters and only the `-Latn` class is right.
"""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.languages.detect import Detector
from bot.languages.locales import get

_CHAT: Final = frozenset({"xsid", "nlupp", "mahasent", "dravidian-yt"})
# Two-sided 95 %.
_Z: Final = 1.96


@dataclass(frozen=True)
class Text:
    """A labelled text; `kind` is what its dataset holds (words, sentences, chat, …)."""

    kind: str
    bucket: str
    language: str
    text: str


@dataclass(frozen=True)
class Row:
    """One measure: the mean over languages of the share of texts judged right.

    Texts in which there is nothing to judge (a bare address) are counted as `nothing`, not in n.

    `low` and `high` bound it at 95 % (Wilson, on all n texts); `decided` is the share of texts the
    detector would act on, `precision` how many of those are right; `milliseconds` one text's cost.
    """

    kind: str
    bucket: str
    languages: int
    n: int
    accuracy: float
    low: float
    high: float
    nothing: int
    decided: float
    precision: float
    worst: str
    milliseconds: float


class BadLine(ValueError):
    """A line of an evaluation file that has not four fields."""


def texts(path: Path) -> Iterator[Text]:
    """The texts of a file.

    Raises:
        BadLine: a line has not four fields; the message says which.
    """
    suffix = "-Latn" if "romanised" in path.name else ""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            fields = line.rstrip("\n").split("\t", 3)
            if len(fields) != 4:
                raise BadLine(
                    f"{path}:{number}: {len(fields)} fields, not dataset, bucket, language, text"
                )
            dataset, bucket, language, text = fields
            if bucket in {"word", "pair", "sentence"}:
                kind = f"{bucket}s"
            elif suffix:
                kind = f"romanised {language}, {dataset}"
            else:
                kind = "chat" if dataset in _CHAT else "sentences of chat length"
            yield Text(kind, bucket, language + suffix, text)


def evaluate(files: Sequence[Path], detector: Detector) -> list[Row]:
    """A row for each kind and length of text; languages we only tell apart are left out."""
    judged: dict[tuple[str, str], dict[str, list[tuple[bool, bool, float]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    nothing: Counter[tuple[str, str]] = Counter()
    for path in files:
        for row in texts(path):
            if not get(row.language).spoken:
                continue
            began = time.perf_counter()
            judgement = detector.judge(row.text)
            took = time.perf_counter() - began
            if judgement.language is None:
                nothing[row.kind, row.bucket] += 1
                continue
            right = judgement.language == row.language
            judged[row.kind, row.bucket][row.language].append((right, judgement.decided, took))
    return [_row(*key, by, nothing[key]) for key, by in sorted(judged.items())]


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share observed on n texts (Wilson, 1927)."""
    if not n:
        return 0.0, 1.0
    middle = share + _Z**2 / (2 * n)
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def _row(
    kind: str, bucket: str, by: dict[str, list[tuple[bool, bool, float]]], nothing: int
) -> Row:
    shares = {tag: sum(right for right, _, _ in found) / len(found) for tag, found in by.items()}
    every = [one for found in by.values() for one in found]
    n, accuracy = len(every), sum(shares.values()) / len(shares)
    low, high = wilson(accuracy, n)
    acted = [right for right, decided, _ in every if decided]
    worst = sorted(shares, key=lambda tag: shares[tag])[:3]
    return Row(
        kind=kind,
        bucket=bucket,
        languages=len(shares),
        n=n,
        accuracy=accuracy,
        low=low,
        high=high,
        nothing=nothing,
        decided=len(acted) / n,
        precision=sum(acted) / len(acted) if acted else 0.0,
        worst=", ".join(f"{tag} {100 * shares[tag]:.0f}" for tag in worst),
        milliseconds=1000 * sum(took for _, _, took in every) / n,
    )

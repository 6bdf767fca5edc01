"""Fits the directions that a word's state is read along: `bot/e5/model/words.npz`.

    python -m training.words --evaluation DIR

Principal components of words' states in Tatoeba's sentences of 32 languages (`language/dev.tsv`):
of 384 directions the 128 along which words differ most, and where words lie on the whole. States
of all words have much in common, which says nothing and hides what does; and a third of the room
holds a word as well as the whole (docs/decisions/0010). Seeded.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Final

import numpy as np

from bot.e5 import E5, WIDTH
from bot.e5.engine import FOLDER
from bot.knowledge.clean import clean

SEED: Final = 20261122
SENTENCES: Final = 150
"""Of each language, or as many as there are."""


def sentences(file: Path) -> list[str]:
    """Some of each language, in no order."""
    by: dict[str, list[str]] = defaultdict(list)
    for row in (line.split("\t") for line in file.read_text("utf-8").split("\n") if line):
        if row[0] == "tatoeba":
            by[row[2]].append(row[3])
    draw = np.random.default_rng(SEED)
    return [each[n] for each in by.values() for n in draw.permutation(len(each))[:SENTENCES]]


def main() -> None:
    """Fit, say how much of the words' spread is kept, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the data")
    chosen = sentences(parser.parse_args().evaluation / "language" / "dev.tsv")
    model = E5()
    rows = np.concatenate([model.states(clean(text), "query")[2] for text in chosen])
    usual = rows.mean(axis=0)
    _, strengths, directions = np.linalg.svd(rows - usual, full_matrices=False)
    share = float((strengths[:WIDTH] ** 2).sum() / (strengths**2).sum())
    print(f"{len(chosen)} sentences, {len(rows)} words: {share:.3f} of their spread is kept")
    np.savez(
        FOLDER / "words.npz",
        usual=usual.astype(np.float16),
        directions=directions[:WIDTH].T.astype(np.float16),
    )


if __name__ == "__main__":
    main()

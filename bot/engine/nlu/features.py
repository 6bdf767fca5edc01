"""What the intent model sees of a text: its embedding and its character n-grams."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from bot.knowledge.clean import clean
from bot.knowledge.embed import embedder

Floats = NDArray[np.float32]

_NGRAMS = (2, 5)
_BATCH = 64
_CACHED = 20_000  # vectors kept between trainings, 30 MB


def normal(text: str) -> str:
    """The form n-grams are taken of: cleaned, lower case, digits as one sign.

    An order number must not make two messages different.
    """
    return "".join("0" if sign.isdigit() else sign for sign in clean(text).lower())


class CharNgrams:
    """TF-IDF of character n-grams within word borders, rows of unit length."""

    def __init__(self, vocabulary: dict[str, int], idf: Floats) -> None:
        self._counts = CountVectorizer(
            analyzer="char_wb", ngram_range=_NGRAMS, lowercase=False, vocabulary=vocabulary
        )
        self.vocabulary = vocabulary
        self.idf = idf

    @classmethod
    def fit(cls, texts: Sequence[str]) -> CharNgrams:
        """Learn the n-grams of `texts` and how rare each is."""
        counter = CountVectorizer(analyzer="char_wb", ngram_range=_NGRAMS, lowercase=False)
        counts = counter.fit_transform([normal(text) for text in texts])
        frequency = np.asarray((counts > 0).sum(axis=0)).ravel()
        idf = np.log((1 + counts.shape[0]) / (1 + frequency)) + 1
        vocabulary = {gram: int(index) for gram, index in counter.vocabulary_.items()}
        return cls(vocabulary, idf.astype(np.float32))

    def __call__(self, texts: Sequence[str]) -> csr_matrix:
        """One row a text; all zero where no n-gram is known."""
        counts = self._counts.transform([normal(text) for text in texts]).astype(np.float32)
        counts.data = (1 + np.log(counts.data)) * self.idf[counts.indices]
        lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        counts.data /= np.repeat(lengths, np.diff(counts.indptr))
        return counts


def embed(texts: Sequence[str]) -> Floats:
    """The texts' vectors, as queries: the same the knowledge base is searched with."""
    return embedder().embed(texts, "query")


def embed_cached(
    texts: Sequence[str], folder: Path, progress: Callable[[int, int], Any] = lambda done, of: None
) -> Floats:
    """As `embed`, for training: vectors are kept in `folder` by text, so only new ones cost."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", "utf-8")
    name = hashlib.sha256(embedder().name.encode()).hexdigest()[:12]
    file = folder / f"examples-{name}.npz"
    known: dict[str, Floats] = {}
    if file.exists():
        with np.load(file) as stored:
            known = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
    keys = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24] for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    pending = list(new.items())
    for start in range(0, len(pending), _BATCH):
        batch = pending[start : start + _BATCH]
        for (key, _), vector in zip(batch, embed([text for _, text in batch]), strict=True):
            known[key] = vector
        progress(start + len(batch), len(pending))
    if pending:
        kept = dict(list(known.items())[-_CACHED:])
        partial = file.with_suffix(".part.npz")
        np.savez(partial, keys=np.array(list(kept)), vectors=np.stack(list(kept.values())))
        partial.replace(file)
    return np.stack([known[key] for key in keys])

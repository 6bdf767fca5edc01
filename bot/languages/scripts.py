"""Which writing system a text is in, and which languages that leaves."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from bot.languages.locales import known

_BLOCKS: Final = {
    "Latn": "a-zA-Z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff",
    "Cyrl": "\u0400-\u052f",
    "Arab": "\u0620-\u06d3\u06d5-\u06ff\u0750-\u077f",
    "Deva": "\u0900-\u0963\u0970-\u097f",
    "Beng": "\u0980-\u09e3\u09f0-\u09fe",
    "Guru": "\u0a00-\u0a65\u0a70-\u0a7f",
    "Gujr": "\u0a80-\u0ae5",
    "Taml": "\u0b80-\u0be5",
    "Telu": "\u0c00-\u0c65",
    "Knda": "\u0c80-\u0ce5",
    "Mlym": "\u0d00-\u0d65\u0d7a-\u0d7f",
    "Thai": "\u0e00-\u0e4f",
    "Hang": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "Kana": "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f",
    "Hani": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々",
    # No language of ours yet: a line in data/languages.yml is enough for one that has its script
    # to itself.
    "Orya": "\u0b00-\u0b65\u0b70-\u0b77",
    "Sinh": "\u0d80-\u0ddf\u0df2-\u0df3",
    "Grek": "\u0370-\u03ff\u1f00-\u1fff",
    "Hebr": "\u05d0-\u05f2",
    "Armn": "\u0531-\u0556\u0561-\u0587",
    "Geor": "\u10a0-\u10ff\u1c90-\u1cbf",
    "Ethi": "\u1200-\u137f",
}
SHARED: Final = {
    "Cyrl": ("ru", "uk"),
    "Arab": ("ar", "fa", "ur"),
    "Deva": ("hi", "mr", "ne"),
    "Hani": ("zh", "ja"),
}
# What a language's `script` in data/languages.yml is called here, where a language has several.
_NAMES: Final = {"Kore": "Hang", "Jpan": "Kana"}


@functools.cache
def alone() -> Mapping[str, str]:
    """Scripts that one of our languages has to itself; of two, the first of the file counts."""
    found: dict[str, str] = {}
    for locale in known():
        script = _NAMES.get(locale.script, locale.script)
        if script in _BLOCKS and script not in SHARED and script != "Latn":
            found.setdefault(script, locale.tag)
    return found


@functools.cache
def _letters() -> re.Pattern[str]:
    used = {"Latn", *SHARED, *alone()}
    blocks = (f"(?P<{name}>[{chars}]+)" for name, chars in _BLOCKS.items() if name in used)
    return re.compile("|".join(blocks))


# A script of its own weighs more than Latin letters: orders, brands and English words stand in
# every language's chat, the reverse hardly ever. A letter that is a syllable or a word weighs more.
_WEIGHTS: Final = {"Latn": 0.5, "Hani": 3.0, "Kana": 2.0, "Hang": 2.0}


def dominant(words: Sequence[str]) -> tuple[str, float] | None:
    """The script most of the letters are in, with its weighted share; None without letters."""
    counts: Counter[str] = Counter()
    for found in _letters().finditer(" ".join(words)):
        counts[str(found.lastgroup)] += len(found[0])
    if not counts:
        return None
    if counts["Kana"]:
        counts["Kana"] += counts.pop("Hani", 0)
    weights = {name: n * _WEIGHTS.get(name, 1.0) for name, n in counts.items()}
    script = max(weights, key=lambda name: weights[name])
    return script, weights[script] / sum(weights.values())


def of(word: str) -> str | None:
    """The script most of a word's letters are in; kana makes its kanji Japanese."""
    found = dominant((word,))
    return found[0] if found else None

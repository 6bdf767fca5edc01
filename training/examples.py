"""Training and tuning texts for the language model, from data whose licence allows it.

`dev.tsv` and the romanised files are split by the text's hash: 60 % train the model, 15 % tune its
combination with the other detector, 25 % are never looked at but to report. The evaluate-only sets
(mahasent, hinglishnorm-chat, mesent, dravidian-yt) are only ever reported on.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgpack  # type: ignore[import-untyped]
import numpy as np
import yaml

from bot.languages import clean, scripts
from bot.languages.locales import known
from training.romanise import romanise

Words = list[str]
Example = tuple[Words, str]

FILES: Final = ("dev.tsv", "romanised_dev.tsv", "dakshina_romanised_dev.tsv")
EVALUATE_ONLY: Final = frozenset({"mahasent", "hinglishnorm-chat", "mesent", "dravidian-yt"})
LATIN: Final = tuple(locale.tag for locale in known() if locale.script == "Latn")
ROMANISED: Final = tuple(f"{locale.tag}-Latn" for locale in known() if locale.romanised)
GROUPS: Final[dict[str, tuple[str, ...]]] = {"Latn": LATIN + ROMANISED, **scripts.SHARED}
# Of how many texts each kind is drawn, a language: words and pairs are the hard part.
DRAWN: Final = {"word": 26000, "pair": 18000, "few": 7000, "whole": 3000}
ROMANISED_DRAWN: Final = {1: 5000, 2: 7000, 3: 8000, 5: 8000, 7: 6000, 99: 5000}
_SPOKEN_BY: Final = {
    "hi": "Deva",
    "mr": "Deva",
    "bn": "Beng",
    "ml": "Mlym",
    "ta": "Taml",
    "te": "Telu",
    "kn": "Knda",
    "gu": "Gujr",
    "pa": "Guru",
}
# Rare words sampled more often than their frequency says, as a client's one-word message is.
_TEMPER: Final = 0.6


@dataclass(frozen=True)
class Row:
    """A line of a development file; `language` is the class it should get.

    `held_out`: kept from training this time, to be judged by a model that has not seen it.
    """

    dataset: str
    bucket: str
    language: str
    text: str
    words: tuple[str, ...]
    held_out: bool = False

    @property
    def part(self) -> Literal["train", "tune", "test", "evaluate only", "held out"]:
        """Where the row belongs."""
        if self.held_out:
            return "held out"
        if self.dataset in EVALUATE_ONLY:
            return "evaluate only"
        at = int(hashlib.sha256(self.text.encode()).hexdigest()[:8], 16) % 100
        return "train" if at < 60 else "tune" if at < 75 else "test"


def split(text: str) -> Words:
    """The words of a text as the detector sees them."""
    return clean.words(clean.normal(text))


def rows(folder: Path) -> Iterator[Row]:
    """Every row of the three development files; romanised ones with their `-Latn` class."""
    for name in FILES:
        suffix = "-Latn" if "romanised" in name else ""
        with (folder / name).open(encoding="utf-8") as lines:
            for line in lines:
                dataset, bucket, language, text = line.rstrip("\n").split("\t", 3)
                yield Row(dataset, bucket, language + suffix, text, tuple(split(text)))


@dataclass
class Sources:
    """Everything examples are drawn from."""

    development: list[Row]
    corpora: dict[str, dict[str, list[str]]]
    frequencies: Path
    project: Path

    def sentences(self, language: str, script: str, rnd: random.Random) -> list[Words]:
        """Running text of a language, in its script, none of it held out."""
        held = {row.text for row in self.development if row.part != "train"}
        texts = [row.text for row in self._trained(language) if row.bucket not in {"word", "pair"}]
        for source, lines in self.corpora.get(language, {}).items():
            if source != "words":
                fresh = [line for line in lines if line not in held]
                texts += rnd.sample(fresh, min(len(fresh), 9000))
        texts += 3 * _own_texts(self.project, language, romanised=False)
        found = [words for text in texts if len(words := split(text)) > 1]
        return [words for words in found if _script(words) == script]

    def unigrams(self, language: str, script: str, sentences: Sequence[Words]) -> dict[str, float]:
        """How likely each word of a language is; half from running text, half from wordfreq."""
        counts: Counter[str] = Counter(word for words in sentences for word in words)
        for row in self._trained(language):
            if row.bucket in {"word", "pair"}:
                counts.update(row.words * 2)
        for word in self.corpora.get(language, {}).get("words", ()):
            counts.update(dict.fromkeys(split(word), 1))
        total = sum(counts.values())
        found = {word: count / total for word, count in counts.items()}
        listed = dict(self._frequent(language, script, 40_000))
        if listed:
            weight = sum(listed.values())
            found = {word: share / 2 for word, share in found.items()}
            for word, share in listed.items():
                found[word] = found.get(word, 0.0) + share / weight / 2
        shortest = 1 if script == "Hani" else 2
        return {w: p for w, p in found.items() if len(w) >= shortest and _script([w]) == script}

    def romanised(self, language: str, rnd: random.Random) -> list[Words]:
        """Romanised sentences of a language: collected, our own, and spelt from native text."""
        tag = f"{language}-Latn"
        texts = [row.text for row in self._trained(tag)]
        texts += 5 * _own_texts(self.project, language, romanised=True)
        if script := _SPOKEN_BY.get(language):
            native = self.sentences(language, script, rnd)
            for words in rnd.sample(native, min(len(native), 5000)):
                texts.append(romanise(" ".join(words), script, rnd))
        return [words for text in texts if (words := split(text)) and _script(words) == "Latn"]

    def _trained(self, language: str) -> list[Row]:
        return [r for r in self.development if r.language == language and r.part == "train"]

    def _frequent(self, language: str, script: str, most: int) -> Iterator[tuple[str, float]]:
        for size in ("large", "small"):
            path = self.frequencies / f"{size}_{language}.msgpack.gz"
            if path.exists():
                break
        else:
            return
        buckets = msgpack.unpackb(gzip.decompress(path.read_bytes()), raw=False)[1:]
        taken = 0
        for centibels, bucket in enumerate(buckets):
            for listed in bucket:
                words = split(listed)
                if len(words) == 1 and _script(words) == script:
                    yield words[0], 10 ** (-centibels / 100)
                    taken += 1
                    if taken == most:
                        return


def examples(group: str, sources: Sources, seed: int) -> list[Example]:
    """Labelled texts for one script's model, the classes evenly drawn."""
    rnd, drawn = random.Random(seed), []
    english: list[str] = []
    for language in (tag for tag in GROUPS[group] if "-" not in tag):
        sentences = sources.sentences(language, group, rnd)
        unigrams = sources.unigrams(language, group, sentences)
        population = list(unigrams)
        weights = np.cumsum(np.array([unigrams[word] for word in population]) ** _TEMPER)
        if language == "en":
            english = rnd.choices(population, cum_weights=weights, k=20_000)

        def some(count: int) -> list[str]:
            return rnd.choices(population, cum_weights=weights, k=count)  # noqa: B023

        texts: list[Words] = [[word] for word in some(DRAWN["word"])]
        texts += [
            list(two)
            for two in zip(some(DRAWN["pair"] // 3), some(DRAWN["pair"] // 3), strict=True)
        ]
        texts += [_piece(rnd, s, 2) for s in rnd.choices(sentences, k=DRAWN["pair"] * 2 // 3)]
        texts += [
            _piece(rnd, s, rnd.choice((3, 4, 5))) for s in rnd.choices(sentences, k=DRAWN["few"])
        ]
        texts += rnd.choices(sentences, k=DRAWN["whole"])
        texts += 2 * [list(row.words) for row in sources._trained(language) if row.words]
        drawn += [(words, language) for words in texts]
    for tag in (tag for tag in GROUPS[group] if "-" in tag):
        sentences = sources.romanised(tag.removesuffix("-Latn"), rnd)
        for length, count in ROMANISED_DRAWN.items():
            for words in rnd.choices(sentences, k=count):
                drawn.append((_mixed(rnd, _piece(rnd, words, length), english), tag))
    return drawn


def _mixed(rnd: random.Random, words: Words, english: Sequence[str]) -> Words:
    """Every third text of four words or more with English words in it, as people mix."""
    if len(words) < 4 or rnd.random() > 0.35:
        return words
    mixed = list(words)
    for _ in range(rnd.randint(1, len(words) // 2)):
        mixed[rnd.randrange(len(mixed))] = rnd.choice(english)
    return mixed


def _piece(rnd: random.Random, words: Words, length: int) -> Words:
    at = rnd.randrange(max(1, len(words) - length + 1))
    return words[at : at + length]


def _script(words: Sequence[str]) -> str | None:
    found = scripts.dominant(words)
    return found[0] if found else None


def _own_texts(project: Path, language: str, romanised: bool) -> list[str]:
    """The project's own articles and NLU examples in a language."""
    texts: list[str] = []
    for path in sorted((project / "data" / "knowledge" / language).glob("*.md")):
        texts += path.read_text(encoding="utf-8").split("\n")
    nlu = project / "data" / "nlu" / f"{language}.yml"
    if nlu.exists():
        for intent in yaml.safe_load(nlu.read_text(encoding="utf-8")).get("nlu", ()):
            texts += str(intent.get("examples", "")).split("\n")
    texts = [re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})", r"\1", t).strip(" -\"'") for t in texts]
    keys = re.compile(r"^\w+:|^---")
    kept = [text for text in texts if len(text.split()) > 1 and not keys.match(text)]
    return [
        text for text in kept if (_script(split(text)) == "Latn") == romanised or language == "en"
    ]


def load(evaluation: Path, corpora: Path, frequencies: Path, project: Path) -> Sources:
    """Reads the sources; the model card says where each comes from."""
    gathered: dict[str, dict[str, list[str]]] = defaultdict(dict)
    gathered.update(json.loads(corpora.read_text(encoding="utf-8")))
    return Sources(list(rows(evaluation)), gathered, frequencies, project)

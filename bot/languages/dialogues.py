"""How well a conversation's language is kept: simulated dialogues of real sentences (target L6).

Clients write in their language, now and then a word, junk, or in Latin letters; some switch for a
message, some hand the phone to another person, and a browser's locale is often wrong. The belief
is measured beside two baselines: each message judged alone, and the first judgement kept for ever.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.languages.belief import Belief
from bot.languages.detect import Detector
from bot.languages.evaluate import texts
from bot.languages.locales import get, native

JUNK: Final = (
    "ok", "123", ":)", "A-104523", "Nadi", "thanks", "👍", "hmm", "?", "OTP 4821", "Paytm", "ok ok",
    "https://nadi.example/o/88213", "9876543210", "#45112", "lol", "iPhone 15", "...", "Flipkart",
)  # fmt: skip
_FIVE: Final = ("en", "bn", "mr", "ml", "hi")
_SENTENCE_WORDS: Final = range(2, 13)
_CLEAR_WORDS: Final = range(4, 13)


@dataclass(frozen=True)
class Turn:
    """A message and the language that is right after it; `clear` ones have four words or more."""

    text: str
    language: str
    clear: bool


@dataclass(frozen=True)
class Dialogue:
    """A browser's locale and what the client then wrote."""

    browser: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Kept:
    """How a way of keeping the language did.

    `right` is the share of turns after which the language was right, `wrong_switches` how often in
    a thousand turns it changed to a wrong one.
    """

    name: str
    n: int
    right: float
    wrong_switches: float


class Pool:
    """Sentences and single words by language, romanised ones under their `-Latn` class."""

    def __init__(self, files: Iterable[Path], part: range) -> None:
        self.sentences: dict[str, list[str]] = defaultdict(list)
        self.clear: dict[str, list[str]] = defaultdict(list)
        self.single: dict[str, list[str]] = defaultdict(list)
        for path in files:
            for row in texts(path):
                if not get(row.language).spoken or _part(row.text) not in part:
                    continue
                words = len(row.text.split())
                if row.bucket == "word":
                    self.single[row.language].append(row.text)
                elif words in _SENTENCE_WORDS or get(row.language).script in {
                    "Hans",
                    "Jpan",
                    "Thai",
                }:
                    self.sentences[row.language].append(row.text)
                    if words in _CLEAR_WORDS or words == 1:
                        self.clear[row.language].append(row.text)


def simulate(pool: Pool, count: int, seed: int) -> list[Dialogue]:
    """Dialogues of 6 to 14 turns; half of them in the five languages that are spoken fully."""
    rnd = random.Random(seed)
    others = sorted(tag for tag in pool.clear if "-" not in tag and tag not in _FIVE)
    return [_dialogue(pool, rnd, others) for _ in range(count)]


def keep(dialogues: Sequence[Dialogue], detector: Detector) -> list[Kept]:
    """The belief and its two baselines, on the same judgements."""
    tallies = {name: [0, 0] for name in ("belief", "each message alone", "lock after the first")}
    n = 0
    for dialogue in dialogues:
        belief, alone, locked = Belief.starting(dialogue.browser), dialogue.browser, None
        for turn in dialogue.turns:
            judgement = detector.judge(turn.text)
            before = {
                "belief": belief.language,
                "each message alone": alone,
                "lock after the first": locked,
            }
            belief = belief.revise(judgement, turn.text)
            if judgement.language:
                alone = native(judgement.language)
            locked = locked or alone
            after = {
                "belief": belief.language,
                "each message alone": alone,
                "lock after the first": locked,
            }
            n += 1
            for name, tally in tallies.items():
                tally[0] += after[name] == turn.language
                tally[1] += after[name] != before[name] and after[name] != turn.language
    return [Kept(name, n, right / n, 1000 * wrong / n) for name, (right, wrong) in tallies.items()]


def _part(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 100


def _dialogue(pool: Pool, rnd: random.Random, others: Sequence[str]) -> Dialogue:
    def any_language() -> str:
        return rnd.choice(_FIVE if rnd.random() < 0.5 else tuple(others))

    language = any_language()
    browser = language if rnd.random() < 0.6 else "en" if rnd.random() < 0.75 else any_language()
    turns = [Turn(rnd.choice(pool.clear[language]), language, True)]
    second_person = rnd.random() < 0.1
    for _ in range(rnd.randint(5, 13)):
        chance = rnd.random()
        if second_person and chance < 0.15:
            language, second_person = any_language(), False
            turns.append(Turn(rnd.choice(pool.clear[language]), language, True))
        elif chance < 0.22:
            turns.append(Turn(rnd.choice(JUNK), turns[-1].language, False))
        elif chance < 0.30 and pool.single[language]:
            turns.append(Turn(rnd.choice(pool.single[language]), language, False))
        elif chance < 0.33:
            other = "en" if rnd.random() < 0.7 else any_language()
            turns.append(Turn(rnd.choice(pool.clear[other]), other, True))
        elif chance < 0.40 and pool.clear[f"{language}-Latn"]:
            turns.append(Turn(rnd.choice(pool.clear[f"{language}-Latn"]), language, True))
        else:
            turns.append(Turn(rnd.choice(pool.sentences[language]), language, False))
    return Dialogue(browser, tuple(turns))


def measure(
    files: Iterable[Path], detector: Detector, count: int = 1000, seed: int = 7
) -> list[Kept]:
    """L6 on the quarter of the texts that trained and tuned nothing."""
    return keep(simulate(Pool(files, range(75, 100)), count, seed), detector)

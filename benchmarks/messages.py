"""Messages as clients write them: one to twelve words, five languages, no two alike.

No two alike, because Setu remembers the vectors of recent messages and a repeated one costs less.
They are cut from the questions of the sample base: a question, or several, up to a length.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "bn", "mr", "ml", "hi")
LONGEST = 12
_BASE = Path(__file__).resolve().parent.parent / "data" / "knowledge"


class Messages:
    """An endless supply; the same seed gives the same messages."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._questions = {language: _questions(language) for language in LANGUAGES}
        self._used: set[str] = set()

    def next(self, language: str, words: int) -> str:
        """A new message of that many words; of more, where all such short ones are used up."""
        for attempt in range(10_000):
            text = self._cut(language, min(LONGEST, words + attempt // 100))
            if text not in self._used:
                self._used.add(text)
                return text
        raise LookupError(f"The sample base has no more new messages in {language}.")

    def of_all_lengths(self, language: str) -> Iterator[str]:
        """One, two, … twelve words, and again."""
        while True:
            for words in range(1, LONGEST + 1):
                yield self.next(language, words)

    def _cut(self, language: str, words: int) -> str:
        found: list[str] = []
        while len(found) < words:
            found += self._random.choice(self._questions[language]).split()
        return " ".join(found[:words])


def _questions(language: str) -> list[str]:
    found: list[str] = []
    for path in sorted((_BASE / language).glob("*.md")):
        head: Any = yaml.safe_load(path.read_text(encoding="utf-8").split("\n---\n")[0])
        found += map(str, head.get("questions", ()))
    return found

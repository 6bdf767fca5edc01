"""What an article says, a statement at a time: the smallest text that can be right or wrong."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.knowledge.articles import Entry
from bot.knowledge.figures import sentences

_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+")


@dataclass(frozen=True)
class Statement:
    """A sentence of an article; an item of a list with the words that lead to the list.

    "2 to 4 days" says nothing without "Delivery takes:".
    """

    entry: Entry
    text: str

    @property
    def titled(self) -> str:
        """With the article's title, which says what "it" is."""
        return f"{self.entry.title}: {self.text}"


def statements(entry: Entry) -> Iterator[Statement]:
    """All that an article's body says, in order."""
    lead = ""
    for line in entry.body.splitlines():
        found = sentences(line)
        if not found:
            continue
        if _ITEM.match(line):
            yield Statement(entry, " ".join((lead, *found)).strip())
            continue
        lead = found[-1] if found[-1].endswith(":") else ""
        for sentence in found:
            if sentence != lead:
                yield Statement(entry, sentence)

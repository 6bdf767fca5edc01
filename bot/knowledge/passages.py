"""Which texts of an article get a vector, and what each vector is cached by."""

import hashlib
from typing import Literal, NamedTuple

from bot.knowledge.articles import Entry
from bot.knowledge.clean import clean
from bot.knowledge.embed import Kind


class Passage(NamedTuple):
    """A text of an article that gets a vector: a wording of its question, or the whole.

    Of kind `words` it is what has its words' rows kept (`bot.knowledge.words`), beside the vectors.
    """

    text: str
    kind: Kind | Literal["words"] = "passage"

    @property
    def digest(self) -> str:
        """What its vector is cached by."""
        return hashlib.sha256(f"{self.kind}\n{self.text}".encode()).hexdigest()


def passages(entry: Entry) -> list[Passage]:
    """The texts of an article that get a vector: each wording once, and title with body.

    Never one vector for wordings and body joined without the former: hit@1 across languages fell
    from 98 to 73 % for Bengali.
    """
    whole = clean(f"{entry.title}\n{entry.body}")
    return [Passage(text) for text in dict.fromkeys((*_wordings(entry), whole)) if text]


def worded(entry: Entry) -> list[Passage]:
    """The texts of an article whose words are kept: each wording once."""
    return [Passage(text, "words") for text in _wordings(entry) if text]


def _wordings(entry: Entry) -> dict[str, None]:
    return dict.fromkeys(clean(text) for text in (entry.title, *entry.questions))


def language_of(locale: str) -> str:
    """The language of a locale tag: `pt` of `pt-BR`."""
    return locale.partition("-")[0].lower()

"""What translating means here: values, and what stands behind the door and before it.

A `Service` is a machine somewhere; it may be slow, wrong or away, and says so by raising. A
`Translator` is what the product talks to: it never raises for that, and gives the original back
with the reason it is one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

Failure = Literal[
    "unreachable",  # no connection, or it broke off
    "slow",  # the deadline passed
    "busy",  # it said so (429), or failed on its side (5xx)
    "paused",  # it failed so often lately that it is left alone for a while
    "refused",  # it does not take the request: a wrong key, too long for it
    "no_pair",  # it does not have these two languages
    "garbage",  # what came is no translation of what was asked
    "lost_mask",  # a number, an address or a name got lost on the way
    "too_long",  # longer than we send
]
TEMPORARY: Final[frozenset[Failure]] = frozenset({"unreachable", "slow", "busy", "paused"})
"""What may be over in a while: worth another try later."""


@dataclass(frozen=True)
class Translated:
    """One text after translation, or the original when it could not be.

    `language` is the tag `text` is in; `by` names the service, None where the text is the
    original; `failure` says why it is, None also where nothing was there to translate.
    """

    text: str
    language: str
    by: str | None = None
    failure: Failure | None = None


class Translator(Protocol):
    """What the product translates with."""

    name: str

    async def translate(
        self, texts: Sequence[str], source: str, target: str, *, keep: Collection[str] = ()
    ) -> list[Translated]:
        """One result for each text, in order. Never raises for what a service does.

        Args:
            source: BCP 47 tag of the language the texts are in.
            target: BCP 47 tag to translate into.
            keep: names that must come through as they are, and do not leave this machine.
        """
        ...


class ServiceError(Exception):
    """A service gave no translation. `retry_after`: seconds it asked to be left alone for."""

    def __init__(self, reason: Failure, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason: Failure = reason
        self.retry_after = retry_after


class Service(Protocol):
    """A machine that translates. `name` is how people are told who translated."""

    name: str

    async def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """What the service answers: meant to be one text for each, but not checked.

        Raises:
            ServiceError: it gave no answer that can be read.
        """
        ...

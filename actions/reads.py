"""What actions may read: functions passed in; nothing here knows where answers come from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol


class Article(Protocol):
    """A knowledge article in one locale."""

    @property
    def article(self) -> str:
        """Its id."""

    @property
    def locale(self) -> str:
        """The locale of title and body: the client's, or the nearest there is."""

    @property
    def title(self) -> str:
        """A line a client recognises it by."""

    @property
    def body(self) -> str:
        """The answer, in Markdown."""

    @property
    def confidence(self) -> float:
        """Calibrated probability that it answers the question."""


class Decision(Protocol):
    """What the knowledge base says to a question."""

    @property
    def kind(self) -> str:
        """`answer`, `suggest` or `none`."""

    @property
    def results(self) -> Sequence[Article]:
        """Candidates, best first."""


@dataclass(frozen=True)
class _Nothing:
    kind: str = "none"
    results: Sequence[Article] = ()


class Search(Protocol):
    """Asks the knowledge base."""

    def __call__(self, text: str, locale: str, *, exclude: Collection[str] = ()) -> Decision:
        """What answers `text` for a reader of `locale`, leaving out the articles `exclude`."""


def _find_nothing(text: str, locale: str, *, exclude: Collection[str] = ()) -> Decision:
    return _Nothing()


@dataclass(frozen=True)
class Reads:
    """The functions an action is constructed with; the defaults know nothing.

    `search` asks the knowledge base; `article(id, locale)` fetches one, None where it is gone;
    `languages` are (tag, endonym) of the languages a client may choose; `named(tag, locale)` is
    what readers of a locale call a language.

    In whatever language, `asks_order(body)` says whether an article asks for the number of an
    order, `clauses(text)` gives the clauses of a message that are worth a search of their own, none
    where it is one itself, `refers_back(text)` says whether it speaks of what it does not name, and
    `salam(text)` whether it greets with one.

    The functions are called in the engine's thread: they must neither block on a network nor touch
    a database.
    """

    search: Search = _find_nothing
    article: Callable[[str, str], Article | None] = lambda id, locale: None
    languages: tuple[tuple[str, str], ...] = ()
    named: Callable[[str, str], str] = lambda tag, locale: tag
    asks_order: Callable[[str], bool] = lambda body: False
    clauses: Callable[[str], tuple[str, ...]] = lambda text: ()
    refers_back: Callable[[str], bool] = lambda text: False
    salam: Callable[[str], bool] = lambda text: False

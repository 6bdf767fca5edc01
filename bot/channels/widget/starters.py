"""The questions a chat can be opened with: buttons of the knowledge base, before any message."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.languages.say import say
from bot.languages.strings import STRINGS

_PAYLOAD = "article:"
_TITLE = "widget.quick."  # what clients whose language an article lacks read instead of its title


class _Article(Protocol):
    @property
    def locale(self) -> str: ...
    @property
    def title(self) -> str: ...


Find = Callable[[str, str], _Article | None]
"""A published article by its id, in a locale or the nearest; None where it is gone."""


@dataclass(frozen=True)
class Starter:
    """A question as a button: `title` in `language`, and the payload that asks it."""

    title: str
    language: str
    payload: str


class Starters:
    """Names the starters of a base, and what their buttons mean.

    Args:
        marked: gives the ids of the articles that are starters now.
        find: gives an article.
    """

    def __init__(self, marked: Callable[[], Sequence[str]], find: Find) -> None:
        self._marked = marked
        self._find = find

    def of(self, locale: str) -> tuple[Starter, ...]:
        """What a client of a locale is offered; only what can be answered."""
        named = ((article, self._named(article, locale)) for article in self._marked())
        return tuple(Starter(*name, _PAYLOAD + article) for article, name in named if name)

    def pressed(self, payload: str, locale: str) -> tuple[str, str] | None:
        """Title and meaning of a button; None where it is no article's, or of one that is gone."""
        article = payload.removeprefix(_PAYLOAD)
        name = None if article == payload else self._named(article, locale)
        return name and (name[0], f"/question{json.dumps({'article': article})}")

    def _named(self, article: str, locale: str) -> tuple[str, str] | None:
        found = self._find(article, locale)
        if found is None:
            return None
        key = _TITLE + article
        if _language(found.locale) != _language(locale) and key in STRINGS:
            return say(key, locale), locale
        return found.title, found.locale


def _language(tag: str) -> str:
    return tag.split("-")[0]

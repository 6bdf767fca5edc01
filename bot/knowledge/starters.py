"""Which questions a chat opens with: articles that their authors have tagged so."""

import re
from collections.abc import Iterable

from bot.knowledge.articles import Entry

MOST = 4
"""As many as are seen at once beside a greeting on a telephone."""

_TAG = re.compile(r"starter(?:-(\d{1,3}))?", re.IGNORECASE)
_LAST = 1000  # beyond every number: what has none comes after


def marked(entries: Iterable[Entry]) -> tuple[str, ...]:
    """The ids of articles tagged `starter` or `starter-N` in any language, by number, then id."""
    places: dict[str, int] = {}
    for entry in entries:
        for tag in entry.tags:
            if found := _TAG.fullmatch(tag.strip()):
                place = int(found[1]) if found[1] else _LAST
                places[entry.article] = min(place, places.get(entry.article, _LAST))
    return tuple(sorted(places, key=lambda article: (places[article], article))[:MOST])

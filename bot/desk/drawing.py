"""The list's rows as HTML: each drawn once, and sent only to pages that do not have it yet.

A message changes one row of hundreds. A row that was drawn is kept under everything that its look
depends on; its mark is a short hash of it. A page says which marks it has, and for those it gets
an empty row marked `data-same`, which the desk's script leaves as it stands.
"""

import base64
import collections
import dataclasses
import hashlib
from collections.abc import Callable, Hashable, Iterable

from markupsafe import Markup

from bot.desk.routing_api import OF_ORDER
from bot.desk.views import QueueRow

HEADER = "Setu-Rows"
"""What a page has: the list's version and its rows' marks, with commas."""

_KEPT = 4096
_MARK_BYTES = 6
_MOST_MARKS = 600  # a header's size


@dataclasses.dataclass(frozen=True)
class Drawn:
    """One row: the inside of its list item, and its mark."""

    conversation: str
    mark: str
    inside: Markup


class Rows:
    """Rows that were drawn lately, by what they look like."""

    def __init__(self) -> None:
        self._kept: collections.OrderedDict[Hashable, Drawn] = collections.OrderedDict()

    def drawn(self, row: QueueRow, around: Hashable, draw: Callable[[QueueRow], str]) -> Drawn:
        """One row.

        Args:
            around: everything besides the row that its look depends on.
            draw: makes the inside of the list item.
        """
        key = _looks(row), around
        found = self._kept.get(key)
        if found is None:
            inside = draw(row)
            found = Drawn(row.conversation, mark(row.conversation, inside), Markup(inside))  # noqa: S704  (a template made it)
            self._kept[key] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found


def mark(*parts: object) -> str:
    """A short hash of some texts."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=_MARK_BYTES).digest()
    return base64.urlsafe_b64encode(digest).decode()


def had(header: str | None) -> tuple[str, frozenset[str]]:
    """The version and the marks that a page says it has."""
    version, *marks = (header or "").split(",")[: _MOST_MARKS + 1]
    return version, frozenset(marks)


def version(rows: Iterable[Drawn], *others: object) -> str:
    """The mark of a whole list."""
    return mark([row.mark for row in rows], *others)


def _looks(row: QueueRow) -> Hashable:
    choice = row.choice
    said = choice and (
        choice.suggested,
        choice.elsewhere,
        tuple(tuple(reason.items()) for reason in choice.reasons if reason["code"] not in OF_ORDER),
    )
    return (
        row.conversation, row.status, row.reason, row.language, row.client, row.agent_id,
        row.agent, row.waited, row.last_text, row.last_author, row.last_at, row.unread, said,
    )  # fmt: skip

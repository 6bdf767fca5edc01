"""What an agent is told of a request that cannot be read: which field, and what it may hold.

FastAPI looks at a request before any route learns who sent it, so the language is found here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request

from bot.channels.errors import field_of
from bot.db import Database
from bot.desk.access import COOKIE, desk_locale
from bot.handoff import agents
from bot.languages import formats
from bot.languages.say import say

DESK_PATHS = ("/api/desk", "/desk")
_MOST = 3  # faults that one message tells; `fields` names more
_NO_JSON = "json_invalid"  # its place is that of a character
# By the last part of pydantic's names for them.
_TEXTS: Final[Mapping[str, str]] = {
    "missing": "missing",
    "not_allowed": "missing",  # null
    "const": "choice",
    "enum": "choice",
    "integer": "whole",
    "not_ge": "least",
    "not_le": "most",
    "max_length": "longest",
    "min_length": "empty",
    "min_items": "empty",
    "max_items": "many",
    "unique_items": "twice",
    "bool": "choice",
    "strictbool": "choice",
    "date": "day",
    "str": "text",
    "extra": "unknown",
}


class AgentReads:
    """The readers of the desk: agents, in the language each has chosen."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def locale(self, request: Request) -> str:
        """The language of who is signed in, else the browser's."""
        chosen, token = None, request.cookies.get(COOKIE)
        if token:
            async with self._db.reading() as session:
                found = await agents.signed_in(session, token)
            chosen = found[0].locale if found else None
        return desk_locale(request, chosen)

    def unreadable(self, faults: Sequence[Mapping[str, Any]], locale: str) -> str | None:
        """The first faults in words; None where no field is to blame, but the whole request."""
        named = [fault for fault in faults if field_of(fault["loc"]) and fault["type"] != _NO_JSON]
        told = [_told(fault, locale) for fault in named]
        if not told:
            return None
        return say("desk.unreadable.told", locale, faults="; ".join(dict.fromkeys(told[:_MOST])))


def _told(fault: Mapping[str, Any], locale: str) -> str:
    found = fault.get("ctx", {})
    choices = found.get("permitted", found.get("enum_values", ("true", "false")))
    limit = found.get("limit_value", "")
    return say(
        f"desk.unreadable.{_TEXTS.get(fault['type'].rpartition('.')[2], 'form')}",
        locale,
        field=field_of(fault["loc"]),
        choices=formats.listed([str(each) for each in choices if each], locale),
        limit=formats.number(limit, locale) if isinstance(limit, int | float) else str(limit),
    )

"""What an agent is told of a request that cannot be read: which field, and what it may hold."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.channels.errors import field_of
from bot.languages import formats
from bot.languages.say import say

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


def faults_in_words(
    faults: Sequence[Mapping[str, Any]], locale: str, *, page: bool = False
) -> list[str]:
    """The first of pydantic's faults; none where no field is to blame, but the whole request.

    Args:
        page: whether who reads it has opened a page, and knows nothing of any API.
    """
    named = [fault for fault in faults if field_of(fault["loc"]) and fault["type"] != _NO_JSON]
    return list(dict.fromkeys(_told(fault, locale, page) for fault in named[:_MOST]))


def _told(fault: Mapping[str, Any], locale: str, page: bool) -> str:
    found = fault.get("ctx", {})
    choices = found.get("permitted", found.get("enum_values", ("true", "false")))
    limit = found.get("limit_value", "")
    text = _TEXTS.get(fault["type"].rpartition(".")[2], "value" if page else "form")
    return say(
        f"desk.unreadable.{text}",
        locale,
        field=field_of(fault["loc"]),
        choices=formats.listed([str(each) for each in choices if each], locale),
        limit=formats.number(limit, locale) if isinstance(limit, int | float) else str(limit),
    )

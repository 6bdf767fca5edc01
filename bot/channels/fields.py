"""Text as programs send it: the base of the fields in the doors' bodies."""

import re

from pydantic import ConstrainedStr

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Text(ConstrainedStr):
    """Text as a JSON string, never another type made into one; no NUL, no lone surrogate.

    Limits are set by subclassing: a limit given to `Field` would make a plain type of it.
    """

    strict = True

    @classmethod
    def validate(cls, value: str) -> str:
        """See `ConstrainedStr`; `bot.channels.errors` looks for `bad_text`."""
        value = super().validate(value)
        if _UNSTORABLE.search(value):
            raise ValueError("bad_text: holds what no database can")
        return value

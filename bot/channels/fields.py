"""What the bodies of all doors are made of: text as programs send it, and honest descriptions."""

import re
from typing import Any

from pydantic import BaseModel, ConstrainedStr

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


class Described(BaseModel):
    """A body whose description says which of its fields may be null."""

    class Config:
        @staticmethod
        def schema_extra(schema: dict[str, Any], model: type[BaseModel]) -> None:
            """pydantic 1 leaves out of a schema that a field may be null."""
            for name, field in model.__fields__.items():
                if field.allow_none:
                    about = schema["properties"][name]
                    schema["properties"][name] = {"anyOf": [about, {"type": "null"}]}

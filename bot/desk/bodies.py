"""What the desk's API takes and gives: shapes, lengths, and text that every database can hold."""

import re
from typing import Any, Literal

from pydantic import BaseModel, Extra, Field, validator

from bot.channels.contract import MAX_TEXT

HEX_ID = r"^[0-9a-f]{32}$"
"""The form of our own identifiers."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value.replace("\0", ""))
    if isinstance(value, list):
        return [_storable(one) for one in value]
    return value


class _Body(BaseModel):
    class Config:
        extra = Extra.forbid

    @validator("*", pre=True)
    def _without_what_no_database_holds(cls, value: Any) -> Any:
        return _storable(value)


class Login(_Body):
    """An agent signs in."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)


class Welcome(_Body):
    """The first account of an installation."""

    code: str = Field(max_length=100)
    email: str = Field(max_length=254)
    name: str = Field(max_length=120)
    password: str = Field(max_length=1000)
    languages: list[str] = Field(default_factory=list, max_items=40)


class Me(_Body):
    """What an agent says of themselves."""

    present: bool | None = None
    locale: str | None = Field(None, max_length=35)


class NewMessage(_Body):
    """An agent's message; `id` is the desk's own and makes a repeated send one message."""

    id: str = Field(regex=r"^[A-Za-z0-9_.:-]{1,64}$")
    text: str = Field(max_length=MAX_TEXT)


class Note(_Body):
    """A private note."""

    text: str = Field(min_length=1, max_length=MAX_TEXT)


class Transfer(_Body):
    """Where a conversation goes: queue, bot, or an agent's id."""

    to: str = Field(regex=r"^(queue|bot|[0-9a-f]{32})$")
    note: str = Field("", max_length=MAX_TEXT)


class Session(BaseModel):
    """A fresh session: the token that every write carries in X-CSRF-Token."""

    csrf: str
    agent: dict[str, Any]


class Sent(BaseModel):
    """Where a message stands in the log."""

    seq: int
    id: str


class Done(BaseModel):
    """It is done; `status` is the handoff's state now."""

    status: str
    conversation: str | None = None


class FollowUpState(BaseModel):
    """A follow-up after a change."""

    status: Literal["open", "done"]

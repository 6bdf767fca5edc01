"""What clients send and get back, as types: the source of the OpenAPI description."""

import datetime as dt
import re
import zoneinfo
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, Extra, Field, root_validator
from pydantic.errors import DictError

from bot.channels.fields import Described, Text


class _Id(Text):
    """An identifier the client chose."""

    regex = re.compile(r"^[A-Za-z0-9_-]{1,64}\Z")


class _FileId(Text):
    """The id that a file got when it was brought."""

    regex = re.compile(r"^[0-9a-f]{32}\Z")


class _Visitor(Text):
    """A random value the browser keeps; long enough not to be met by accident."""

    regex = re.compile(r"^[A-Za-z0-9_-]{16,64}\Z")


class _Tag(Text):
    """A BCP 47 language tag."""

    regex = re.compile(r"^[A-Za-z0-9]{1,8}([-_][A-Za-z0-9]{1,8}){0,6}\Z")
    max_length = 35


class _Zone(Text):
    max_length = 60


class _Payload(Text):
    max_length = 200


class _Token(Text):
    max_length = 4096


class _Page(Text):
    """The address of the page the chat is on; web addresses only, as agents will click it."""

    regex = re.compile(r"^https?://\S+\Z")
    max_length = 500


class _Email(Text):
    max_length = 200
    regex = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+\Z")

    @classmethod
    def validate(cls, value: str) -> "_Email":
        return cls(super().validate(value).lower())


class _Phone(Text):
    """A telephone number with its country's code."""

    regex = re.compile(r"^\+[1-9][0-9 ()-]{6,20}\Z")

    @classmethod
    def validate(cls, value: str) -> "_Phone":
        return cls(re.sub(r"\D", "", super().validate(value)))


class _Body(Described):
    class Config:
        extra = Extra.forbid

    @classmethod
    def validate(cls, value: Any) -> "_Body":
        # pydantic 1 makes an object of an empty list.
        if not isinstance(value, dict):
            raise DictError
        return cls(**value)


class NewConversation(_Body):
    """A request for a conversation. A locale or time zone we do not know is left aside."""

    request_id: _Id | None = Field(
        None, description="random; repeat the whole request with it when the answer was lost"
    )
    visitor: _Visitor | None = Field(None, description="random value that this browser keeps")
    locale: _Tag | None = Field(None, description="BCP 47, else Accept-Language")
    time_zone: _Zone | None = Field(None, description="IANA name")
    page: _Page | None = None


class NewMessage(_Body):
    """A client's message: `text`, `attachments` or both, or the `payload` of a button they saw."""

    id: _Id = Field(description="the sender's own; a repeated one is the same message")
    text: Text | None = None
    payload: _Payload | None = None
    attachments: list[_FileId] = Field(
        default_factory=list, max_items=5, unique_items=True, description="ids of brought files"
    )

    @root_validator(skip_on_failure=True)
    def _one_of_both(cls, values: dict[str, Any]) -> dict[str, Any]:
        given = (values["text"], values["payload"])
        if values["attachments"] and values["payload"] is None:
            return values
        if (given[0] is None) == (given[1] is None) or values["attachments"]:
            raise ValueError("give either text or payload; attachments go alone or with text")
        return values


class Change(_Body):
    """What a client may change of their conversation."""

    locale: _Tag | None = None
    time_zone: _Zone | None = None


class ReadUpTo(_Body):
    """The newest message that was on the client's screen."""

    seq: int = Field(ge=0, le=2**31 - 1)


class Identification(_Body):
    """A JWT signed with the widget's secret."""

    token: _Token


class Link(_Body):
    """Where else the client says to be: an address a code is sent to. Without: a code to show."""

    channel: Literal["whatsapp", "email"] | None = None
    address: _Email | _Phone | None = None

    @root_validator(skip_on_failure=True)
    def _belong_together(cls, values: dict[str, Any]) -> dict[str, Any]:
        channel, address = values["channel"], values["address"]
        fits = {
            "whatsapp": isinstance(address, _Phone),
            "email": isinstance(address, _Email),
            None: address is None,
        }
        if not fits[channel]:
            raise ValueError("an address must be of its channel")
        return values


class Linking(Described):
    """A code that the client writes in their other chat; none where it was sent there."""

    code: str | None
    minutes: int


class Opened(Described):
    """A conversation and the bearer token that alone opens it."""

    conversation: str
    token: str


class Received(Described):
    """The message is in the log at `seq`."""

    seq: int
    id: str


class Settled(Described):
    """What a change led to."""

    locale: str
    time_zone: str | None


class Button(Described):
    """A choice; `payload` is opaque and goes back as it came."""

    title: str
    payload: str


class Original(Described):
    """What an agent wrote before it was translated."""

    text: str
    language: str


class ShownFile(Described):
    """A picture or a PDF; `size` in bytes, `width` and `height` of a picture in pixels."""

    id: str
    name: str
    kind: str
    size: int
    width: int | None
    height: int | None


class ShownMessage(Described):
    """A message as its reader sees it.

    `original` is there when a machine translated it; `untranslated` when that failed, and it is in
    a language that is not the conversation's. `html` is sanitised and there for what the assistant
    writes; `button` is the payload a client's message came from; `layout: rating` asks for the
    buttons as one equal row.
    """

    seq: int
    id: str
    author: Literal["client", "bot", "agent", "system"]
    text: str
    html: str | None
    language: str | None
    buttons: list[Button]
    button: str | None
    layout: str | None
    article: str | None
    name: str | None
    original: Original | None = None
    untranslated: bool = False
    attachments: list[ShownFile] = Field([])
    created_at: dt.datetime


class State(Described):
    """How the conversation stands. `agent` is a name to show, never an id.

    `waiting` is place and expected wait in a few words, while somebody is waited for.
    """

    owner: Literal["bot", "queue", "agent"]
    agent: str | None
    composing: bool
    locale: str
    waiting: str | None = None


class History(State):
    """Messages after a number, oldest first; `more` when there are others after these."""

    messages: list[ShownMessage]
    more: bool


class Fault(BaseModel):
    """What was wrong: `code` for programs, `message` for the reader, `fields` where it is."""

    code: str
    message: str
    fields: list[str] = []


class Refusal(BaseModel):
    """How every request that is refused is answered."""

    error: Fault


def known_zone(name: str | None) -> str | None:
    """The IANA name if this machine knows it, else None."""
    return name if name in _zones() else None


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())

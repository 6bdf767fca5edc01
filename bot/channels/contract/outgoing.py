"""What goes out: one message to a client, and why it may have to wait or never arrives."""

import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Literal

from bot.db import JsonDict

State = Literal["waiting", "sent", "delivered", "read", "failed"]
Reason = Literal["blocked", "gone", "window", "refused", "unreachable", "fault", "expired", "file"]
"""Why a message never arrives: the client has blocked us, their address is gone, the platform's
messaging window is over, it refuses what we send, it could not be reached for a day, something
is wrong here, it was too old to send once the channel was on again, or the file beside it cannot
be sent from here."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """A button: `title` is shown, `payload` comes back."""

    title: str
    payload: str


@dataclasses.dataclass(frozen=True)
class Attached:
    """A file that goes with a message. `kind` is its media type, `size` in bytes, `width` and
    `height` of a picture in pixels; `read` gives its content, when it is sent."""

    name: str
    kind: str
    size: int
    read: Callable[[], Awaitable[bytes]] = dataclasses.field(repr=False, compare=False)
    width: int | None = None
    height: int | None = None


@dataclasses.dataclass(frozen=True)
class Heard:
    """The client's latest message: when it came, its id there, and what its channel kept."""

    at: dt.datetime
    id: str
    via: JsonDict


@dataclasses.dataclass(frozen=True)
class Outgoing:
    """One message to a client.

    `id` is ours and stays the same at every attempt. `markdown` where the text is the
    assistant's; what people and the system say is plain. `name` is the agent's who wrote it.
    `rating` when the choices are scores from 1 up. `files` are only such as the channel's limits
    say it sends; beside them `text` may be empty. `language` is what the choices and any words of
    the channel itself are in.
    """

    id: str
    conversation: str
    address: str
    text: str
    language: str
    markdown: bool = False
    author: str = "bot"
    name: str | None = None
    choices: tuple[Choice, ...] = ()
    rating: bool = False
    files: tuple[Attached, ...] = ()
    heard: Heard | None = None


class Later(Exception):
    """Not now: the platform is busy, limits us or cannot be reached. The same is sent again.

    `after` is how many seconds it asks for, None if it does not say.
    """

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class Never(Exception):
    """This message will not arrive, however often it is sent; `reason` is told at the desk."""

    def __init__(self, reason: Reason, why: str = "") -> None:
        super().__init__(why or reason)
        self.reason = reason

"""The two sides themselves: the flow's door, and a channel, which is called or fetches."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.channels.contract.inbound import Update
from bot.channels.contract.limits import Limits
from bot.channels.contract.outgoing import Outgoing
from bot.db import JsonDict


class Door(Protocol):
    """The flow's side of every channel."""

    async def take(self, channel: "Channel", update: Update) -> bool:
        """Write down what a channel heard; whether it was new.

        Raises:
            ApiError: 429, this sender writes too much, and the channel's callers can be told so.
        """
        ...

    async def mine(self, channel: "Channel", seconds: float) -> bool:
        """Whether this process is the one that fetches for a channel, for as many seconds.

        Asked again before they are over it stays the one; so several processes take turns only
        when one stops.
        """
        ...

    async def recall(self, channel: "Channel") -> JsonDict:
        """What a channel remembered last: how far it has fetched. Empty at first."""
        ...

    async def remember(self, channel: "Channel", state: JsonDict) -> None:
        """Remember how far a channel has fetched, for after a restart."""
        ...

    async def whose(self, channel: "Channel", id: str) -> str | None:
        """The address of the client who was sent the message that `send` called `id`."""
        ...


# Inwards over HTTP.


@dataclasses.dataclass(frozen=True)
class Hook:
    """A request at a channel's door, before anything of it is believed.

    Header names are lower case. `at` is when it came, in seconds since 1970.
    """

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]
    at: float


class Unverified(Exception):
    """The request is not the platform's, or too old to be believed again."""


class Unreadable(Exception):
    """The platform's request, but not in a form it documents."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the platform is told. `content` is JSON, or text as it stands."""

    content: JsonDict | str | None = None
    status: int = 200


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing `setu channels check` looked at; `advice` says what to do when it is not well."""

    ok: bool
    what: str
    advice: str = ""


class Channel(Protocol):
    """A platform. One instance a process; `configured` of its module makes it from the settings."""

    name: str
    limits: Limits

    def render(self, message: Outgoing) -> Sequence[JsonDict]:
        """The requests that carry a message, in order. Pure: an interrupted one is gone on with.

        Raises:
            Never: it cannot be said here.
        """
        ...

    async def send(self, message: Outgoing, part: JsonDict) -> str:
        """Send one part; gives the platform's id of it ("" where it has none).

        Raises:
            Later, Never: see there.
        """
        ...

    async def check(self, address: str) -> Sequence[Finding]:
        """Ask the platform whether all is well; `address` is where clients reach this instance."""
        ...

    async def register(self, address: str) -> Sequence[Finding]:
        """Set up at the platform what can be set up from here."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


class Hooked(Channel, Protocol):
    """A channel whose platform calls us, at `/api/channels/<name>`.

    `pushes_back`: whoever calls can be told to come again later (429). Platforms cannot: they
    would hold everybody's messages back.
    """

    pushes_back: bool

    def verify(self, hook: Hook) -> None:
        """Believe a request or not, in constant time, before its body is parsed.

        Raises:
            Unverified: see there.
        """
        ...

    def parse(self, hook: Hook) -> Sequence[Update]:
        """What a verified request tells; kinds nobody needs are left out.

        Raises:
            Unreadable: see there.
        """
        ...

    def answer(self, hook: Hook) -> Answer:
        """What a verified request is answered once all it told is in the log."""
        ...

    def handshake(self, hook: Hook) -> Answer:
        """The answer to a GET, with which some platforms make sure the address is ours.

        Raises:
            Unverified: it is nobody's we know.
        """
        ...


class Fetching(Channel, Protocol):
    """A channel whose platform keeps what clients send until it is asked for it."""

    async def fetch(self, at: JsonDict, most: int) -> bytes:
        """The content of a `Remote`, of `most` bytes or fewer. From the platform's own host only.

        Raises:
            Later, Never: see there; it is tried again, or the client is told.
            files.Unfit: it is too large.
        """
        ...


class Pulled(Channel, Protocol):
    """A channel that fetches what came, instead of being called."""

    async def pull(self, door: Door) -> None:
        """Fetch and hand over until cancelled."""
        ...

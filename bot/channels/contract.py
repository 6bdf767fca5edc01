"""What every channel and the flow agree on.

Inwards a channel verifies, parses and hands over what it heard as values (`Said`, `Edited`, …);
the flow's `Door` finds the conversation and gives the message to the inbox. When `take` returns,
the message is in the log: nothing is lost after that, and only then may a platform be told 200.

Outwards the flow gives a channel one `Outgoing` at a time, in order within a conversation. The
channel renders it into the requests its platform takes, and sends one of them when asked.
docs/add-a-channel.md walks through a whole one.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from bot.db import JsonDict

MAX_TEXT = 4000
"""Characters a client's message may have where a form can say so; longer ones are refused."""

LONGEST = 20_000
"""Characters kept of a message that comes from a platform: nobody there could be told in time."""

Media = Literal["photo", "voice", "video", "file", "location", "contact", "other"]
State = Literal["waiting", "sent", "delivered", "read", "failed"]
Reason = Literal["blocked", "gone", "window", "refused", "unreachable", "fault", "expired", "file"]
"""Why a message never arrives: the client has blocked us, their address is gone, the platform's
messaging window is over, it refuses what we send, it could not be reached for a day, something
is wrong here, it was too old to send once the channel was on again, or the file beside it cannot
be sent from here."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a platform takes, as data.

    `text` is what one message may hold, in `unit`; `buttons` how many choices it shows by itself
    (none: they are numbered in the text), each with a title of at most `title` characters.
    `per_second` is how many messages all clients together may be sent, `every` how many seconds
    one client is given between two. `window`: how long after the client's last message we may
    write freely.
    """

    text: int
    unit: Literal["characters", "utf-16", "bytes"] = "characters"
    buttons: int = 0
    title: int = 0
    per_second: float = 20.0
    every: float = 0.0
    window: dt.timedelta | None = None

    def size(self, text: str) -> int:
        """How much of `text` a message would be filled with."""
        if self.unit == "characters":
            return len(text)
        if self.unit == "bytes":
            return len(text.encode())
        return len(text.encode("utf-16-le")) // 2

    def numbered(self, titles: Sequence[str]) -> bool:
        """Whether choices are given as numbers to type, as these cannot be buttons here."""
        return len(titles) > self.buttons or any(len(title) > self.title for title in titles)


@dataclasses.dataclass(frozen=True)
class Inbound:
    """One client message. Exactly one of `text`, `payload` (a button's opaque id), and `media` or
    `files` without a caption is given; a caption comes as `text` beside them.

    `media` names what we could not fetch, `files` are the ids of what we keep already
    (`bot.conversations.files`).

    `id` is the sender's own, unique per conversation: a repeated one is the same message.
    `via` is what the channel will need to answer it; `limits` those of the channel it came by,
    None for the widget. `proven`: see `Said`.
    """

    conversation: str
    id: str
    text: str | None = None
    payload: str | None = None
    media: Media | None = None
    files: tuple[str, ...] = ()
    via: JsonDict | None = None
    limits: Limits | None = None
    proven: bool = True


@dataclasses.dataclass(frozen=True)
class Accepted:
    """The message stands in the log at `seq`; `repeated` when it already did."""

    seq: int
    repeated: bool


class Refused(Exception):
    """The inbox does not take a message.

    `code` is also the string key `error.<code>` that tells the client, in their language, what
    to do: empty, too_long, unknown_payload, id_taken, file_gone or file_many.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Inbox(Protocol):
    """Where channels bring client messages."""

    async def accept(self, message: Inbound) -> Accepted:
        """Deduplicate, judge the language, append to the log.

        Raises:
            Refused: the message cannot be taken; nothing was written.
            UnknownConversation: there is no such conversation.
        """
        ...


# What a platform may tell us, whatever it calls it.


@dataclasses.dataclass(frozen=True)
class Enclosed:
    """A file that came with a message, as it came."""

    name: str
    content: bytes


@dataclasses.dataclass(frozen=True)
class Said:
    """A client wrote, pressed a button (`payload`) or sent a thing (`media`).

    `address` is where to answer; one address is one conversation. `id` is the platform's own of
    the message, the same whenever it repeats it. `language` (BCP 47) and `name` are what the
    platform knows of the person; they are a prior and a default, no more. `number` is the running
    number of this address's messages from 1, where the platform counts them: one that arrives
    early waits a moment for those before it. `identity` is a token in which the shop vouches for
    who the client is, as the widget's does. `files` are looked at, cleaned and kept like those of
    the widget, as far as they are of a kind we take. `proven` is false where the platform lets
    anybody write under any address: nothing may follow from who they seem to be.
    """

    address: str
    id: str
    text: str | None = None
    payload: str | None = None
    media: Media | None = None
    name: str | None = None
    language: str | None = None
    time_zone: str | None = None
    number: int | None = None
    identity: str | None = None
    via: JsonDict | None = None
    files: tuple[Enclosed, ...] = ()
    proven: bool = True


@dataclasses.dataclass(frozen=True)
class Edited:
    """A client changed what they had written. `version` tells one edit from the next."""

    address: str
    id: str
    text: str
    version: str


@dataclasses.dataclass(frozen=True)
class Deleted:
    """A client took back what they had written."""

    address: str
    id: str


@dataclasses.dataclass(frozen=True)
class Receipt:
    """What became of a message we sent; `id` is what `Channel.send` gave for its last part."""

    id: str
    state: State
    reason: Reason | None = None


@dataclasses.dataclass(frozen=True)
class Left:
    """A client blocked us or closed their account: nothing that waits will reach them."""

    address: str
    reason: Reason = "blocked"


@dataclasses.dataclass(frozen=True)
class Noted:
    """Something came from a client's address that no person wrote (an out-of-office mail).

    People see it at the desk, where there is a conversation with that address. It is answered by
    nobody, as answers to machines make loops.
    """

    address: str
    id: str
    text: str


Update = Said | Edited | Deleted | Receipt | Left | Noted


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


# Outwards.


@dataclasses.dataclass(frozen=True)
class Choice:
    """A button: `title` is shown, `payload` comes back."""

    title: str
    payload: str


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
    `rating` when the choices are scores from 1 up, `files` when some stand beside the text.
    `language` is what the choices and any words of the channel itself are in.
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
    files: bool = False
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


class Pulled(Channel, Protocol):
    """A channel that fetches what came, instead of being called."""

    async def pull(self, door: Door) -> None:
        """Fetch and hand over until cancelled."""
        ...

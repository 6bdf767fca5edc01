"""What comes in: what a platform tells, as values, and how the flow takes a client's message."""

import dataclasses
from typing import Literal, Protocol

from bot.channels.contract.limits import Limits
from bot.channels.contract.outgoing import Reason, State
from bot.db import JsonDict

Media = Literal["photo", "voice", "video", "file", "location", "contact", "other"]


@dataclasses.dataclass(frozen=True)
class Remote:
    """A file that is still at the platform. `at` is what the channel's `fetch` finds it by; it is
    kept until then, so no secrets. `kind` (a media type) and `size` are what the platform says."""

    at: JsonDict
    name: str = ""
    kind: str | None = None
    size: int | None = None


@dataclasses.dataclass(frozen=True)
class Inbound:
    """One client message. Exactly one of `text`, `payload` (a button's opaque id), and `media` or
    `files` without a caption is given; a caption comes as `text` beside them.

    `media` names what is no text, `files` are the ids of what we keep already
    (`bot.conversations.files`), `remote` what is fetched once the message stands in the log.

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
    remote: tuple[Remote, ...] = ()
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
    the widget, as far as they are of a kind we take; `remote` the same for what has to be fetched
    (then `media` says what it is). `proven` is false where the platform lets
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
    remote: tuple[Remote, ...] = ()
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

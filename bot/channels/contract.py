"""What every channel and the flow agree on.

A channel verifies and parses, then gives each client message to the inbox. The inbox has it in
the log when `accept` returns: nothing is lost after that.
"""

import dataclasses
from typing import Protocol

MAX_TEXT = 4000
"""Characters a client's message may have; longer ones are refused with a clear error."""


@dataclasses.dataclass(frozen=True)
class Inbound:
    """One client message. Exactly one of `text` and `payload` (a button's opaque id) is given.

    `id` is the sender's own, unique per conversation: a repeated one is the same message.
    """

    conversation: str
    id: str
    text: str | None = None
    payload: str | None = None


@dataclasses.dataclass(frozen=True)
class Accepted:
    """The message stands in the log at `seq`; `repeated` when it already did."""

    seq: int
    repeated: bool


class Refused(Exception):
    """The inbox does not take a message.

    `code` is also the string key `error.<code>` that tells the client, in their language, what
    to do: empty, too_long, unknown_payload or id_taken.
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

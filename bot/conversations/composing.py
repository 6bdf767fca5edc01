"""Who is typing right now. Ephemeral: never logged, forgotten after a few seconds."""

import time
from collections.abc import Callable

_SECONDS = 6.0


class Composing:
    """Typing states, as this process knows them; `relay` tells the others."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        self.relay: Callable[[str, str, bool], None] | None = None

    def mark(self, conversation: str, author: str) -> None:
        """`author` ("client" or "agent") typed in the conversation just now."""
        self.heard(conversation, author, True)
        if self.relay is not None:
            self.relay(conversation, author, True)

    def stop(self, conversation: str, author: str) -> None:
        """`author` has sent what they were typing."""
        if self.active(conversation, author) and self.relay is not None:
            self.relay(conversation, author, False)
        self.heard(conversation, author, False)

    def heard(self, conversation: str, author: str, typing: bool) -> None:
        """What is known here, without telling others."""
        moment = time.monotonic()
        for key in [key for key, until in self._until.items() if until < moment]:
            del self._until[key]
        if typing:
            self._until[conversation, author] = moment + _SECONDS
        else:
            self._until.pop((conversation, author), None)

    def active(self, conversation: str, author: str) -> bool:
        """Whether `author` typed within the last few seconds."""
        return self._until.get((conversation, author), 0.0) > time.monotonic()

"""Who is typing right now. Ephemeral: never logged, forgotten after a few seconds."""

import time

_SECONDS = 6.0


class Composing:
    """Typing states of one process."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def mark(self, conversation: str, author: str) -> None:
        """`author` ("client" or "agent") typed in the conversation just now."""
        moment = time.monotonic()
        for key in [key for key, until in self._until.items() if until < moment]:
            del self._until[key]
        self._until[conversation, author] = moment + _SECONDS

    def stop(self, conversation: str, author: str) -> None:
        """`author` has sent what they were typing."""
        self._until.pop((conversation, author), None)

    def active(self, conversation: str, author: str) -> bool:
        """Whether `author` typed within the last few seconds."""
        return self._until.get((conversation, author), 0.0) > time.monotonic()

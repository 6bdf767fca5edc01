"""Wake-ups: a hint that something new may be in the database.

Only a hint: whoever waits must look in the database, and look again after a while even when
nobody woke it. Other processes hear it where `bot.conversations.relay` carries it to them.
"""

import asyncio
import collections
import contextlib
from collections.abc import Callable, Iterator

DESK = "desk"


def conversation_topic(conversation: str) -> str:
    """The topic on which a conversation's readers wait."""
    return f"conversation:{conversation}"


class Wake:
    """Topics and the tasks that wait on them. For one event loop."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = collections.defaultdict(set)
        self.relay: Callable[[tuple[str, ...]], None] | None = None

    def call(self, *topics: str) -> None:
        """Wake everybody who listens to one of the topics, in other processes too."""
        self.here(*topics)
        if self.relay is not None and topics:
            self.relay(topics)

    def here(self, *topics: str) -> None:
        """Wake those in this process."""
        for topic in topics:
            for event in self._waiting.get(topic, ()):
                event.set()

    @contextlib.contextmanager
    def listen(self, *topics: str) -> Iterator[asyncio.Event]:
        """An event that is set by each call of one of the topics while the block runs.

        Clear it before looking in the database, so that no call is missed in between.
        """
        event = asyncio.Event()
        for topic in topics:
            self._waiting[topic].add(event)
        try:
            yield event
        finally:
            for topic in topics:
                self._waiting[topic].discard(event)
                if not self._waiting[topic]:
                    del self._waiting[topic]

"""How fast a platform is sent to, and how long one that failed is left alone."""

import asyncio
import random
import time

_LONGEST_WAIT = 600.0  # seconds between two attempts


class Pace:
    """Spaces the messages of one channel, in this process."""

    def __init__(self, per_second: float) -> None:
        self._between = 1 / per_second
        self._free_at = 0.0

    def hold(self, seconds: float) -> None:
        """Send nothing for a while."""
        self._free_at = max(self._free_at, time.monotonic() + seconds)

    async def turn(self) -> None:
        """Wait for one's turn."""
        at = max(time.monotonic(), self._free_at)
        self._free_at = at + self._between
        await asyncio.sleep(max(0.0, at - time.monotonic()))


def backoff(attempts: int, asked: float | None) -> float:
    """Seconds until the next attempt: what was asked for, else doubling from one, with jitter."""
    doubled = min(_LONGEST_WAIT, 2.0 ** min(attempts - 1, 12)) * random.uniform(0.75, 1.25)
    return doubled if asked is None else max(asked, 0.1) + random.uniform(0, 0.5)

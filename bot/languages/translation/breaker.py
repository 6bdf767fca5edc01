"""A circuit breaker: a service that keeps failing is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

FAILURES: Final = 5
REST: Final = 30.0
_LONGEST: Final = 600.0  # seconds; a service that asks for more is asked again all the same


class Breaker:
    """Counts failures in a row. After `failures` of them, one call each `rest` seconds may try.

    Args:
        clock: seconds, only ever growing.
    """

    def __init__(
        self,
        failures: int = FAILURES,
        rest: float = REST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._rest = rest
        self._clock = clock
        self._failed = 0
        self._closed_until = 0.0

    def allows(self) -> bool:
        """Whether a call may go out. Of those who ask after a rest, the first may."""
        moment = self._clock()
        if moment < self._closed_until:
            return False
        if self._failed >= self._most:
            self._closed_until = moment + self._rest
        return True

    def succeeded(self) -> None:
        """A call was answered."""
        self._failed = 0
        self._closed_until = 0.0

    def failed(self) -> None:
        """A call was not."""
        self._failed += 1
        if self._failed >= self._most:
            self._closed_until = max(self._closed_until, self._clock() + self._rest)

    def pause(self, seconds: float) -> None:
        """The service asked to be left alone."""
        until = self._clock() + min(seconds, _LONGEST)
        self._closed_until = max(self._closed_until, until)

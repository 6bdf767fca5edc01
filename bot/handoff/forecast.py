"""How long until a place in the queue is reached, as a range: a small simulation.

With F places free among the agents on duty, the client at place p ≤ F is taken by a free agent:
the range is that of the times recent clients in that position waited. Otherwise p - F
conversations must end first. Each of the c places held is a renewal process with the lengths of
recent conversations; the first end comes after the stationary residual life, a length drawn in
proportion to itself times a uniform number (D. R. Cox, Renewal Theory, 1962, ch. 5), because what
is under way now is more likely one of the long ones. The wait is the time of the (p - F)th end.

The range goes from the 20th to the 80th percentile: three clients of five fall inside, and who
does not is as often early as late. Draws are seeded, so that the same queue says the same.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

LOW, HIGH = 20, 80  # percentiles
ENOUGH = 5
"""Conversations of experience below which nothing is said rather than guessed."""

Times = npt.NDArray[np.float64]

_RUNS = 400
_MOST = 300  # ends looked ahead for; further back in the queue no figure means anything


@dataclasses.dataclass(frozen=True)
class Load:
    """The queue's state: places of the agents on duty, how many are free, recent minutes."""

    places: int
    free: int
    pickups: tuple[float, ...] = ()
    lengths: tuple[float, ...] = ()


@dataclasses.dataclass(frozen=True)
class Range:
    """Minutes, low ≤ high."""

    low: float
    high: float


class Forecast:
    """Ranges for every place of one queue, from one simulation."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._ends: Times | None = None

    @property
    def attended(self) -> bool:
        """Whether anybody is on duty."""
        return self._load.places > 0

    def at(self, position: int) -> Range | None:
        """The wait at a place, from 1; None where nothing is known."""
        load = self._load
        if load.places < 1:
            return None
        if position <= load.free:
            return _range(load.pickups) if len(load.pickups) >= ENOUGH else None
        must_end = position - max(0, load.free)
        if len(load.lengths) < ENOUGH or must_end > _MOST:
            return None
        if self._ends is None:
            self._ends = _simulate(load.lengths, load.places)
        return _range(self._ends[:, must_end - 1])


def _range(minutes: Sequence[float] | Times) -> Range:
    low, high = np.percentile(np.asarray(minutes), (LOW, HIGH))
    return Range(float(low), float(high))


def _simulate(lengths: Sequence[float], places: int) -> Times:
    """The times of the first `_MOST` ends in each run, in order."""
    draw = np.random.default_rng(20)
    known = np.maximum(np.asarray(lengths, dtype=float), 0.1)
    each = math.ceil(1.5 * _MOST / places) + 5  # a quick place ends more often than its share
    shape = (_RUNS, places)
    first = draw.choice(known, shape, p=known / known.sum()) * draw.random(shape)
    more = draw.choice(known, (*shape, each))
    ends = np.cumsum(np.concatenate([first[..., None], more], axis=2), axis=2)
    sorted_ends: Times = np.sort(ends.reshape(_RUNS, -1), axis=1)[:, :_MOST]
    return sorted_ends


def sayable(found: Range) -> tuple[int, int]:
    """A range as people say it: outwards to minutes until five, then to fives, tens, half hours."""
    low = max(1, _step(found.low, math.floor))
    return low, max(low, _step(found.high, math.ceil))


def _step(minutes: float, whole: Callable[[float], int]) -> int:
    step = 1 if minutes <= 5 else 5 if minutes <= 30 else 10 if minutes <= 60 else 30
    return whole(minutes / step) * step

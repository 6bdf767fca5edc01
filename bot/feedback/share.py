"""A share of so many, said no more exactly than its number allows."""

import dataclasses
import math

ENOUGH = 10
"""Answers below which no percentage is given: the interval of nine is more than fifty points wide,
so that their 44 % and 78 % may be the same finding."""

_Z = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


@dataclasses.dataclass(frozen=True)
class Share:
    """`count` of `of`."""

    count: int
    of: int

    @property
    def percent(self) -> float | None:
        """The share in per cent; None of nothing."""
        return 100 * self.count / self.of if self.of else None

    @property
    def enough(self) -> bool:
        """Whether there are enough of them for a percentage to mean something."""
        return self.of >= ENOUGH

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true share lies with 95 % probability, in per cent; None of nothing.

        E. B. Wilson's score interval (JASA 22, 1927): unlike the usual one it stays within 0 to
        100 and says something sensible of few, and of none or all.
        """
        if not self.of:
            return None
        n, share, square = self.of, self.count / self.of, _Z * _Z
        middle = (share + square / (2 * n)) / (1 + square / n)
        half = _Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
        return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)

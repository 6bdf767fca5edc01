"""The arithmetic of the table: medians with their spread, ratios by round, what a target asks."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table


@dataclass(frozen=True)
class Spread:
    """A median over rounds, with the lowest and the highest round."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Target:
    """What docs/benchmarks.md promises: a limit for the ratio, or for our own figure."""

    limit: float
    of: str = "ratio"
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Does this figure reach the target?"""
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True)
class Row:
    """One figure: ours and the baseline's, one value a round, taken in turn.

    Attributes:
        key: of the target, T1 and so on.
        measure: what was measured.
        unit: of the values.
        ours: one value a round.
        baseline: the same rounds of the baseline; empty where there is none.
        target: None where the figure is only told.
        others: what other programs took of the machine meanwhile, 0 to 1.
    """

    key: str
    measure: str
    unit: str
    ours: Sequence[float]
    baseline: Sequence[float] = ()
    target: Target | None = None
    others: float = 0.0

    @property
    def ratio(self) -> Spread | None:
        """Ours over the baseline's, round by round, so that a slow minute weighs on both."""
        if not self.baseline:
            return None
        return spread([a / b for a, b in zip(self.ours, self.baseline, strict=True)])

    @property
    def met(self) -> bool | None:
        """Does it reach its target? None without one."""
        if self.target is None:
            return None
        judged = self.ratio if self.target.of == "ratio" else spread(self.ours)
        return None if judged is None else self.target.met(judged.median)

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        ratio = self.ratio
        return {
            "target": self.key,
            "measure": self.measure,
            "unit": self.unit,
            "setu": vars(spread(self.ours)),
            "baseline": vars(spread(self.baseline)) if self.baseline else None,
            "ratio": vars(ratio) if ratio else None,
            "reach": vars(self.target) if self.target else None,
            "met": self.met,
            "rounds": len(self.ours),
            "others": round(self.others, 3),
        }


def spread(values: Sequence[float]) -> Spread:
    """Median, lowest and highest of at least one value."""
    return Spread(statistics.median(values), min(values), max(values))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share (0 to 1) of at least one value does not exceed: nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def table(rows: Sequence[Row]) -> Table:
    """The table that ends a run."""
    out = Table("", "measure", title="median \\[lowest, highest round]", title_justify="left")
    for heading in ("Setu", "baseline", "ratio", "reach", "others"):
        out.add_column(heading, justify="right")
    out.add_column("")
    for row in rows:
        met = {True: "[green]met", False: "[red]missed", None: ""}[row.met]
        cells = [_figure(spread(row.ours), row.unit)]
        cells.append(_figure(spread(row.baseline), row.unit) if row.baseline else "")
        cells.append(_figure(row.ratio, "×") if row.ratio else "")
        out.add_row(row.key, row.measure, *cells, _wanted(row), f"{row.others:.0%}", met)
    return out


def lines(rows: Sequence[Row]) -> str:
    """The same as JSON, one row a line."""
    return "\n".join(json.dumps(row.to_json(), ensure_ascii=False) for row in rows)


def _figure(found: Spread, unit: str) -> str:
    middle = f"{_short(found.median)} {unit}"
    if found.low == found.high:
        return middle
    return f"{middle} \\[{_short(found.low)}, {_short(found.high)}]"


def _short(value: float) -> str:
    """Three significant digits, without an exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _wanted(row: Row) -> str:
    if row.target is None:
        return ""
    sign = "≥" if row.target.at_least else "≤"
    return f"{sign} {row.target.limit:g} {'×' if row.target.of == 'ratio' else row.unit}"

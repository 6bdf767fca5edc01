"""The tables of a report, in one reader's words: what the page shows, and what a file holds.

A page rounds and leaves out percentages of too few; a file has the counts beside every share, in
plain digits, so that a spreadsheet can go on counting.
"""

import csv
import dataclasses
import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, TypeVar

from bot.desk.figures import ENDINGS, Figures
from bot.desk.figures_waiting import WAITS, Answers
from bot.desk.pages import Say
from bot.desk.wrap_up import RESOLUTIONS
from bot.feedback.share import ENOUGH, Share
from bot.feedback.summary import Summary
from bot.languages import formats
from bot.languages.locales import UnknownLocale, name_in

NAMES: Final = (
    *("endings", "resolutions", "csat_language", "csat_agent", "csat_topic"),
    *("waiting", "waits", "told", "hours", "weekdays", "topics"),
)
"""Every table, in the page's order."""

MOST_SHOWN = 20
"""Rows of a page's table; the file has them all."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNITS = {"percent": " (%)", "minutes": " (min)"}
_Raw = str | int | float | None
_Key = TypeVar("_Key", bound=str | None)
_Where = Literal["both", "page", "file"]


@dataclasses.dataclass(frozen=True)
class Column:
    """A heading, and where the column stands. `unit` is `percent` or `minutes` of a file's."""

    head: str
    where: _Where = "both"
    unit: str = ""


@dataclasses.dataclass(frozen=True)
class Cell:
    """What a page says, what a file holds, and the length of a bar in per cent, if there is one."""

    said: str
    raw: _Raw
    bar: float | None = None


@dataclasses.dataclass(frozen=True)
class Table:
    """A table; `about` explains it, `none` is said in its place where there is nothing."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    about: str = ""
    none: str = ""

    def of(self, where: _Where) -> tuple[list[Column], list[list[Cell]]]:
        """The columns and rows of a page, or of a file."""
        there = [n for n, column in enumerate(self.columns) if column.where in ("both", where)]
        return [self.columns[n] for n in there], [[row[n] for n in there] for row in self.rows]

    def file(self) -> bytes:
        """The table as CSV: UTF-8 with a mark that spreadsheets need, none of it a formula."""
        columns, rows = self.of("file")
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([_safe(f"{one.head}{_UNITS.get(one.unit, '')}") for one in columns])
        writer.writerows([[_safe(cell.raw) for cell in row] for row in rows])
        return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _safe(value: _Raw) -> _Raw:
    """A cell that no spreadsheet takes for a formula: names and topics are anybody's words."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


class Tables:
    """Draws up the tables for one reader.

    Args:
        names: of agents, by id.
        one: the figures are one agent's: there is nobody to compare, and nobody who left the queue.
    """

    def __init__(self, t: Say, found: Figures, names: Mapping[str, str], *, one: bool) -> None:
        self._t = t
        self._found = found
        self._names = names
        self._one = one

    def all(self) -> list[Table]:
        """Every table there is for this reader."""
        return [table for name in NAMES if (table := self.table(name)) is not None]

    def table(self, name: str) -> Table | None:
        """One of `NAMES`; None where there is no such table for this reader."""
        makers: dict[str, Callable[[], Table]] = {
            "endings": self._endings,
            "resolutions": self._resolutions,
            "csat_language": lambda: self._csat(
                "csat_language", "language", self._found.by_language, self._language
            ),
            "csat_agent": lambda: self._csat(
                "csat_agent", "person", self._found.by_agent, self._agent
            ),
            "csat_topic": lambda: self._csat(
                "csat_topic", "col_topic", self._found.by_topic, self._topic
            ),
            "waiting": self._waiting,
            "waits": self._waits,
            "told": self._told,
            "hours": self._hours,
            "weekdays": self._weekdays,
            "topics": self._topics,
        }
        if name not in makers or (self._one and name in ("csat_agent", "waits")):
            return None
        return makers[name]()

    def share(self, share: Share) -> str:
        """A share in per cent; of too few, "3 of 4"; of nothing, a dash."""
        if not share.of:
            return self._t("reports.nothing")
        if not share.enough or share.percent is None:
            return self._t("reports.of", part=share.count, whole=share.of)
        return self._t("reports.percent", percent=round(share.percent))

    def duration(self, seconds: float | None) -> str:
        """How long something took; a dash where it did not."""
        if seconds is None:
            return self._t("reports.nothing")
        return formats.duration(seconds, self._t.locale)

    def _head(self, key: str, where: _Where = "both", unit: str = "") -> Column:
        return Column(self._t(f"reports.{key}"), where, unit)

    def _count(self, count: int) -> Cell:
        return Cell(self._t.number(count), count)

    def _share(self, share: Share, bar: bool = True) -> Cell:
        percent = share.percent
        raw = None if percent is None else round(percent, 1)
        return Cell(self.share(share), raw, percent if bar and share.enough else None)

    def _time(self, seconds: float | None) -> Cell:
        return Cell(self.duration(seconds), None if seconds is None else round(seconds / 60, 1))

    def _shares(
        self, name: str, first: str, second: str, rows: Sequence[tuple[str, int]], **texts: str
    ) -> Table:
        """A table of what a whole falls into."""
        whole = sum(count for _, count in rows)
        return Table(
            name,
            self._t(f"reports.{name}"),
            (self._head(first), self._head(second), self._head("col_share", unit="percent")),
            tuple(
                (Cell(label, label), self._count(count), self._share(Share(count, whole)))
                for label, count in rows
            )
            if whole
            else (),
            **texts,
        )

    def _endings(self) -> Table:
        rows = [(self._t(f"reports.ended_{one}"), self._found.endings[one]) for one in ENDINGS]
        about = self._t("reports.endings_about")
        return self._shares(
            "endings", "col_ending", "col_contacts", rows, about=about,
            none=self._t("reports.none"),
        )  # fmt: skip

    def _resolutions(self) -> Table:
        found = self._found.resolutions
        rows = [(self._t(f"wrap.{one}"), found.get(one, 0)) for one in RESOLUTIONS]
        rows.append((self._t("reports.unsaid"), found.get("", 0)))
        return self._shares("resolutions", "col_ending", "col_contacts", rows)

    def _csat(
        self, name: str, first: str, found: Mapping[_Key, Summary], label: Callable[[_Key], Cell]
    ) -> Table:
        columns = (
            self._head(first),
            self._head("satisfied", unit="percent"),
            self._head("col_likely", "page"),
            self._head("col_low", "file", "percent"),
            self._head("col_high", "file", "percent"),
            self._head("col_good", "file"),
            self._head("col_ratings"),
            self._head("col_asked"),
            self._head("col_rate", unit="percent"),
        )
        rows = [(label(key), *self._rated(one)) for key, one in found.items()]
        if name == "csat_language" and len(rows) > 1:
            everybody = self._t("reports.everybody")
            rows.insert(0, (Cell(everybody, everybody), *self._rated(self._found.csat)))
        about = "" if name != "csat_language" else self._t("reports.csat_about")
        few = self._t("reports.few", least=ENOUGH)
        return Table(
            name,
            self._t(f"reports.{name}"),
            columns,
            tuple(rows),
            about=" ".join(filter(None, (about, few if about else ""))),
            none=self._t("reports.csat_none"),
        )

    def _rated(self, one: Summary) -> tuple[Cell, ...]:
        low, high = one.satisfied.interval or (None, None)
        likely = self._t("reports.nothing")
        if one.satisfied.enough and low is not None and high is not None:
            likely = self._t("reports.between", low=round(low), high=round(high))
        return (
            self._share(one.satisfied),
            Cell(likely, None),
            Cell("", low and round(low, 1)),
            Cell("", high and round(high, 1)),
            self._count(one.satisfied.count),
            self._count(one.responses),
            self._count(one.asked),
            self._share(one.answered, bar=False),
        )

    def _language(self, tag: str) -> Cell:
        try:
            name = name_in(tag, self._t.locale)
        except UnknownLocale:
            name = tag
        return Cell(name, name)

    def _agent(self, agent: str | None) -> Cell:
        name = self._names.get(agent, agent) if agent else self._t("assistant")
        return Cell(name, name)

    def _topic(self, topic: str) -> Cell:
        name = self._t.reason(topic) if topic == "complaint" else topic.replace("_", " ")
        return Cell(name, name)

    def _waiting(self) -> Table:
        found = self._found.waiting

        def row(key: str, one: Answers) -> tuple[Cell, ...]:
            label = self._t(f"reports.{key}")
            counts = (self._count(one.asked), self._count(one.answered))
            return (Cell(label, label), *counts, self._time(one.median), self._time(one.ninth))

        return Table(
            "waiting",
            self._t("reports.waiting"),
            (
                self._head("col_when"),
                self._head("col_wanted"),
                self._head("col_answered"),
                self._head("col_median", unit="minutes"),
                self._head("col_ninth", unit="minutes"),
            ),
            (
                row("hours_open", found.open_hours),
                row("hours_closed", found.closed_hours),
                row("hours_any", found.everybody),
            )
            if found.everybody.asked
            else (),
            about=self._t("reports.waiting_about"),
            none=self._t("reports.waiting_none"),
        )

    def _waits(self) -> Table:
        ours = ("person", "waiting")
        rows = [
            (
                self._t(f"reports.wait_{one}" if one in ours else f"ended.{one}"),
                self._found.waiting.ended[one],
            )
            for one in WAITS
        ]
        return self._shares("waits", "col_ending", "col_clients", rows)

    def _told(self) -> Table:
        told = self._found.waiting.told
        rows = [
            (self._t("reports.told_within"), told.within),
            (self._t("reports.told_sooner"), told.sooner),
            (self._t("reports.told_longer"), told.longer),
        ]
        return self._shares(
            "told", "col_result", "col_clients", rows, about=self._t("reports.told_about"),
            none=self._t("reports.told_none"),
        )  # fmt: skip

    def _hours(self) -> Table:
        labels = [formats.clock(dt.time(hour), self._t.locale, "UTC") for hour in range(24)]
        plain = [f"{hour:02d}:00" for hour in range(24)]
        return self._times("hours", "col_hour", labels, plain, self._found.hours)

    def _weekdays(self) -> Table:
        labels = formats.weekdays(self._t.locale)
        return self._times("weekdays", "col_weekday", labels, labels, self._found.weekdays)

    def _times(
        self,
        name: str,
        first: str,
        labels: Sequence[str],
        plain: Sequence[str],
        counts: Sequence[int],
    ) -> Table:
        most = max(counts)
        return Table(
            name,
            self._t(f"reports.{name}"),
            (self._head(first), self._head("col_contacts")),
            tuple(
                (
                    Cell(label, raw),
                    Cell(self._t.number(count), count, 100 * count / most),
                )
                for label, raw, count in zip(labels, plain, counts, strict=True)
            )
            if most
            else (),
        )

    def _topics(self) -> Table:
        def row(name: str, endings: Mapping[str, int], contacts: int) -> tuple[Cell, ...]:
            alone, without = ("confirmed", "implied"), ("nobody", "unanswered", "abandoned")
            return (
                self._topic(name),
                self._count(contacts),
                self._count(sum(endings.get(one, 0) for one in alone)),
                self._count(endings.get("person", 0)),
                self._count(sum(endings.get(one, 0) for one in without)),
            )

        return Table(
            "topics",
            self._t("reports.topics"),
            (
                self._head("col_topic"),
                self._head("col_contacts"),
                self._head("col_alone"),
                self._head("col_person"),
                self._head("col_without"),
            ),
            tuple(row(one.name, one.endings, one.contacts) for one in self._found.topics),
            about=self._t("reports.topics_about"),
            none=self._t("reports.topics_none"),
        )

"""What every reader of articles gives back, and the limits they share."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.checks import Invalid, fields

MAX_BYTES = 64_000_000
MAX_BODIES = 50_000
"""Of one import. The index is comfortable to 100,000 vectors, and a body has two at least."""


class TooMuch(Exception):
    """The import as a whole is beyond the limits; the message says which."""


@dataclass(frozen=True)
class Source:
    """Where a body stands: file, and line where the form has lines."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Rejected:
    """Something that cannot be imported, where, and why."""

    source: Source
    reason: str


@dataclass(frozen=True)
class Found:
    """A body that can be imported: its given fields, checked, by `Entry`'s names."""

    source: Source
    given: Mapping[str, object]


Item = Found | Rejected


def checked(source: Source, given: Mapping[str, object]) -> Item:
    """A found body if its fields will do, else why not."""
    try:
        made = fields(given)
        if given.get("updated"):
            made["updated"] = _date(str(given["updated"]))
    except Invalid as fault:
        return Rejected(source, str(fault))
    return Found(source, made)


def _date(value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value[:10])
    except ValueError as error:
        raise Invalid(f"updated {value[:40]!r} is not a date like 2026-11-21") from error


def decoded(path: Path, name: str) -> str | Rejected:
    """A file's text: UTF-8, with or without a byte order mark, any line ends."""
    if path.stat().st_size > MAX_BYTES:
        return Rejected(Source(name), f"more than {MAX_BYTES:,} bytes; split it")
    raw = path.read_bytes()
    # Without a mark, UTF-16 of Latin letters has a zero in every second byte.
    half = raw[:400].count(0) * 4 > len(raw[:400])
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or half:
        return Rejected(Source(name), "UTF-16: save it as UTF-8")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Rejected(
            Source(name, line),
            f"not UTF-8 (byte 0x{raw[error.start]:02X}){_guess(raw, error.start)}: "
            "save it as UTF-8",
        )


def _guess(raw: bytes, at: int) -> str:
    """What an older Windows or Unix program most likely meant; empty where that is no text."""
    around = raw[max(0, at - 12) : at + 12].split(b"\n")
    piece = next((part for part in around if any(byte > 127 for byte in part)), b"")
    try:
        meant = piece.decode("cp1252").strip()
    except UnicodeDecodeError:
        return ""
    return f", perhaps Windows-1252 or ISO 8859-1: {meant!r}" if meant.isprintable() else ""


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, blank ones left out. Only a newline ends a line."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line

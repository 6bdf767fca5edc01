"""How every command speaks: results on stdout, the rest on stderr, faults as one sentence."""

import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from bot.settings import Settings, SettingsError
from bot.settings import settings as load_settings

err = Console(stderr=True, highlight=False)


def fail(message: str, code: int = 1) -> typer.Exit:
    """Print what went wrong; raise what this gives, to end with the exit code."""
    err.print(f"[red]setu:[/red] {message}", soft_wrap=True)
    return typer.Exit(code)


def settings() -> Settings:
    """The settings, with logging set up for them.

    Raises:
        typer.Exit: 2, a setting is wrong; it was named.
    """
    from bot import logs

    try:
        found = load_settings()
    except SettingsError as error:
        raise fail(str(error), 2) from None
    logs.configure(found.log_format)
    return found


def put(row: object) -> None:
    """One JSON line on standard output."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def lines() -> Iterator[str]:
    """Standard input, one text a line; bytes that are not UTF-8 are replaced, not fatal."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace").rstrip("\r\n")


def table(rows: Sequence[Any], as_json: bool) -> None:
    """Dataclass rows: one JSON a line, or a table a person reads."""
    if as_json:
        for row in rows:
            put(dataclasses.asdict(row))
        return
    table = Table()
    for field in dataclasses.fields(rows[0]) if rows else ():
        table.add_column(field.name)
    for row in rows:
        table.add_row(
            *(
                f"{value:.3f}" if isinstance(value, float) else str(value)
                for value in dataclasses.astuple(row)
            )
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)

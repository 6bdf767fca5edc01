"""Any export path: which writer it needs."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bot.knowledge.articles import Entry
from bot.knowledge.formats.faqpage import write_faqpage
from bot.knowledge.formats.markdown import write_markdown
from bot.knowledge.formats.rows import write_csv, write_jsonl
from bot.knowledge.models import PUBLISHED

_WRITERS: dict[str, Callable[[Path, Sequence[Entry]], object]] = {
    "": write_markdown,
    ".csv": write_csv,
    ".jsonl": write_jsonl,
    ".ndjson": write_jsonl,
    ".json": write_faqpage,
    ".jsonld": write_faqpage,
}


class UnknownForm(ValueError):
    """We do not write files that end so."""


def check_form(path: Path) -> None:
    """Is this a path that can be written?

    Raises:
        UnknownForm: its ending is no form's.
    """
    if path.suffix.lower() not in _WRITERS and not path.is_dir():
        raise UnknownForm(
            f"{path.name} ends in no form that is written: give a folder (Markdown), or a .csv, "
            ".jsonl or .json (schema.org FAQPage) file."
        )


def write(path: Path, entries: Sequence[Entry]) -> Sequence[Entry]:
    """Write bodies: a folder of Markdown, CSV, JSON Lines, or a FAQPage of what is published.

    Returns:
        Those that were written.
    """
    suffix = "" if path.is_dir() else path.suffix.lower()
    writer = _WRITERS[suffix]
    if writer is write_faqpage:
        entries = [entry for entry in entries if entry.state == PUBLISHED]
    writer(path, entries)
    return entries

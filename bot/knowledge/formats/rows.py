"""Forms with one article and locale a row: JSON Lines and CSV."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bot.knowledge.articles import Entry
from bot.knowledge.formats.base import Item, Rejected, Source, checked, decoded, numbered

_NAMES = {
    "id": "article", "lang": "locale", "q": "title", "a": "body",
    "language": "locale", "question": "title", "answer": "body", "status": "state",
}  # fmt: skip
_LISTS = ("questions", "tags")
_NEEDED = {"article": "id", "locale": "lang", "title": "q", "body": "a"}

_FORMULA = re.compile("['=+@\t\r-]")

csv.field_size_limit(1_000_000)


def read_jsonl(path: Path, name: str) -> Iterator[Item]:
    """`{"id", "lang", "q", "a"}` a line; `questions`, `tags`, `category`, `status` if wanted."""
    text = decoded(path, name)
    if isinstance(text, Rejected):
        yield text
        return
    for number, line in numbered(text):
        source = Source(name, number)
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Rejected(source, f"not JSON: {error}")
            continue
        if not isinstance(row, dict):
            yield Rejected(source, "not a JSON object")
        else:
            yield _row(source, row)


def read_csv(path: Path, name: str) -> Iterator[Item]:
    """A heading with `id, lang, q, a`; lists (`questions`, `tags`) with one item a line in a cell.

    Comma, semicolon or tab, whichever the heading uses.
    """
    text = decoded(path, name)
    if isinstance(text, Rejected):
        yield text
        return
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = {
        _NAMES.get(key.strip().lower(), key.strip().lower()) for key in reader.fieldnames or ()
    }
    missing = [short for long, short in _NEEDED.items() if long not in names]
    if missing:
        yield Rejected(Source(name, 1), f"no column {', '.join(missing)} in the heading")
        return
    end = 1
    while True:
        start = end + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejected(Source(name, start), f"not CSV: {error}")
            return
        end = reader.line_num
        if None in row or None in row.values():
            yield Rejected(Source(name, start), "another number of cells than the heading has")
            continue
        cells: dict[str, object] = {
            k.strip().lower(): _unshielded(v) for k, v in row.items() if v != ""
        }
        for key in _LISTS:
            if key in cells:
                cells[key] = [item for item in str(cells[key]).split("\n") if item.strip()]
        yield _row(Source(name, start), cells)


def _row(source: Source, row: Mapping[str, object]) -> Item:
    given = {_NAMES.get(key, key): value for key, value in row.items() if value is not None}
    if isinstance(given.get("article"), int):
        given["article"] = str(given["article"])
    return checked(source, given)


def _as_row(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.article,
        "lang": entry.locale,
        "q": entry.title,
        "a": entry.body,
        "questions": list(entry.questions),
        "tags": list(entry.tags),
        "category": entry.category,
        "status": entry.state,
        "source_locale": entry.source_locale,
        "source_version": entry.source_version,
        "updated": entry.updated.isoformat() if entry.updated else None,
    }


def write_jsonl(path: Path, entries: Iterable[Entry]) -> None:
    """A body a line, with all its fields."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for entry in entries:
            file.write(json.dumps(_as_row(entry), ensure_ascii=False) + "\n")


def write_csv(path: Path, entries: Iterable[Entry]) -> None:
    """A body a row, with all its fields; lists with one item a line in a cell.

    With a byte order mark: without one, Excel reads Bengali as Latin letters. A cell that a
    spreadsheet would take for a formula (OWASP, CSV injection) begins with an apostrophe, which
    `read_csv` takes off again.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for n, row in enumerate(map(_as_row, entries)):
            if not n:
                writer.writerow(row)
            writer.writerow(
                _shielded("\n".join(v) if isinstance(v, list) else str(v or ""))
                for v in row.values()
            )


def _shielded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unshielded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell[1:]) else cell

"""Markdown with YAML front matter, `<locale>/<id>.md`: what Setu writes, and reads without loss."""

import hashlib
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from bot.knowledge.articles import Entry
from bot.knowledge.formats.base import Item, Rejected, Source, checked, decoded

_FENCE = "---\n"
_LONGEST_NAME = 200  # bytes; file systems take 255 with the ending
_NAMES = {"id": "article", "status": "state"}
_KNOWN = {
    "id", "title", "locale", "category", "status", "source_locale", "source_version",
    "questions", "tags", "updated",
}  # fmt: skip


def read_markdown(path: Path, name: str) -> Item:
    """One file.

    YAML's base loader is used: every scalar is a text, so that the locale `no` is not False and a
    title `12.30` no number.
    """
    text = decoded(path, name)
    if isinstance(text, Rejected):
        return text
    head, fence, body = text.removeprefix(_FENCE).partition("\n" + _FENCE)
    if not text.startswith(_FENCE) or not fence:
        return Rejected(Source(name, 1), "no front matter between two lines of ---")
    try:
        given = yaml.load(head, yaml.CBaseLoader)  # noqa: S506  (constructs only str, list, dict)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line + 2 if error.problem_mark else None
        return Rejected(Source(name, at), f"front matter is not YAML: {error.problem}")
    except (yaml.YAMLError, RecursionError) as error:
        return Rejected(Source(name), f"front matter is not YAML: {error}")
    if not isinstance(given, dict):
        return Rejected(Source(name, 2), "front matter is not a list of `name: value`")
    unknown = sorted(str(key) for key in given if key not in _KNOWN)
    if unknown:
        return Rejected(Source(name), f"unknown in the front matter: {', '.join(unknown)[:200]}")
    named = {_NAMES.get(str(key), str(key)): value for key, value in given.items()}
    found = checked(Source(name), named | {"body": body})
    if isinstance(found, Rejected):
        return found
    folder, stem = path.parent.name, path.stem
    if stem != file_name(str(found.given["article"])):
        return Rejected(Source(name), f"file name and id {found.given['article']!r} differ")
    if folder.lower() != str(found.given["locale"]).lower():
        return Rejected(
            Source(name), f"is in folder {folder!r}, but says locale {found.given['locale']}"
        )
    return found


def read_folder(root: Path) -> Iterator[Item]:
    """Every `<locale>/<id>.md` below a folder, by name; a file with its own README is none."""
    for path in sorted(root.rglob("*.md")):
        if path.name != "README.md":
            yield read_markdown(path, path.relative_to(root).as_posix())


def write_markdown(root: Path, entries: Iterable[Entry]) -> int:
    """Write entries below a folder as `<locale>/<id>.md`; files of the same name are replaced.

    Returns:
        How many were written.
    """
    count = 0
    for entry in entries:
        count += 1
        path = root / entry.locale / f"{file_name(entry.article)}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_markdown(entry), encoding="utf-8", newline="\n")
    return count


def as_markdown(entry: Entry) -> str:
    """An article's file."""
    head = {
        "id": entry.article,
        "title": entry.title,
        "locale": entry.locale,
        "category": entry.category,
        "status": entry.state,
        "source_locale": entry.source_locale,
        "source_version": entry.source_version,
        "questions": list(entry.questions),
        "tags": list(entry.tags),
        "updated": entry.updated,
    }
    yaml_text = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=1_000)
    return f"{_FENCE}{yaml_text}{_FENCE}{entry.body}\n"


def file_name(article: str) -> str:
    """An article's id as a file name; what a file system would not take is percent-encoded."""
    quoted = article if article.isalnum() else urllib.parse.quote(article, safe=" ")
    if len(quoted.encode()) > _LONGEST_NAME:
        quoted = hashlib.sha256(article.encode()).hexdigest()
    return quoted

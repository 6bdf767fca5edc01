"""Any import path: which reader it needs, and the limits of the whole."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bot.knowledge.formats.base import MAX_BODIES, Found, Item, Rejected, Source, TooMuch
from bot.knowledge.formats.faqpage import read_faqpage
from bot.knowledge.formats.markdown import read_folder, read_markdown
from bot.knowledge.formats.rows import read_csv, read_jsonl

_MAX_REJECTED = 1_000
_TOLD_EVERY = 100


def read(
    path: Path, seen: Callable[[int], None] | None = None
) -> tuple[list[Found], list[Rejected]]:
    """Everything at a path, checked; each article and locale once.

    Args:
        path: a folder of `<locale>/<id>.md`, or a .md, .jsonl, .csv, .tsv or .json (FAQPage) file.
        seen: told how many were read, now and then.

    Raises:
        FileNotFoundError: there is nothing there.
        TooMuch: beyond `MAX_BODIES`.
    """
    found: dict[tuple[object, object], Found] = {}
    rejected: list[Rejected] = []
    for count, item in enumerate(_items(path), 1):
        if seen is not None and count % _TOLD_EVERY == 0:
            seen(count)
        if isinstance(item, Found):
            key = (item.given["article"], item.given["locale"])
            if key in found:
                item = Rejected(
                    item.source, f"{key[0]} ({key[1]}) is there already: {found[key].source}"
                )
            else:
                found[key] = item
        if isinstance(item, Rejected):
            rejected.append(item)
        if len(found) > MAX_BODIES:
            raise TooMuch(f"{path.name} has more than {MAX_BODIES:,} articles; split it")
        if len(rejected) >= _MAX_REJECTED:
            rejected.append(Rejected(Source(path.name), "more faults than are listed here"))
            break
    return list(found.values()), rejected


def _items(path: Path) -> Iterator[Item]:
    if path.is_dir():
        return read_folder(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no {path}")
    match path.suffix.lower():
        case ".md":
            return iter([read_markdown(path, path.name)])
        case ".jsonl" | ".ndjson":
            return read_jsonl(path, path.name)
        case ".csv" | ".tsv":
            return read_csv(path, path.name)
        case ".json" | ".jsonld":
            return read_faqpage(path, path.name)
    reason = "not a folder, .md, .jsonl, .csv or .json (schema.org FAQPage)"
    return iter([Rejected(Source(path.name), reason)])

"""Gathers training text by language from public sources into one JSON file.

    python -m training.corpora SOURCES OUT.json

SOURCES is a folder of git repositories, fetched beforehand (the model card names them and their
licences): Common Voice's sentence collections, Android applications' translated strings, Google's
language resources for Nepali, the Marathi UFAL treebank. Nothing of them is kept in this project.
"""

from __future__ import annotations

import collections
import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.languages.locales import known

_STRINGS = re.compile(
    r"(?:^|/)values(?:-([a-z]{2}))?(?:-r[A-Z]{2})?/(?:strings|cm_strings|arrays)\.xml$"
)
_ENTRY = re.compile(r"<(?:string|item)\b[^>]*>(.*?)</(?:string|item)>", re.S)
_HELD_OUT_OF_TEXT = re.compile(
    r"<xliff:g[^>]*>.*?</xliff:g>|<[^>]+>|%\d*\$?[a-z]|\\n|\\u[0-9A-Fa-f]{4}", re.S
)
_TAGS = {"in": "id", "iw": "he", "no": "nb"}


def _files(repository: Path) -> Iterator[tuple[str, bool]]:
    listed = _git(repository, "ls-tree", "-r", "-l", "HEAD")
    for line in listed.splitlines():
        described, path = line.split("\t", 1)
        yield path, described.split()[3].isdigit()


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments], capture_output=True, check=True
    )
    return done.stdout.decode("utf-8", "replace")


def _show(repository: Path, path: str) -> str:
    return _git(repository, "show", f"HEAD:{path}")


def _entry(text: str) -> str:
    text = html.unescape(_HELD_OUT_OF_TEXT.sub(" ", text)).replace("\\'", "'").replace('\\"', '"')
    return " ".join(text.split())


def _texts(repository: Path) -> Iterator[tuple[str, str, str]]:
    """(language, source, text) of whatever the repository has that we know how to read."""
    for path, readable in _files(repository):
        if not readable:
            continue
        parts = path.split("/")
        if path.startswith("server/data/") and path.endswith(".txt") and len(parts) == 4:
            if "singleword" not in path and "Foreign" not in path:
                for line in _show(repository, path).splitlines():
                    yield parts[2].split("-")[0], "cv", line.strip()
        elif (found := _STRINGS.search(path)) and "test" not in path:
            tag = _TAGS.get(found[1], found[1]) or "en"
            if tag != "zh" or "-rCN/" in path:
                for entry in _ENTRY.findall(_show(repository, path)):
                    yield tag, "android", _entry(entry)
        elif path == "ne/data/prompts.tsv":
            for line in _show(repository, path).splitlines():
                yield "ne", "glr", line.partition("\t")[2]
        elif path == "ne/data/lexicon.tsv":
            for line in _show(repository, path).splitlines():
                if not line.startswith("#"):
                    yield "ne", "words", line.partition("\t")[0]
        elif re.fullmatch(r"mr_ufal-ud-\w+\.conllu", path):
            for line in _show(repository, path).splitlines():
                if line.startswith("# text = "):
                    yield "mr", "ud", line.removeprefix("# text = ")


def main(sources: Path, out: Path) -> None:
    """Writes {language: {source: [text, …]}}, each text once."""
    ours = {locale.tag for locale in known()}
    gathered: dict[str, dict[str, dict[str, None]]] = collections.defaultdict(
        lambda: collections.defaultdict(dict)
    )
    for folder in sorted(sources.iterdir()):
        repository = folder / "repo" if (folder / "repo").is_dir() else folder
        if not repository.is_dir():
            continue
        for tag, source, text in _texts(repository):
            if tag in ours and re.search(r"\w", text):
                gathered[tag][source][text] = None
    lists = {tag: {name: list(texts) for name, texts in of.items()} for tag, of in gathered.items()}
    out.write_text(json.dumps(lists, ensure_ascii=False, sort_keys=True), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

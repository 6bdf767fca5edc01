"""The English: every key stands once, where its name says, and is said somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

from bot.languages import strings
from bot.languages.strings import STRINGS

ROOT = Path(__file__).parents[2]
WRITTEN_IN = {".py", ".html", ".js", ".ts", ".tsx", ".yml"}
# A key may be put together of a beginning, a name that stands elsewhere, and one of these.
ENDINGS = ("", "_about", "_again", "_elsewhere", "_hint", "_range", "_why")


def test_a_key_stands_once_and_where_its_name_says() -> None:
    keys = [key for module in strings.MODULES for key in module.TEXTS]
    assert len(keys) == len(set(keys)) == len(STRINGS)
    for module in strings.MODULES:
        room = module.__name__.removeprefix(f"{strings.__name__}.").split(".")[0]
        assert {key.split(".")[0] for key in module.TEXTS} == {room}


def test_every_text_is_said_somewhere() -> None:
    source = "\n".join(_sources())
    quoted = set(re.findall(r"""['"]([\w. ]+)['"]""", source))
    quoted |= {f"engine.{response}" for response in re.findall(r"\butter_(\w+)", source)}
    quoted |= {f"widget.quick.{file.stem}" for file in (ROOT / "data/knowledge/en").glob("*.md")}
    words = {word.lower() for word in re.findall(r"\w+", source)}
    words |= {each.replace(" ", "_") for each in quoted}
    begun = {*re.findall(r"""['"]([\w.]+)(?:['"] ~|\{|%)""", source), "widget."}
    begun -= {"desk.", "kb.", "engine."}
    unsaid = [key for key in STRINGS if not _said(key, quoted, words, begun)]
    assert [key for key in unsaid if f'"{STRINGS[key]}"' not in source] == []


def _sources() -> Iterator[str]:
    yield (ROOT / "domain.yml").read_text(encoding="utf-8")
    for folder in ("actions", "bot", "data", "frontend/src"):
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in WRITTEN_IN and not {"strings", "migrations", "nlu"} & set(file.parts):
                yield file.read_text(encoding="utf-8")


def _said(key: str, quoted: set[str], words: set[str], begun: set[str]) -> bool:
    for name in (key, key.removeprefix("desk.")):
        for ending in ENDINGS:
            stem = name.removesuffix(ending)
            if stem in quoted:
                return True
            cuts = (cut.end() for cut in re.finditer(r"[._]", stem))
            if any(stem[:cut] in begun and stem[cut:] in words for cut in cuts):
                return True
    return False

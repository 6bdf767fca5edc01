"""The one renderer."""

from pathlib import Path

import pytest

from bot.languages import say as renderer
from bot.languages import strings
from bot.languages.say import Voice, say

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgctxt "test.greet"
msgid "Hello {name}"
msgstr "নমস্কার, {name}"

msgctxt "test.greet|informal"
msgid "Hello {name}"
msgstr "হ্যালো {name}!"

msgctxt "test.wait"
msgid "{count} minute"
msgid_plural "{count} minutes"
msgstr[0] "{count} মিনিট"
msgstr[1] "{count} মিনিট মতো"

#, fuzzy
msgctxt "test.stale"
msgid "New text"
msgstr "পুরোনো"

msgctxt "test.broken"
msgid "See {name}"
msgstr "দেখুন {nmae}"
"""


@pytest.fixture(autouse=True)
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "locale" / "bn"
    folder.mkdir(parents=True)
    (folder / "setu.po").write_text(PO, encoding="utf-8")
    made = renderer.Catalog.read(folder / "setu.po", "bn")
    empty = renderer.Catalog({}, lambda n: int(n != 1))
    monkeypatch.setattr(renderer, "catalog", lambda tag: made if tag == "bn" else empty)
    for key, text in {
        "test.greet": "Hello {name}",
        "test.wait": ("{count} minute", "{count} minutes"),
        "test.stale": "New text",
        "test.broken": "See {name}",
    }.items():
        monkeypatch.setitem(strings.STRINGS, key, text)


def test_register_and_its_default() -> None:
    assert say("test.greet", "bn", None, name="রিয়া") == "নমস্কার, রিয়া"
    assert say("test.greet", "bn", "informal", name="রিয়া") == "হ্যালো রিয়া!"
    assert say("test.greet", "bn", "no such", name="রিয়া") == "নমস্কার, রিয়া"


def test_plurals_and_native_digits() -> None:
    assert say("test.wait", "bn", None, count=1) == "১ মিনিট"
    assert say("test.wait", "bn", None, count=1200) == "১,২০০ মিনিট মতো"
    assert say("test.wait", "en", None, count=1) == "1 minute"
    assert say("test.wait", "xx", None, count=2) == "2 minutes"


def test_identifiers_given_as_text_stay_as_they_are() -> None:
    assert say("test.greet", "bn", None, name="A-1045") == "নমস্কার, A-1045"
    assert say("test.greet", "bn", None, name=45) == "নমস্কার, ৪৫"


def test_missing_stale_or_broken_translations_fall_back_to_english() -> None:
    assert say("test.stale", "bn") == "New text"
    assert say("test.broken", "bn", None, name="A") == "See A"
    assert say("test.greet", "sw", None, name="A") == "Hello A"


def test_a_key_or_value_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("test.nothing", "bn")
    with pytest.raises(KeyError):
        say("test.greet", "bn")


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "One. Two."), ("ar", "One. Two."), ("zh", "One.Two."), ("ja-JP", "One.Two.")],
)
def test_sentences_stand_together_as_the_script_has_it(locale: str, said: str) -> None:
    assert Voice(locale).together("One.", "Two.") == said

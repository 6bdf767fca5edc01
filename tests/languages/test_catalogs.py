"""What is wrong with a catalog."""

from pathlib import Path

import pytest

from bot.languages import catalogs, strings
from bot.languages.catalogs import Fault, faults
from bot.languages.locales import Locale, known

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def entry(key: str, english: str, text: str, flag: str = "") -> str:
    return f'{flag}msgctxt "{key}"\nmsgid "{english}"\nmsgstr "{text}"\n\n'


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "STRINGS", {"a.hello": "Hello {name}", "a.bye": "Goodbye"})


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        (entry("a.hello", "Hello {name}", "নমস্কার, {name}"), []),
        (entry("a.hello", "Hello {name}", "{name}-এ স্বাগতম"), []),
        (entry("a.hello", "Hello {name}", "{name}কে নমস্কার"), ["inflected"]),
        (entry("a.hello", "Hi {name}", "নমস্কার, {name}"), ["stale"]),
        (entry("a.hello", "Hello {name}", "নমস্কার"), ["placeholder"]),
        (entry("a.hello", "Hello {name}", "নমস্কার {nmae}"), ["placeholder"]),
        (entry("a.hello", "Hello {name}", "তুই {name}"), ["never said"]),
        (entry("a.hello", "Hello {name}", "{name}, আপনি বলো"), ["mixed register"]),
        (entry("a.hello", "Hello {name}", "Hello {name}"), ["script"]),
        (entry("a.hello", "Hello {name}", "নমস্কার, {name}", "#, fuzzy\n"), ["fuzzy"]),
        (entry("a.hello", "Hello {name}", ""), ["untranslated"]),
        ("", ["untranslated"]),
    ],
)
def test_faults(tmp_path: Path, written: str, kinds: list[str]) -> None:
    file = tmp_path / "setu.po"
    file.write_text(HEAD + written + entry("a.bye", "Goodbye", "ভালো থাকবেন"), encoding="utf-8")
    assert [fault.kind for fault in faults("bn", file)] == kinds


def test_keys_and_registers_nobody_knows(tmp_path: Path) -> None:
    file = tmp_path / "setu.po"
    known = entry("a.hello", "Hello {name}", "{name}, नमस्कार") + entry("a.bye", "Goodbye", "भेटू")
    odd = entry("a.gone", "Gone", "गेले") + entry("a.bye|royal", "Goodbye", "प्रणाम")
    file.write_text(
        HEAD + known + entry("a.bye|informal", "Goodbye", "येतो") + odd, encoding="utf-8"
    )
    found = faults("mr", file)
    assert found == [
        Fault("mr", "a.bye|royal", "unknown key", "प्रणाम"),
        Fault("mr", "a.gone", "unknown key", "गेले"),
    ]


def test_texts_for_a_country(tmp_path: Path) -> None:
    file = tmp_path / "setu.po"
    known = entry("a.hello", "Hello {name}", "নমস্কার, {name}") + entry("a.bye", "Goodbye", "আসি")
    narrowed = ("a.bye|BD", "a.bye|informal|BD", "a.bye|US", "a.bye|BD|informal")
    text = "".join(entry(context, "Goodbye", "আসি") for context in narrowed)
    file.write_text(HEAD + known + text, encoding="utf-8")
    assert [(fault.key, fault.kind) for fault in faults("bn", file)] == [
        ("a.bye|BD|informal", "unknown key"),
        ("a.bye|US", "unknown key"),
    ]


def test_english_says_only_otherwise_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "STRINGS", strings.STRINGS)
    assert {fault.kind for fault in faults("en")} == {"untranslated"}


SPOKEN = [locale for locale in known() if locale.quality != "answers only" and locale.tag != "en"]


@pytest.mark.parametrize("locale", SPOKEN, ids=lambda locale: locale.tag)
def test_what_is_shipped_has_no_fault(locale: Locale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "STRINGS", strings.STRINGS)
    found = faults(locale.tag)
    if locale.quality == "interface":  # clients read it, agents do not
        found = [fault for fault in found if not fault.key.startswith("desk.")]
    assert found == []

"""What is wrong with a catalog."""

from pathlib import Path

import pytest

from bot.languages import catalogs, strings
from bot.languages.catalogs import Fault, faults
from bot.languages.foreign import foreign
from bot.languages.locales import Locale, get, known

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
        (entry("a.hello", "Hello {name}", "{name}, আপনি please wait here"), ["mixed language"]),
        (entry("a.hello", "Hello {name}", "{name}, দয়া করে OTP লিখুন"), []),
        (entry("a.hello", "Hello {name}", "नमस्कार, {name}"), ["script"]),
        (entry("a.hello", "Hello {name}", "নমস্কার, {name}", "#, fuzzy\n"), ["fuzzy"]),
        (entry("a.hello", "Hello {name}", ""), ["untranslated"]),
        ("", ["untranslated"]),
    ],
)
def test_faults(tmp_path: Path, written: str, kinds: list[str]) -> None:
    file = tmp_path / "setu.po"
    file.write_text(HEAD + written + entry("a.bye", "Goodbye", "ভালো থাকবেন"), encoding="utf-8")
    assert [fault.kind for fault in faults("bn", file)] == kinds


@pytest.mark.parametrize(
    ("tag", "text", "found"),
    [
        ("es", "Hola {name}, your order was cancelled by the shop", True),
        ("es", "Hello {name}, how can I help you today?", True),
        ("es", "Hola {name}, su pedido está en camino a su casa", False),
        ("pt", "Olá {name}, su pedido ya está en camino a su casa", True),
        ("mr", "{name}, तुमची ऑर्डर अभी तक नहीं आई है", True),
        ("mr", "{name}, तुमची ऑर्डर अजून आलेली नाही", False),
        ("hi", "{name}, आपका ऑर्डर अजून आलेला नाही आहे", True),
        ("ur", "{name}، سفارش شما است لطفا صبر کنید", True),
        ("ml", "{name}, ഓർഡർ evide", True),
        ("hi", "{name} को API का Enter दबाकर", False),
        ("zh", "{name}，您的订单 is on its way", True),
        ("ta", "{name}, {shop}", False),
        ("bn", "কোড লেখা হয় bn বা pt-BR-এর মতো করে", False),
        ("bn", "কোড লেখা হয় bn or pt-BR", True),
        ("bn", "কোড লেখা হয় de-এর মতো করে", True),
    ],
)
def test_two_languages_in_one_text(tag: str, text: str, found: bool) -> None:
    source = "Hello {name}, press Enter to read the API {shop} or bn or pt-BR"
    assert (foreign(text, source, get(tag)) is not None) is found


@pytest.mark.parametrize(
    ("key", "others", "kinds"),
    [
        ("engine.go_on", [], ["one register"]),
        ("engine.go_on", ["engine.go_on|informal"], []),
        ("engine.go_on", ["engine.go_on|BD"], ["one register"]),
        ("ways.go_on", [], ["one register"]),
        ("channel.linked", [], ["one register"]),
        ("engine.complaint", [], []),  # always said formally
        ("handoff.expired", [], []),
        ("engine.button.yes", [], []),  # the client's words
        ("ways.button.yes", [], []),
        ("channel.start", [], []),
        ("widget.greeting", [], []),
    ],
)
def test_a_reply_that_shows_the_usual_form_has_a_familiar_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    others: list[str],
    kinds: list[str],
) -> None:
    monkeypatch.setattr(catalogs, "STRINGS", {key: "What do you want?"})
    texts = {key: "আপনি কী চান?", **dict.fromkeys(others, "তুমি কী চাও?")}
    file = tmp_path / "setu.po"
    entries = "".join(entry(context, "What do you want?", text) for context, text in texts.items())
    file.write_text(HEAD + entries, encoding="utf-8")
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

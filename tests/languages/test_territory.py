"""The country a client writes from."""

import datetime as dt
from pathlib import Path

import pytest

from bot.languages import say as renderer
from bot.languages import strings
from bot.languages.formats import clock, date, number
from bot.languages.locales import get
from bot.languages.say import Voice, contexts, particular, say
from bot.languages.territory import free_days, spoken_tag, territory_of_zone, territory_shown


@pytest.mark.parametrize(
    ("locale", "territory", "zone", "tag"),
    [
        ("bn", "BD", "Asia/Kolkata", "bn-BD"),
        ("bn", None, "Asia/Dhaka", "bn-BD"),
        ("bn", "US", "Asia/Dhaka", "bn-BD"),
        ("bn", "IN", "Asia/Dhaka", "bn"),
        ("bn", None, "Not/AZone", "bn"),
        ("bn", None, None, "bn"),
        ("en", "US", None, "en-US"),
        ("en", None, "Asia/Calcutta", "en-IN"),
        ("en", "GB", None, "en"),
        ("hi", "BD", "Asia/Dhaka", "hi"),
        ("xx", "BD", "Asia/Dhaka", "xx"),
    ],
)
def test_the_tag_to_speak_in(
    locale: str, territory: str | None, zone: str | None, tag: str
) -> None:
    assert spoken_tag(locale, territory, zone) == tag


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("আমার নম্বর +880 1712 345678", "BD"),
        ("আমার নম্বর ০১৭১২৩৪৫৬৭৮", "BD"),
        ("দাম ৳৫০০", "BD"),
        ("bKash korechi", "BD"),
        ("বিকাশে টাকা পাঠিয়েছি", "BD"),
        ("বিকাশ বাবু কি আছেন?", None),
        ("আমার নম্বর 9876543210", None),
        ("অর্ডার ND-0171234567812", None),
        ("₹৫০০", None),
    ],
)
def test_what_a_message_shows(text: str, shown: str | None) -> None:
    assert territory_shown(text, "bn") == shown
    assert territory_shown(text, "hi") is None


def test_weekends() -> None:
    assert free_days("BD") == {4, 5}
    assert free_days("IN") == free_days(None) == {6}
    assert free_days("US") == {5, 6}
    assert territory_of_zone("Asia/Dhaka") == "BD"
    assert territory_of_zone("UTC") is None


def test_formats_follow_the_country() -> None:
    assert clock(dt.time(16), "bn", "UTC") == "বিকেল ৪টা"
    assert clock(dt.time(16), "bn-BD", "UTC") == "বিকাল ৪টা"
    assert date(dt.date(2026, 11, 23), "en-US") == "November 23, 2026"
    assert number(125000, "en-IN") == "1,25,000"
    assert number(125000, "bn-BD") == "১,২৫,০০০"


def test_the_form_of_address_comes_before_the_country(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"t.a": "a", "t.a|BD": "b", "t.a|informal": "c", "t.b": "d", "t.b|informal|BD": "e"}
    made = renderer.Catalog({k: (v,) for k, v in texts.items()}, lambda n: 0)
    monkeypatch.setattr(renderer, "catalog", lambda _: made)
    monkeypatch.setitem(strings.STRINGS, "t.a", "A")
    monkeypatch.setitem(strings.STRINGS, "t.b", "B")
    assert say("t.a", "bn") == "a"
    assert say("t.a", "bn-BD") == "b"
    assert Voice("bn-BD", "informal").say("t.a") == "c"
    assert Voice("bn-BD", "informal").say("t.b") == "e"
    assert Voice("bn-BD").say("t.b") == "d"


def test_what_narrows_a_key() -> None:
    bengali = get("bn")
    for context in contexts("k", "informal", "BD"):
        assert particular(context, bengali) == ("k", True)
    for wrong in ("k|royal", "k|US", "k|BD|informal", "k|informal|US", "k|informal|BD|x"):
        assert particular(wrong, bengali) == ("k", False)


def test_bangladesh_is_greeted_in_its_own_words() -> None:
    assert say("engine.greet", "bn", shop="Nadi").startswith("নমস্কার!")
    assert say("engine.greet", "bn-BD", shop="Nadi").startswith("Nadi-এ স্বাগতম!")
    assert "সঙ্গে" in say("engine.no_answer", "bn")
    assert "সাথে" in say("engine.no_answer", "bn-BD")
    assert "সাথে" in say("engine.no_answer", "bn-BD", "informal")

"""The languages, as data."""

import re

import pytest

from bot.languages import locales


def test_the_five_languages_are_complete_and_the_interface_ones_are_there() -> None:
    by_quality: dict[str, set[str]] = {}
    for locale in locales.known():
        by_quality.setdefault(locale.quality, set()).add(locale.tag)
    assert by_quality["complete"] == {"en", "bn", "mr", "ml", "hi"}
    assert by_quality["interface"] == {"es", "fr", "de", "pt", "ar", "ur", "ta", "te", "zh", "ja"}


def test_an_unknown_tag_is_named_in_the_error() -> None:
    with pytest.raises(
        locales.UnknownLocale, match=r"'tlh' is not in data/languages\.yml; it has en"
    ):
        locales.get("tlh")


@pytest.mark.parametrize(
    ("tag", "language", "territory"),
    [
        ("en-IN", "en", "IN"),
        ("bn", "bn", "IN"),
        ("bn-BD", "bn", "BD"),
        ("hi-Latn", "hi", "IN"),
        ("no", "nb", "NO"),
        ("zh-Hans-CN", "zh", "CN"),
    ],
)
def test_region_and_script_subtags_are_understood(tag: str, language: str, territory: str) -> None:
    locale = locales.get(tag)
    assert (locale.tag, locale.territory) == (language, territory)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["xx", "mr-IN", "en"], "mr"),
        (["ko", "bn"], "bn"),
        (["ko"], "ko"),
        (["tlh"], None),
        ([], None),
    ],
)
def test_the_browser_gets_the_first_language_that_has_an_interface(
    offered: list[str], chosen: str | None
) -> None:
    assert locales.negotiate(offered) == chosen


def test_right_to_left_goes_with_the_script() -> None:
    for locale in locales.known():
        assert (locale.direction == "rtl") == (locale.script == "Arab"), locale.tag


def test_every_fallback_and_default_register_exists() -> None:
    known = {locale.tag for locale in locales.known()}
    for locale in locales.known():
        assert set(locale.fallback) <= known
        assert not locale.registers or locale.register_default in locale.registers, locale.tag
        assert re.fullmatch(r"[A-Z]{2}", locale.territory_default)


@pytest.mark.parametrize(
    ("tag", "reader", "name"),
    [
        ("en", "mr", "इंग्रजी"),
        ("bn-BD", "de", "Bengalisch"),
        ("ml", "en-IN", "Malayalam"),
        ("en", "ko", "English"),  # no Korean names are kept
    ],
)
def test_a_language_is_named_as_its_readers_call_it(tag: str, reader: str, name: str) -> None:
    assert locales.name_in(tag, reader) == name

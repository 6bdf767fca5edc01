"""The language a refusal is told in."""

import pytest

from bot.channels.errors import accepted_languages, reader_locale
from bot.languages.strings import STRINGS


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        (None, []),
        ("", []),
        ("bn", ["bn"]),
        ("en;q=0.5, bn-BD, ml;q=0.8", ["bn-BD", "ml", "en"]),
        ("*", []),
        ("en;q=0", []),
        ("en;q=nan, bn;q=, ;q=1, ml;x=1;q=1", []),
        ("en;q=1e999", ["en"]),
    ],
)
def test_accept_language(header: str | None, languages: list[str]) -> None:
    assert accepted_languages(header) == languages


def test_a_conversations_language_comes_first() -> None:
    assert reader_locale("ml", "bn") == "bn"
    assert reader_locale("ml") == "ml"
    assert reader_locale("tlh") == "en"


def test_every_refusal_has_words() -> None:
    codes = "empty too_long unknown_payload id_taken invalid bad_text unauthorized internal"
    assert all(f"error.{code}" in STRINGS for code in codes.split())

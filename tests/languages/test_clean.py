"""A text reduced to what carries language."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages import clean


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("mail me at a.b@c.example https://x.example/y?z=1", ["mail", "me", "at"]),
        ("see nadi.example/o/88 and youtu.be/abc, www.x.org", ["see", "and"]),
        ("order A-104523 and #4511, INV2026", ["order", "and"]),
        ("@ravi #sale sooooo good!!! 🙏", ["soo", "good"]),
        ("আমার ২টা অর্ডার", ["আমার", "টা", "অর্ডার"]),
        ("届出者数は26％増の51万5168人", ["届出者数は", "増の", "万", "人"]),
        ("don’t l'ordre", ["don't", "l'ordre"]),
        ("123 :) ... 👍", []),
    ],
)
def test_only_words_are_left(typed: str, left: list[str]) -> None:
    assert clean.words(clean.normal(typed)) == left


@pytest.mark.parametrize(
    ("typed", "same_as"),
    [
        ("അവന്\u200d വന്നു", "അവൻ വന്നു"),
        ("दुसर\u094d\u200dया", "दुसऱ्या"),
        ("n\u200bo\u202er\u2060mal", "normal"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("рlеаsе hеlp", "please help"),
        ("a\ud800b\x00c", "ab c"),
        (unicodedata.normalize("NFD", "où est-ce déjà"), "où est-ce déjà"),
        ("𝓱𝓮𝓵𝓵𝓸", "hello"),
    ],
)
def test_one_canonical_form(typed: str, same_as: str) -> None:
    assert clean.normal(typed) == clean.normal(same_as)


def test_whole_words_of_another_alphabet_are_left_alone() -> None:
    assert clean.normal("сорос Москва help") == "сорос Москва help"


def test_what_is_too_long_is_cut() -> None:
    assert len(clean.normal("a" * 5000)) == clean.MAX_WORD
    assert len(clean.normal("ab " * 5000)) <= clean.MAX_CHARACTERS


@given(st.text())
def test_any_text_is_taken_and_normal_form_is_stable(text: str) -> None:
    normal = clean.normal(text)
    assert clean.normal(normal) == normal
    for word in clean.words(normal):
        assert word and not any(char.isspace() for char in word)


def test_international_words_and_single_letters_tell_nothing() -> None:
    assert clean.telling(["ok", "otp", "paytm", "k", "order", "ক"]) == ["order", "ক"]
    assert clean.size(["where", "is"]) == 2
    assert clean.size(["注文はどこですか"]) == 4

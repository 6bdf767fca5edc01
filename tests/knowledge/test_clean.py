"""One form for what looks the same, and nothing that breaks what comes after."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.clean import LIMIT, clean


@pytest.mark.parametrize(
    ("dirty", "same"),
    [
        ("where\x00 is it", "where is it"),
        ("refund\ud800?", "refund ?"),
        ("\u202erefund\u202c", "refund"),
        ("re\u200bfund", "refund"),
        ("  a \n\t b  ", "a b"),
        (unicodedata.normalize("NFD", "réfund"), "réfund"),
        ("അവന്\u200d", "അവൻ"),
        ("ক্\u200dষ", "ক্\u200dষ"),
        ("", ""),
        ("\u200b\x00 ", ""),
    ],
)
def test_what_looks_the_same_is_the_same(dirty: str, same: str) -> None:
    assert clean(dirty) == same


@given(st.text(st.characters(), max_size=2_000))
def test_any_text_becomes_short_encodable_and_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert len(once) <= LIMIT
    assert "\x00" not in once and once == once.strip()
    once.encode("utf-8")
    assert clean(once) == once


def test_a_megabyte_is_cut() -> None:
    assert len(clean("word " * 200_000)) <= LIMIT

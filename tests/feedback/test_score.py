"""Ratings as clients type them, with every trap we know of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feedback.score import Ambiguous, Reading, Score, parse_score
from bot.languages.locales import known
from bot.languages.say import say

AGAIN = Ambiguous()


def _expected(value: int | Ambiguous | None) -> Reading:
    return Score(value) if isinstance(value, int) else value


@pytest.mark.parametrize("locale", ["en", "bn", "mr", "ml", "hi"])
@pytest.mark.parametrize("digits", ["12345", "১২৩৪৫", "१२३४५", "൧൨൩൪൫", "١٢٣٤٥"])
def test_digits_of_any_script(locale: str, digits: str) -> None:
    assert [parse_score(digit, locale) for digit in digits] == [Score(n) for n in range(1, 6)]


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "one two three four five"),
        ("bn", "এক দুই তিন চার পাঁচ"),
        ("bn", "ek dui tin char panch"),
        ("mr", "एक दोन तीन चार पाच"),
        ("mr", "ek don teen char paach"),
        ("ml", "ഒന്ന് രണ്ട് മൂന്ന് നാല് അഞ്ച്"),
        ("ml", "onnu randu moonnu naalu anju"),
        ("ml", "onnu randu munnu nalu anchu"),
        ("hi", "एक दो तीन चार पांच"),
        ("hi", "ek do teen chaar paanch"),
    ],
)
def test_number_words(locale: str, words: str) -> None:
    assert [parse_score(word, locale) for word in words.split()] == [Score(n) for n in range(1, 6)]


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("4/5", "en", 4), ("4 / 5", "en", 4), ("4 out of 5", "en", 4), ("४/५", "mr", 4),
        ("8/10", "en", AGAIN), ("৮/১০", "bn", AGAIN), ("10/10", "en", 5), ("7/5", "en", AGAIN),
        ("*****", "en", 5), ("★★★☆☆", "en", 3), ("⭐⭐", "hi", 2), ("*******", "en", AGAIN),
        ("4️⃣", "en", 4), ("5 👍", "en", 5), ("5!!", "en", 5), ("৫।", "bn", 5), ("5 5 5", "en", 5),
        ("5 stars", "en", 5), ("५ स्टार", "mr", 5), ("I'd give 4", "en", 4), ("make it 3", "en", 3),
        ("4 please", "en", 4), ("5, thank you", "en", 5), ("4 जी", "hi", 4),
        ("एक नंबर!", "mr", AGAIN), ("एक नंबर", "hi", AGAIN), ("এক নম্বর", "bn", AGAIN),
        ("ek number", "hi", AGAIN), ("number one", "en", AGAIN), ("#1", "en", AGAIN),
        ("সাড়ে তিন", "bn", AGAIN), ("साढ़े तीन", "hi", AGAIN), ("साडेतीन", "mr", AGAIN),
        ("അര", "ml", None), ("മൂന്നര", "ml", AGAIN), ("3.5", "en", AGAIN), ("4.5/5", "en", AGAIN),
        ("3 or 4", "en", AGAIN), ("4-5", "en", AGAIN), ("৩ বা ৪", "bn", AGAIN),
        ("0", "en", AGAIN), ("6", "en", AGAIN), ("-1", "en", AGAIN), ("100", "en", None),
        ("৫ এ ২", "bn", 2), ("৫-এ ২", "bn", 2), ("५ पैकी ३", "mr", 3), ("5 में से 4", "hi", 4),
        ("5-ൽ 4", "ml", 4),
        ("ഒന്ന് നോക്കാമോ", "ml", None), ("वापस दो", "hi", None), ("पैसे वापस दो", "hi", None),
        ("do", "en", None), ("don", "en", None), ("char", "en", None), ("teen", "en", None),
        ("4 days", "en", None), ("2 बार फोन किया", "hi", None), ("4/5/2026", "en", None),
        ("48213", "en", None), ("order 4", "en", None), ("2 refund kab milega", "hi", None),
        ("", "en", None), ("   ", "en", None), ("👍", "en", None), ("thank you", "en", None),
        ("ok", "en", None), ("\u200b4\u200d", "en", 4), ("the answer is no", "en", None),
    ],
)  # fmt: skip
def test_traps(text: str, locale: str, value: int | Ambiguous | None) -> None:
    assert parse_score(text, locale) == _expected(value)


@pytest.mark.parametrize("locale", [one.tag for one in known() if one.quality == "complete"])
@pytest.mark.parametrize("value", range(1, 6))
def test_the_labels_themselves(locale: str, value: int) -> None:
    label = say(f"csat.label_{value}", locale)
    for typed in (label, f"  {label.upper()}. "):
        assert parse_score(typed, locale) == Score(value)


@given(st.text(max_size=200), st.sampled_from(["en", "bn", "mr", "ml", "hi", "xx"]))
def test_any_text_is_read_without_failing(text: str, locale: str) -> None:
    reading = parse_score(text, locale)
    assert reading is None or isinstance(reading, Ambiguous) or 1 <= reading.value <= 5


@given(st.integers(1, 5), st.text(alphabet="!. ।\u200b\u200c", max_size=5))
def test_punctuation_changes_nothing(value: int, around: str) -> None:
    assert parse_score(f"{around}{value}{around}", "bn") in (Score(value), AGAIN)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("The agent was kind but slow", False), ("Nobody called me back.", False),
        ("খুব দেরি হয়েছে", False), ("वेळेत उत्तर मिळाले नाही", False), ("बहुत देर लगी", False),
        ("മറുപടി വൈകി", False), ("It was ok", False),
        ("And when does my refund come?", True), ("where is my order", True),
        ("আমার অর্ডার কোথায়", True), ("माझी ऑर्डर कुठे आहे", True), ("रिफंड कब मिलेगा", True),
        ("എന്റെ ഓർഡർ എവിടെ", True), ("I want to talk to a person", True),
    ],
)  # fmt: skip
def test_comments_and_questions_are_told_apart(text: str, asks: bool) -> None:
    from bot.feedback.question import reads_as_question

    assert reads_as_question(text) is asks

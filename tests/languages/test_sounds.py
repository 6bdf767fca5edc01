"""A word sounds the same in its own script and in the spellings people type."""

import math

import pytest

from bot.languages import sounds

ALIKE = [
    ("hi", "नहीं", ["nahi", "nahin", "nahee"]),
    ("hi", "ज़्यादा", ["zyada", "jyada", "jyaada"]),
    ("hi", "वापस", ["wapas", "vapas", "vaapas"]),
    ("hi", "पैसे", ["paise", "pese"]),
    ("hi", "अक्षर", ["akshar"]),
    ("hi", "हूँ", ["hu", "hoon", "hun"]),
    ("mr", "मिळाला", ["milala", "milaala"]),
    ("mr", "आलं", ["ala", "aala"]),
    ("bn", "যাবে", ["jabe", "zabe"]),
    ("bn", "পাওয়া", ["pawa", "paoya"]),
    ("bn", "ভুল", ["bhul", "vul"]),
    ("bn", "জন্য", ["jonno", "jono"]),
    ("ml", "കിട്ടിയില്ല", ["kittiyilla", "kitiyila"]),
    ("ml", "കഴിഞ്ഞു", ["kazhinju", "kalinju"]),
    ("ta", "எப்படி", ["eppadi", "eppati"]),
    ("te", "డబ్బు", ["dabbu"]),
]


@pytest.mark.parametrize(("language", "word", "typed"), ALIKE)
def test_spellings_of_a_word_are_near_its_sound(language: str, word: str, typed: list[str]) -> None:
    sound = sounds.of_native(word, language)
    for spelling in typed:
        other = sounds.of_latin(spelling, language)
        assert sounds.distance(other, sound, language, 3.0) <= 0.45, (spelling, other, sound)


@pytest.mark.parametrize(
    ("language", "typed", "nearer", "farther"),
    [
        ("hi", "karna", "करना", "करने"),
        ("hi", "paisa", "पैसा", "पैसे"),
        ("hi", "gaya", "गया", "गए"),
        ("hi", "aaya", "आया", "या"),
        ("bn", "koto", "কত", "কথা"),
        ("bn", "kotha", "কথা", "কত"),
        ("ml", "cheyyum", "ചെയ്യും", "ചെയ്യാം"),
    ],
)
def test_what_grammar_tells_apart_stays_apart(
    language: str, typed: str, nearer: str, farther: str
) -> None:
    sound = sounds.of_latin(typed, language)
    costs = [
        sounds.distance(sound, sounds.of_native(word, language), language, 3.0)
        for word in (nearer, farther)
    ]
    assert costs[0] < costs[1]


def test_a_distance_above_the_limit_is_infinite_and_none_is_below_zero() -> None:
    assert sounds.distance("kal", "kal", "hi", 0.5) == 0
    assert math.isinf(sounds.distance("kal", "mitra", "hi", 0.5))


def test_other_scripts_have_no_sound_here() -> None:
    assert sounds.of_native("order", "hi") == ""
    assert sounds.of_native("কবে", "hi") == ""
    assert sounds.of_latin("कब", "hi") == ""
    assert not sounds.speaks("en")


def test_words_of_one_sound_share_a_frame() -> None:
    for language, word, typed in ALIKE:
        frames = {sounds.frame(sounds.of_latin(each, language)) for each in typed}
        assert sounds.frame(sounds.of_native(word, language)) in frames

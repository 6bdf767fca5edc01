"""The lists in data/words: what stems and endings come to can be written, and is the language's."""

import re
import unicodedata

import pytest

from bot.languages.romanised import _listed

BLOCKS = {"hi": 0x900, "mr": 0x900, "bn": 0x980, "ml": 0xD00}


def impossible(word: str, language: str) -> list[str]:
    """What no writer of the script would put down."""
    block = BLOCKS[language]

    def letters(*offsets: tuple[int, int]) -> str:
        return "".join(f"{chr(block + low)}-{chr(block + high)}" for low, high in offsets)

    sign = letters((0x3E, 0x4C), (0x57, 0x57), (0x62, 0x63))
    virama, nukta = chr(block + 0x4D), chr(block + 0x3C)
    vowel, consonant = letters((0x05, 0x14)), letters((0x15, 0x39), (0x58, 0x5F))
    nasal, half_u = letters((0x01, 0x03)), language == "ml"
    # Two that are written all the same: the a of "account", and letters kept from joining.
    word = re.sub("^অ্যা", "আ", word).replace(f"{virama}\u200c", virama)
    faults = {
        "two vowels of one consonant": f"[{sign}][{sign}]",
        "a sign on a vowel": f"[{vowel}][{sign}]",
        "a sign after a silent consonant": f"{virama}[{sign}{nasal}{vowel}]",
        "silent twice": f"{virama}{virama}",
        "begins in the middle": f"^[{sign}{nasal}{virama}{nukta}]",
        "a nasal twice": f"[{nasal}][{nasal}{sign}]",
        "a dot on no consonant": f"(?<![{consonant}]){nukta}",
        "a vowel made silent": f"[{letters((0x43, 0x4C)) if half_u else sign}{vowel}]{virama}",
        "another script": rf"[^{chr(block)}-{chr(block + 0x7F)}]",
    }
    found = [name for name, pattern in faults.items() if re.search(pattern, word)]
    return found if unicodedata.is_normalized("NFC", word) else [*found, "not normalised"]


@pytest.mark.parametrize("language", BLOCKS)
def test_every_word_can_be_written(language: str) -> None:
    words, spellings = _listed(language)
    meant = {part for text in (*words, *spellings.values()) for part in re.split("[ -]", text)}
    assert len(meant) > 500
    wrong = {word: faults for word in sorted(meant) if (faults := impossible(word, language))}
    assert wrong == {}


@pytest.mark.parametrize("language", BLOCKS)
def test_a_spelling_known_by_heart_is_typed_in_latin_letters(language: str) -> None:
    assert [typed for typed in _listed(language)[1] if not re.fullmatch("[a-z]+", typed)] == []


@pytest.mark.parametrize(
    ("language", "word"),
    [("hi", "करीे"), ("hi", "आएाँ"), ("mr", "्कर"), ("bn", "টাকাে"), ("bn", "taka"), ("ml", "വന്ിട്ട്")],
)
def test_what_cannot_be_written_is_found(language: str, word: str) -> None:
    assert impossible(word, language)

"""A client's text, reduced to what carries language.

The judgement must be the same however a keyboard, a messenger or a prankster wrote the words:
composed or decomposed, with invisible characters, with look-alike letters of another alphabet.
The text that is stored stays as it came.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

# A longer text says nothing more about its language, and a longer word is not a word.
MAX_CHARACTERS: Final = 600
MAX_WORD: Final = 40

# Chillu letters were consonant + virama + joiner before Unicode 5.1; phones still send them.
_CHILLUS = {
    "ണ്\u200d": "ൺ",
    "ന്\u200d": "ൻ",
    "ര്\u200d": "ർ",
    "ല്\u200d": "ൽ",
    "ള്\u200d": "ൾ",
    "ക്\u200d": "ൿ",
}
# Marathi's eyelash ra, typed with a joiner; without it the word would look Hindi.
_EYELASH = {"र्\u200d": "ऱ्"}
_SEQUENCES = re.compile("|".join(map(re.escape, {**_CHILLUS, **_EYELASH})))

_HIDDEN = re.compile(
    r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)

_ADDRESSES = re.compile(
    r"(?:https?://|www\.)\S+|\S+@\S+\.\S+"
    r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+)+/\S*|\b(?:[a-z0-9-]+\.)+(?:com|org|net|in|io|co|ly|tv)\b",
    re.I,
)
_TAGGED = re.compile(r"(?<!\w)[@#/]\w+|<[^>\s]*>")
_IDENTIFIER = re.compile(r"\b(?=[a-z-]*\d)[a-z\d]+(?:[-/_.][a-z\d]+)+\b", re.I)
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")

_CYRILLIC = "асеоріухвнктмАСЕОРІУХВНКТМ"
_LATIN = "aceopiyxvhktmACEOPIYXBHKTM"
_TO_LATIN = str.maketrans(_CYRILLIC + "αεικνορτυχ", _LATIN + "aeiknoptux")
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_LOOKS_LATIN, _LOOKS_CYRILLIC = set(map(chr, _TO_LATIN)), set(map(chr, _TO_CYRILLIC))
_IN_CYRILLIC_OR_GREEK = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
_IN_LATIN = re.compile(r"[A-Za-z]")

_DIGIT = re.compile(r"\d+")
_RUNS = re.compile(r"(\w)\1{2,}")

# Said in chats of every language: they tell nothing, and must not switch a conversation.
INTERNATIONAL: Final = frozenset(
    """
    ok okay okey oke k kk hello hallo hi hii hey bye thanks thank thx ty please pls plz sorry
    yes no wow lol lmao haha hehe hmm hm omg oops um ah oh uh sir madam maam mam bro dear team
    otp pin upi cod pdf sms app url id kyc gst emi atm sim pan imei qr iban swift bic faq vpn wifi
    email mail gmail whatsapp telegram facebook instagram youtube google android iphone apple
    samsung amazon flipkart paypal paytm phonepe gpay visa mastercard rupay bkash nagad rocket
    netflix spotify uber ola zomato swiggy microsoft windows chrome nadi setu fedex dhl ups
    online offline login logout ticket chat bot video photo internet password account code
    """.split()
)


def normal(text: str, whole: bool = False) -> str:
    """The text in one canonical form: NFKC, nothing invisible, no look-alikes.

    Args:
        whole: keep all of a text of our own; a client's is cut where it says nothing more.
    """
    longest = len(text) if whole else MAX_CHARACTERS
    text = text[: 4 * longest].encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    text = unicodedata.normalize("NFC", text)
    text = _SEQUENCES.sub(lambda found: {**_CHILLUS, **_EYELASH}[found[0]], text)
    text = unicodedata.normalize("NFKC", _HIDDEN.sub("", text))
    text = "".join(
        " " if unicodedata.category(char) in {"Cc", "Cn", "Co"} else char for char in text
    )
    latin = len(_IN_LATIN.findall(text)) >= len(_IN_CYRILLIC_OR_GREEK.findall(text))
    return " ".join(_alike(word, latin)[:MAX_WORD] for word in text.split())[:longest]


def words(text: str) -> list[str]:
    """The words of a canonical text, in lower case, without what belongs to no language.

    Addresses, mentions, tags, numbers and Latin words with a digit in them (order numbers) are left
    out; a run of one letter counts twice at most ("soooo").
    """
    text = (
        _IDENTIFIER.sub(" ", _TAGGED.sub(" ", _ADDRESSES.sub(" ", text)))
        .casefold()
        .replace("’", "'")
        .replace("ʼ", "'")
    )
    found = []
    for token in re.split(r"[^\w'\u0300-\u036f\u0900-\u0dff\u0e00-\u0e7f\u064b-\u0670]+|_", text):
        if _DIGIT.search(token) and _IN_LATIN.search(token):
            continue
        for part in _DIGIT.split(token):
            part = part.strip("'")
            if any(map(str.isalpha, part)):
                found.append(_RUNS.sub(r"\1\1", part))
    return found


def telling(found: list[str]) -> list[str]:
    """The words that tell a language: all but international ones and single Latin letters."""
    return [
        word
        for word in found
        if word not in INTERNATIONAL and not (len(word) == 1 and word < "\u0250")
    ]


def size(found: Sequence[str]) -> int:
    """How many words there are; where words have no spaces between, two characters are one."""
    return sum(max(1, len(word) // 2) if _UNSPACED.match(word) else 1 for word in found)


def _alike(word: str, among_latin: bool) -> str:
    """A word that mixes alphabets, with the look-alikes moved to the alphabet the rest is in.

    Args:
        among_latin: the text's other words are in Latin letters; it decides for a word in which
            every letter could be of either alphabet.
    """
    latin = _IN_LATIN.findall(word)
    foreign = _IN_CYRILLIC_OR_GREEK.findall(word)
    if not latin or not foreign:
        return word
    to_latin, to_cyrillic = set(foreign) <= _LOOKS_LATIN, set(latin) <= _LOOKS_CYRILLIC
    if to_latin and to_cyrillic:
        to_latin = among_latin
    elif not to_latin and not to_cyrillic:
        to_latin = len(latin) >= len(foreign)
    return word.translate(_TO_LATIN if to_latin else _TO_CYRILLIC)

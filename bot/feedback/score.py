"""Reads a rating from 1 to 5 out of what a client typed. Pure.

A score counts only when it stands alone, or with words that make it one ("4 out of 5", "I'd give
4"): most messages with a number in them are about something else. What looks like a rating but
is none of 1 to 5 ("8/10", "3.5", "3 or 4") is `Ambiguous`: we ask again rather than guess.
"""

import dataclasses
import functools
import re
import unicodedata

from bot.languages.formats import fold_digits
from bot.languages.locales import known
from bot.languages.say import say

LOWEST, HIGHEST = 1, 5


def _pattern(expression: str) -> re.Pattern[str]:
    # Composed as the text will be: letters with a nukta are typed in two ways.
    return re.compile(unicodedata.normalize("NFC", expression))


_WORDS = {
    "en": ["one", "two", "three", "four", "five"],
    "bn": ["এক", "দুই", "তিন", "চার", "পাঁচ"],
    "mr": ["एक", "दोन", "तीन", "चार", "पाच"],
    "ml": ["ഒന്ന്", "രണ്ട്", "മൂന്ന്", "നാല്", "അഞ്ച്"],
    "hi": ["एक", "दो", "तीन", "चार", "पांच"],
}
_MORE_WORDS = {
    "দু": 2, "পাচ": 5, "পাঁচটা": 5, "পাঁচে": 5, "पाँच": 5, "पाचं": 5, "ഒന്ന": 1,
    "അഞ്ചു": 5, "മൂന്നു": 3, "നാലു": 4, "രണ്ടു": 2, "ഒന്നു": 1,
    "dui": 2, "panch": 5, "paanch": 5, "pach": 5, "paach": 5, "pnach": 5, "chaar": 4,
    "onnu": 1, "randu": 2, "moonnu": 3, "munnu": 3, "naalu": 4, "nalu": 4, "anju": 5,
    "anchu": 5,
}  # fmt: skip
# Also words of English, or of the neighbour's language: numbers only where they are spoken.
_LOCAL_WORDS = {
    "hi": {"ek": 1, "do": 2, "teen": 3, "tin": 3, "char": 4},
    "mr": {"ek": 1, "don": 2, "teen": 3, "tin": 3, "char": 4},
    "bn": {"ek": 1, "tin": 3, "char": 4},
}
# Half numbers that are one word: a rating was meant, but none of 1 to 5.
_HALVES = _pattern(
    r"(?:\d+[.,]\d+|\d+ ?[½¼¾]|"
    r"(?:साढ़े|साढे|सवा|पौने|সাড়ে|সোয়া|পৌনে|साडे|सव्वा|पावणे|sadhe|saadhe|share|sare|sade|saade) ?\S+|"
    r"डेढ़|डेढ|ढाई|अढ़ाई|দেড়|আড়াই|दीड|अडीच|ഒന്നര|രണ്ടര|മൂന്നര|നാലര|dedh|dhai|der|arai|deed|adich|"
    r"onnara|randara|moonnara|naalara|\S+ and a half)"
)
# Words that may stand beside a score and change nothing.
_COURTESY = frozenset(
    unicodedata.normalize("NFC", word)
    for word in (
        "please pls plz thanks thx ty thank you ok okay only just actually ji sir madam yes "
        "shukriya dhanyavad dhanyawad dhonnobad nandi sorry "
        "जी धन्यवाद शुक्रिया बस केवल सिर्फ हाँ सर ओके फक्त "
        "ধন্যবাদ শুধু জি স্যার ওকে নন্দি നന്ദി സർ ഓക്കെ"
    ).split()
)
_UNIT = (
    r"(?:stars?|points?|marks?|rating|rate|score|स्टार|सितारे|सितारा|तारे|अंक|गुण|रेटिंग|पॉइंट|"
    r"স্টার|তারা|রেটিং|পয়েন্ট|സ്റ്റാർ|മാർക്ക്|റേറ്റിംഗ്|റേറ്റിങ്|പോയിന്റ്)"
)
_NUMBER_WORD = r"(?:number|numbers|no|nr|nambar|nomber|nombor|नंबर|नम्बर|क्रमांक|নম্বর|নাম্বার|നമ്പർ)"
_GIVING = (
    r"(?:(?:i|we)(?: would| will|d|ll)? (?:give|rate|say|go with|choose|pick|score)"
    r"(?: (?:you|it|this|that|them|this chat|the chat))?(?: as| an?)?|"
    r"(?:my|the) (?:rating|score|answer)(?: is)?|it(?: i|)s an?|make it|change it to|change to|"
    r"give(?: an?)?|मेरी ओर से|मेरी तरफ से|मैं|आमच्याकडून|माझ्याकडून|मी|আমি|আমার তরফ থেকে)"
)
_GIVEN = (
    r"(?:देता हूँ|देती हूँ|देता हूं|देती हूं|दूँगा|दूँगी|दूंगा|दूंगी|देंगे|dunga|dungi|deta hu|deti hu|"
    r"देतो|देते|देईन|দিলাম|দিচ্ছি|দেব|দেবো|dilam|debo|തരുന്നു|തരാം|നൽകുന്നു)"
)
# What people type instead of the words on the buttons.
_MORE_LABELS = {
    "非常に不満": 1, "大変不満": 1, "やや不満": 2, "不満足": 2,
    "どちらでもない": 3, "どちらとも言えない": 3, "普通": 3, "ふつう": 3, "まあまあ": 3,
    "やや満足": 4, "大変満足": 5, "非常に満足": 5,
    "一般": 3, "还行": 3,
}  # fmt: skip
_STARS = re.compile(r"[*★⭐🌟☆✩]+")
_FILLED = "*★⭐🌟"
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\u20e3\ufeff]")


@dataclasses.dataclass(frozen=True)
class Score:
    """A clear rating, from 1 (worst) to 5."""

    value: int


@dataclasses.dataclass(frozen=True)
class Ambiguous:
    """Meant as a rating, but none of 1 to 5: ask again."""


Reading = Score | Ambiguous | None


def parse_score(text: str, locale: str) -> Reading:
    """What a client's message says as a rating; None when it is not one.

    Args:
        locale: the language we speak with this client: "do" is 2 in Hindi only.
    """
    if len(text) > 120:
        return None
    squeezed = re.sub(r"\s+", "", _INVISIBLE.sub("", text))
    if _STARS.fullmatch(squeezed):
        return _in_range(sum(char in _FILLED for char in squeezed))
    if re.fullmatch(r"(?:[-−–#]|no\.)\d+", squeezed.casefold()):
        return Ambiguous()  # below nought, or "#1", which is praise
    plain = _plain(text)
    if plain in _labels():
        return Score(_labels()[plain])
    words = _without_courtesy(plain.split())
    if not words:
        return None
    if " ".join(words) in _labels():
        return Score(_labels()[" ".join(words)])
    if _HALVES.fullmatch(" ".join(words)) or _HALVES.fullmatch(
        re.sub(r" ?(?:/|out of) ?(?:5|five)$", "", " ".join(words))
    ):
        return Ambiguous()
    return _read(" ".join(_numeral(word, locale) for word in words))


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", fold_digits(text))).casefold()
    text = text.replace("’", "'").replace("'", "")
    text = re.sub(r"(?<=\d)\s*/\s*(?=\d)", "/", text)
    kept = (
        char if char in "/½¼¾" or char.isalnum() or unicodedata.category(char).startswith("M")
        else char if char in ".,-" else " "
        for char in text
    )  # fmt: skip
    text = "".join(kept)
    text = re.sub(r"(?<!\d)[.,]|[.,](?!\d)", " ", text)
    text = re.sub(r"(?<!\d)-|-(?!\d)", " ", text)
    return " ".join(text.split())


def _without_courtesy(words: list[str]) -> list[str]:
    start, end = 0, len(words)
    while start < end and words[start] in _COURTESY:
        start += 1
    while end > start and words[end - 1] in _COURTESY:
        end -= 1
    return words[start:end]


@functools.lru_cache(maxsize=1)
def _numbers() -> dict[str, int]:
    table = {word: value for words in _WORDS.values() for value, word in enumerate(words, 1)}
    table.update(_MORE_WORDS)
    return {unicodedata.normalize("NFC", word): value for word, value in table.items()}


def _numeral(word: str, locale: str) -> str:
    language = locale.split("-")[0]
    value = _numbers().get(word) or _LOCAL_WORDS.get(language, {}).get(word)
    return word if value is None else str(value)


@functools.lru_cache(maxsize=1)
def _labels() -> dict[str, int]:
    """Every label of the buttons, in every language that has them."""
    found = {_plain(label): value for label, value in _MORE_LABELS.items()}
    for locale in known():
        if locale.quality != "answers only":
            for value in range(LOWEST, HIGHEST + 1):
                found.setdefault(_plain(say(f"csat.label_{value}", locale.tag)), value)
    return found


def _in_range(value: int) -> Reading:
    return Score(value) if LOWEST <= value <= HIGHEST else Ambiguous()


_N = r"(?P<n>\d{1,3})"
_OF = r"(?P<of>5|10|100)"
_FRACTION = _pattern(
    rf"(?:{_N} ?(?:/|out of|of|on|from|by) ?{_OF}|"
    # The whole first: "5 में से 4", "५ पैकी ३", "৫ এ ২", "5 ൽ 4".
    rf"(?P<of2>5|10|100) ?(?:में से|मे से|मेसे|में|पैकी|मधून|मध्ये|এ|এর মধ্যে|এর|তে|ൽ|ല്|യിൽ|ഇൽ|"
    r"mein se|me se|mese|paiki|pyaiki|e|er modhye|il) ?(?P<n2>\d{1,3}))"
    rf"(?: {_UNIT})?"
)
_BETWEEN = _pattern(
    r"(?:between )?\d{1,2} ?(?:-|to|or|and|,|ya|ba|kimva|athava|या|और|से|किंवा|ते|আর|বা|থেকে|অথবা|"
    rf"അല്ലെങ്കിൽ|മുതൽ| ) ?\d{{1,2}}(?: {_UNIT})?"
)
_NUMBERED = _pattern(rf"(?:{_NUMBER_WORD} ?{_N}|(?P<n2>\d{{1,3}}) ?{_NUMBER_WORD})")
_ALONE = _pattern(
    rf"(?:{_GIVING} )?(?:{_UNIT} )?(?:an? )?{_N}(?: {_UNIT})?(?: {_GIVEN})?(?: only)?"
)


def _read(text: str) -> Reading:
    if found := re.fullmatch(rf"(?:{_GIVING} )?(?:{_FRACTION.pattern})(?: {_GIVEN})?", text):
        value = int(found["n"] or found["n2"])
        whole = int(found["of"] or found["of2"])
        if value == whole:
            return Score(HIGHEST)  # full marks are full marks on any scale
        return _in_range(value) if whole == HIGHEST else Ambiguous()
    if re.fullmatch(r"(\d)(?:[ ,]+\1)+", text):
        return _in_range(int(text[0]))
    if _BETWEEN.fullmatch(text):
        return Ambiguous()
    if found := _NUMBERED.fullmatch(text):
        value = int(found["n"] or found["n2"])
        # "एक नंबर!", "number one": praise, and no rating of 1.
        return Ambiguous() if value == 1 else _in_range(value)
    if found := _ALONE.fullmatch(text):
        value = int(found["n"])
        if value > 10 and found.group(0) == found["n"]:
            return None  # a bare 48 is an answer to something else
        return _in_range(value)
    return None

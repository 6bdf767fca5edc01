"""The figures in an article: how long, how much, when. Two texts that differ in one contradict.

Figures are compared by value and by what they count, in any digits: `১৪ দিন`, `14 days` and
`2 weeks` are one, and so is `two weeks` in the languages of `number_words.yml`. Where to write and
what number to call are figures too. One that stands in one text only proves nothing, as it may be
said in other words in the other; so a difference is two figures of one kind, each of which the
other text has not.
"""

import functools
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import yaml

from bot.languages.formats import fold_digits

Kind = Literal["time", "duration", "money", "percent", "email", "phone", "number"]

_KINDS: Final[tuple[Kind, ...]] = (
    "duration", "money", "percent", "time", "email", "phone", "number",
)  # fmt: skip
_CONTACTS: Final = frozenset({"email", "phone"})
_SAME: Final = 1e-6

_HOUR: Final = 60.0
_DAY: Final = 24 * _HOUR
_UNITS: Final[tuple[tuple[float, str], ...]] = (
    (1 / 60, r"seconds?|secs?|সেকেন্ড|सेकंद|सेकंड|सेकेंड|സെക്കൻഡ|സെക്കന്റ|segundos?|secondes?|sekunden?"),
    (1, r"minutes?|mins?|minutos?|minuten|মিনিট|मिनिट|मिनट|മിനിറ്റ|മിനിട്ട"),
    (_HOUR, r"hours?|hrs?|horas?|heures?|stunden?|ঘণ্টা|ঘন্টা|तास|घंट|घण्ट|മണിക്കൂ"),
    (_DAY, r"days?|días?|dias?|jours?|tagen?|tage|দিন|দিবস|कर्मदिवस|दिवस|दिन|ദിവസ|ദിന"),
    (7 * _DAY, r"weeks?|semanas?|semaines?|wochen?|সপ্তাহ|आठवड|हफ़्त|हफ्त|सप्ताह|ആഴ്ച|ാഴ്ച"),
    (30 * _DAY, r"months?|meses|mes|mois|monaten?|monate|মাস|महिन|महीन|മാസ"),
    (365 * _DAY, r"years?|años?|anos?|ans|jahren?|jahre|বছর|वर्ष|साल|വർഷ|കൊല്ല"),
)  # fmt: skip
_MONEY: Final = r"rupees?|rs\.?|inr|bdt|usd|eur|gbp|taka|dollars?|euros?|টাকা|टका|रुपय|रुपए|रुपये|രൂപ"
_PERCENT: Final = r"%|percent|per cent|por ciento|pour cent|prozent|শতাংশ|टक्क|टक्के|प्रतिशत|ശതമാന"
_CLOCK: Final = r"a\.?m\.?|p\.?m\.?|o'clock|uhr|টা|टा|वाजता|वाजे|वाजल|वाजण|बजे|മണി"

_SIGNS: Final[tuple[tuple[Kind, float, str], ...]] = (
    *(("duration", minutes, words) for minutes, words in _UNITS),
    ("money", 1.0, _MONEY),
    ("percent", 1.0, _PERCENT),
    ("time", 1.0, _CLOCK),
)
# The letters of Indic scripts take endings, so a stem is enough there; Latin words end.
_LATIN_END: Final = r"(?![A-Za-zÀ-ÿ])"
_WORDS: Final = tuple(
    (kind, factor, re.compile(rf"(?:{words})(?:(?<=[A-Za-zÀ-ÿ.]){_LATIN_END}|(?<![A-Za-zÀ-ÿ.]))"))
    for kind, factor, words in _SIGNS
)
_SYMBOL: Final = re.compile(r"(?:[₹৳$€£]|\brs\.?)\s?\Z")
_NUMBER: Final = re.compile(
    r"(?<![\w.,/])(?<![A-Za-z]-)(?P<whole>\d{1,3}(?:,\d{2,3})+|\d+)(?P<part>\.\d+)?(?::(?P<minutes>[0-5]\d))?"
    r"(?![\d/]|[.,]\d|[a-z]*\d|[a-z](?![a-z]))"
)
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# At least eight digits with what people put between them; not a day like 2026-11-21.
_PHONE: Final = re.compile(
    r"(?<![\w.,/-])(?!\d{4}-\d\d-\d\d(?!\d))\+?\(?\d(?:[ ()-]{0,2}\d){7,14}(?![\w,/-]|\.\d)"
)
_LOCAL: Final = 10  # digits of a telephone number without what only some write before it
# "সাড়ে ৯টা" is half past nine, and "সাড়ে তিনশো" 350.
_AND_A_HALF: Final = re.compile(unicodedata.normalize("NFC", r"(?:সাড়ে|साढ़े|साढे|साडे)\s?\Z"))
# Between the two ends of a range: one short word, or a dash.
_RANGE: Final = re.compile(r"(?i)\s*(?:[-–—~]|[^\s\d]{1,6}(?:\s[^\s\d]{1,6})?)\s*\Z")
_MARKER: Final = re.compile(r"(?m)^\s*\d{1,9}[.)]\s+")
_AHEAD: Final = 28  # characters in which a number's unit stands: "working days", "কর্মদিবসের মধ্যে"
_SENTENCE: Final = re.compile(r"(?<=[.!?।])\s+|\n+")


@dataclass(frozen=True)
class Figure:
    """A number, as it is written, and what it is worth.

    `value`: minutes of a duration, hours of a clock (12-hour: `রাত ৯টা` has no am or pm), the last
    ten digits of a telephone number, no number of an e-mail address, else the number itself.
    """

    text: str
    kind: Kind
    value: float


def figures(text: str) -> list[Figure]:
    """The figures of a text, in order; list numbers, codes and dates with slashes are none.

    A number in words is one where its unit follows: "one of them" counts nothing.
    """
    return list(_figures(text))


@functools.lru_cache(maxsize=4_096)  # a text is compared with several others
def _figures(text: str) -> tuple[Figure, ...]:
    plain = _plain(text)
    found = [Figure(there[0], "email", math.nan) for there in _EMAIL.finditer(plain)]
    plain = _EMAIL.sub(" ; ", plain)
    for there in _PHONE.finditer(plain):
        digits = re.sub(r"\D", "", there[0])[-_LOCAL:]
        found.append(Figure(there[0], "phone", float(digits)))
    return (*found, *_counted(_PHONE.sub(" ; ", plain)))


def without_figures(text: str) -> str:
    """A text with `#` for each number and contact: what it is about, whatever it says of it."""
    plain = _plain(text)
    for pattern in (_EMAIL, _PHONE, _NUMBER, _spelt()):
        plain = pattern.sub("#", plain)
    return plain


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", fold_digits(text))
    return _MARKER.sub("", text.replace("*", "").casefold())


@dataclass(frozen=True)
class _Number:
    """A number where it stands in a text, in digits or `spelt`; `minutes` as in 9:30."""

    text: str
    start: int
    end: int
    value: float
    minutes: int | None
    spelt: bool


def _numbers(plain: str) -> list[_Number]:
    """The numbers of a text, in order."""
    found = []
    for there in _NUMBER.finditer(plain):
        value = float(there["whole"].replace(",", "") + (there["part"] or ""))
        minutes = int(there["minutes"]) if there["minutes"] else None
        found.append(_number(there, value, minutes, spelt=False))
    for there in _spelt().finditer(plain):
        found.append(_number(there, _number_words()[there["whole"]], None, spelt=True))
    return sorted(found, key=lambda number: number.start)


def _number(there: re.Match[str], value: float, minutes: int | None, *, spelt: bool) -> _Number:
    if _AND_A_HALF.search(there.string, 0, there.start()):
        value += (1000 if value >= 1000 else 100 if value >= 100 else 1) / 2
    return _Number(there[0], there.start(), there.end(), value, minutes, spelt)


def _counted(plain: str) -> list[Figure]:
    numbers = _numbers(plain)
    found: list[Figure] = []
    after: tuple[Kind, float] | None = None
    for n in reversed(range(len(numbers))):
        number = numbers[n]
        follows = plain[number.end : numbers[n + 1].start] if n + 1 < len(numbers) else None
        kind = _unit(plain, number, follows)
        # "5 to 7 days", and not "one of 6 months"
        alike = n + 1 < len(numbers) and numbers[n + 1].spelt == number.spelt
        if kind is None and alike and _RANGE.match(follows or ""):
            kind = after
        after = kind
        if kind is None and number.spelt:
            continue
        name, factor = kind or ("number", 1.0)
        found.append(Figure(number.text, name, _value(number, name, factor)))
    return found[::-1]


def _unit(plain: str, number: _Number, follows: str | None) -> tuple[Kind, float] | None:
    if _SYMBOL.search(plain[: number.start]):
        return "money", 1.0
    if number.minutes is not None:
        return "time", 1.0
    ahead = plain[number.end : number.end + _AHEAD] if follows is None else follows[:_AHEAD]
    ahead = re.split(r"[.!?।\n;(]", ahead)[0]
    found = [
        (there.start(), name, factor)
        for name, factor, pattern in _WORDS
        if (there := pattern.search(ahead))
        # A clock's sign stands at its number; after a word it belongs to something else.
        and (name != "time" or there.start() == 1 or (not number.spelt and not there.start()))
        and (not number.spelt or len(ahead[: there.start()].split()) <= 1)
    ]
    if not found:
        return None
    _, name, factor = min(found)
    return name, factor


def _value(number: _Number, kind: Kind, factor: float) -> float:
    if kind == "time":
        return number.value % 12 + (number.minutes or 0) / 60
    return number.value * factor


@functools.lru_cache(maxsize=1)
def _number_words() -> Mapping[str, float]:
    text = Path(__file__).with_name("number_words.yml").read_text(encoding="utf-8")
    return {
        unicodedata.normalize("NFC", word).casefold(): float(value)
        for words in yaml.safe_load(text).values()
        for word, value in words.items()
    }


@functools.lru_cache(maxsize=1)
def _spelt() -> re.Pattern[str]:
    """A number in words, alone or with a classifier or a unit joined to it."""
    words = "|".join(map(re.escape, sorted(_number_words(), key=len, reverse=True)))
    units = "|".join(unit for _, unit in _UNITS)
    return re.compile(rf"(?<![^\s(\"'“‘–—-])(?P<whole>{words})(?:টি|টা|টে|(?=[\s-]|{units}))")


@dataclass(frozen=True)
class Difference:
    """Two texts' figures of one kind that the other has not, as they are written."""

    kind: Kind
    here: tuple[str, ...]
    there: tuple[str, ...]


def differences(here: str, there: str) -> Iterator[Difference]:
    """Where two texts that should say the same give different figures."""
    ours, theirs = figures(here), figures(there)
    yield from _differences(ours, theirs)


def _differences(ours: Sequence[Figure], theirs: Sequence[Figure]) -> Iterator[Difference]:
    alone, others = _without(ours, theirs), _without(theirs, ours)
    for kind in _KINDS:
        left = [f for f in alone if f.kind == kind]
        right = [f for f in others if _comparable(kind, f.kind)]
        if left and right:
            alone = [f for f in alone if f not in left]
            others = [f for f in others if f not in right]
            yield Difference(
                kind if kind != "number" else right[0].kind,
                tuple(dict.fromkeys(f.text for f in left)),
                tuple(dict.fromkeys(f.text for f in right)),
            )


def _comparable(one: Kind, other: Kind) -> bool:
    # Where a language's word for a unit is not known, its figure is a bare number.
    return one == other or ("number" in (one, other) and not {one, other} & _CONTACTS)


def _without(some: Iterable[Figure], others: Sequence[Figure]) -> list[Figure]:
    """Of these figures those for which the others have none, each of the others used once."""
    free = list(others)
    left = []
    for figure in some:
        same = next((f for f in free if _alike(figure, f)), None)
        if same is None:
            left.append(figure)
        else:
            free.remove(same)
    return left


def _alike(one: Figure, other: Figure) -> bool:
    return one.text == other.text or (
        one.kind == other.kind and abs(one.value - other.value) < _SAME
    )


def sentences(text: str) -> list[str]:
    """Sentences and list items, without their marks."""
    parts = _SENTENCE.split(_MARKER.sub("", text))
    return [part.strip(" -*>#\t") for part in parts if part.strip(" -*>#\t")]

"""The figures in an article: how long, how much, when. Two texts that differ in one contradict.

Figures are compared by value and by what they count, in any digits: `১৪ দিন`, `14 days` and
`2 weeks` are one. A figure that stands in one text only proves nothing, as it may be spelled out in
the other; so a difference is two figures of one kind, each of which the other text has not.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.languages.formats import fold_digits

Kind = Literal["time", "duration", "money", "percent", "number"]

_KINDS: Final[tuple[Kind, ...]] = ("duration", "money", "percent", "time", "number")
_SAME: Final = 1e-6

_HOUR: Final = 60.0
_DAY: Final = 24 * _HOUR
_UNITS: Final[tuple[tuple[float, str], ...]] = (
    (1 / 60, r"seconds?|secs?|সেকেন্ড|सेकंद|सेकंड|सेकेंड|സെക്കൻഡ|സെക്കന്റ|segundos?|secondes?|sekunden?"),
    (1, r"minutes?|mins?|minutos?|minuten|মিনিট|मिनिट|मिनट|മിനിറ്റ|മിനിട്ട"),
    (_HOUR, r"hours?|hrs?|horas?|heures?|stunden?|ঘণ্টা|ঘন্টা|तास|घंट|घण्ट|മണിക്കൂ"),
    (_DAY, r"days?|días?|dias?|jours?|tagen?|tage|দিন|দিবস|कर्मदिवस|दिवस|दिन|ദിവസ|ദിന"),
    (7 * _DAY, r"weeks?|semanas?|semaines?|wochen?|সপ্তাহ|आठवड|हफ़्त|हफ्त|सप्ताह|ആഴ്ച"),
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
# Between the two ends of a range: one short word, or a dash.
_RANGE: Final = re.compile(r"(?i)\s*(?:[-–—~]|[^\s\d]{1,6}(?:\s[^\s\d]{1,6})?)\s*\Z")
_MARKER: Final = re.compile(r"(?m)^\s*\d{1,9}[.)]\s+")
_AHEAD: Final = 28  # characters in which a number's unit stands: "working days", "কর্মদিবসের মধ্যে"
_SENTENCE: Final = re.compile(r"(?<=[.!?।])\s+|\n+")


@dataclass(frozen=True)
class Figure:
    """A number, as it is written, and what it is worth.

    `value`: minutes of a duration, hours of a clock (12-hour: `রাত ৯টা` has no am or pm), else the
    number itself.
    """

    text: str
    kind: Kind
    value: float


def figures(text: str) -> list[Figure]:
    """The figures of a text, in order; list numbers, codes and dates with slashes are none."""
    plain = _MARKER.sub("", fold_digits(text).replace("*", "").casefold())
    numbers = list(_NUMBER.finditer(plain))
    found: list[Figure] = []
    after: tuple[Kind, float] | None = None
    for n in reversed(range(len(numbers))):
        number = numbers[n]
        follows = plain[number.end() : numbers[n + 1].start()] if n + 1 < len(numbers) else None
        kind = _unit(plain, number, follows)
        if kind is None and follows is not None and _RANGE.match(follows):
            kind = after  # "5 to 7 days"
        after = kind
        name, factor = kind or ("number", 1.0)
        found.append(Figure(number[0], name, _value(number, name, factor)))
    return found[::-1]


def _unit(plain: str, number: re.Match[str], follows: str | None) -> tuple[Kind, float] | None:
    if _SYMBOL.search(plain[: number.start()]):
        return "money", 1.0
    if number["minutes"]:
        return "time", 1.0
    ahead = plain[number.end() : number.end() + _AHEAD] if follows is None else follows[:_AHEAD]
    ahead = re.split(r"[.!?।\n;(]", ahead)[0]
    found = [
        (there.start(), name, factor)
        for name, factor, pattern in _WORDS
        if (there := pattern.search(ahead))
        # A clock's sign stands at its number; after a word it belongs to something else.
        and (name != "time" or there.start() <= 1)
    ]
    if not found:
        return None
    _, name, factor = min(found)
    return name, factor


def _value(number: re.Match[str], kind: Kind, factor: float) -> float:
    value = float(number["whole"].replace(",", "") + (number["part"] or ""))
    if kind == "time":
        return value % 12 + int(number["minutes"] or 0) / 60
    return value * factor


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
        # Where a language's word for a unit is not known, its figure is a bare number.
        right = [f for f in others if f.kind == kind or "number" in (f.kind, kind)]
        if left and right:
            alone = [f for f in alone if f not in left]
            others = [f for f in others if f not in right]
            yield Difference(
                kind if kind != "number" else right[0].kind,
                tuple(dict.fromkeys(f.text for f in left)),
                tuple(dict.fromkeys(f.text for f in right)),
            )


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

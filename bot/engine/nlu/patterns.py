"""What has a form of its own in a message: numbers of orders, invoices and tickets, amounts, dates,
e-mail addresses, telephone numbers.

spaCy's blank pipelines bring a tokenizer for each language (no model, no download); the patterns
are shared, because digits are folded to ASCII first. The words that some numbers need beside them
are the languages' own (`numbers` in data/languages.yml).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import phonenumbers
import spacy
from babel import Locale as Cldr
from spacy.language import Language

from bot.languages.formats import fold_digits
from bot.languages.locales import UnknownLocale, get, known
from bot.languages.numbers import Kind, words

_NUMBER_SIGNS = (".", "#", ":", "-")
NUMBER = "number"
"""A bare number that may be an order's or anything else: whoever sent it has to be asked."""
_MONEY_SIGNS = "₹ ৳ $ € £"

_CODE = r"[a-z]{2,4}-?\d{5,12}"
_ORDER_CODE = rf"(?!(?:inv|bill|tkt|tk|cs|case|rs|inr)-?\d){_CODE}"
_DIGITS = r"\d{4,14}"
_ALONE = re.compile(r"(#?)(\d{4,14})")
# By itself it may be a one-time password (4 or 6 digits) or an Indian PIN code (6, not from 0).
_ANYTHING = re.compile(r"\d{4}|\d{6}")
_AMOUNT = r"^\d[\d,]*(?:\.\d+)?$"
_ORDER = re.compile(rf"(?:{_CODE}|#?{_DIGITS})")
# Scripts without spaces: a number may touch the words beside it.
_UNSPACED = "[\u3040-\u30ff\u4e00-\u9fff：]"
_TOUCHED = re.compile(
    rf"(?<={_UNSPACED})(?i:{_ORDER_CODE})(?![A-Za-z0-9-])"
    rf"|(?<![A-Za-z0-9-])(?i:{_ORDER_CODE})(?={_UNSPACED})"
)
_BORDER = re.compile(rf"(?<={_UNSPACED})(?=[A-Za-z0-9#])|(?<=[A-Za-z0-9])(?={_UNSPACED})")
_AROUND = " \t\n.,:;!?।：。，！#\u2060"
_BARE = re.compile(r"(?:[A-Za-z]{2,6}-?)?\d[\d-]*\d")
_UNPAIRED = re.compile("[\ud800-\udfff]")  # half characters, which spaCy cannot encode
_LIMIT = 4000  # characters that are looked at
_PHONE_REGIONS = {
    "bn": ("BD", "IN")
}  # Bangladesh first: its mobiles also look like Indian landlines
_DEFAULT_REGION = "IN"


@dataclass(frozen=True)
class Found:
    """Something found: its kind, its value in one form, and where it stands in the text."""

    kind: str
    value: str
    start: int
    end: int


def find(text: str, language: str | None = None) -> tuple[Found, ...]:
    """All that is found in a text, in order, without overlaps.

    Args:
        text: as the client wrote it, digits of any script.
        language: BCP 47 tag; decides the tokenizer and the country of local telephone numbers.
    """
    folded = _UNPAIRED.sub("\ufffd", fold_digits(text[:_LIMIT]))
    telephones = list(_telephones(folded, language))
    alone = _ALONE.fullmatch(folded.strip(_AROUND.replace("#", "")))
    if alone and not telephones:
        sign, number = alone.groups()
        kind = NUMBER if not sign and _ANYTHING.fullmatch(number) else "order"
        start = folded.index(number)
        return (Found(kind, number, start, start + len(number)),)
    # First what has a word before it: the digits after "order" are no telephone number.
    touched = [
        Found("order", _code(each[0]), each.start(), each.end())
        for each in _TOUCHED.finditer(folded)
    ]
    found = [*_matches(folded, language), *touched, *telephones]
    found.sort(key=lambda each: (each.start, -each.end))
    kept: list[Found] = []
    for each in found:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return tuple(kept)


def order_alone(text: str) -> bool:
    """Is an order number, with no more than the words for it, all there is?"""
    spaced = _BORDER.sub(" ", fold_digits(text[:_LIMIT]))
    said = [word.strip(_AROUND) for word in spaced.lower().split()]
    numbers = [word for word in said if _ORDER.fullmatch(word)]
    rest = {word for word in said if word and word not in numbers}
    return len(set(numbers)) == 1 and rest <= _beside_an_order()


@functools.lru_cache(maxsize=1)
def _beside_an_order() -> frozenset[str]:
    return frozenset((*words("order"), *words("number"), *words("own"), *_NUMBER_SIGNS))


def _telephones(text: str, language: str | None) -> Iterator[Found]:
    seen: set[int] = set()
    for region in _regions(language):
        for match in phonenumbers.PhoneNumberMatcher(text, region):
            if match.start not in seen:
                seen.add(match.start)
                form = phonenumbers.PhoneNumberFormat.E164
                value = phonenumbers.format_number(match.number, form)
                yield Found("phone", value, match.start, match.end)


def _regions(language: str | None) -> tuple[str, ...]:
    base = (language or "").split("-")[0]
    if base in _PHONE_REGIONS:
        return _PHONE_REGIONS[base]
    try:
        territory = get(language or "en").territory
    except UnknownLocale:
        territory = _DEFAULT_REGION
    return tuple(dict.fromkeys((_DEFAULT_REGION, territory)))


def _matches(text: str, language: str | None) -> Iterator[Found]:
    for span in _pipeline((language or "").split("-")[0])(text).ents:
        kind, value, start, end = span.label_, span.text, span.start_char, span.end_char
        if kind in ("order", "invoice", "ticket"):
            bare = list(_BARE.finditer(value))[-1]
            start, end = start + bare.start(), start + bare.end()
            value = _code(bare[0])
        yield Found(kind, value, start, end)


def _code(number: str) -> str:
    """`nd123456` and `ND-123456` are one number."""
    letters, digits = re.fullmatch(r"([A-Za-z]*)-?(.*)", number).groups()  # type: ignore[union-attr]
    return f"{letters.upper()}-{digits}" if letters else digits


@functools.cache
def _pipeline(language: str) -> Language:
    """The tokenizer and the ruler of a language; the multi-language one where spaCy has none."""
    code = language if language in _tokenizers() else "xx"
    pipeline = spacy.blank(code)
    ruler: Any = pipeline.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns(_patterns())
    return pipeline


@functools.lru_cache(maxsize=1)
def _tokenizers() -> frozenset[str]:
    return frozenset(each.tag for each in known() if each.quality == "complete")


@functools.lru_cache(maxsize=1)
def _patterns() -> list[dict[str, Any]]:
    return [
        *_numbers(),
        *_money(),
        *_dates(),
        {"label": "email", "pattern": [{"LIKE_EMAIL": True}]},
    ]


def _numbers() -> Iterator[dict[str, Any]]:
    spacer = {"LOWER": {"IN": [*words("number"), *_NUMBER_SIGNS]}, "OP": "*"}
    kinds: tuple[tuple[Kind, str], ...] = (
        ("order", ""),
        ("invoice", r"(?:inv|bill)-?\d{3,12}"),
        ("ticket", r"(?:tkt|tk|cs|case)-?\d{3,12}"),
    )
    for label, own in kinds:
        number = {"TEXT": {"REGEX": f"(?i)^(?:{_CODE}|{_DIGITS})$"}}
        yield {"label": label, "pattern": [{"LOWER": {"IN": [*words(label)]}}, spacer, number]}
        if own:
            yield {"label": label, "pattern": [{"TEXT": {"REGEX": f"(?i)^{own}$"}}]}
    code = rf"(?i)^{_ORDER_CODE}$"
    yield {"label": "order", "pattern": [{"TEXT": {"REGEX": code}}]}
    yield {"label": "order", "pattern": [{"TEXT": "#"}, {"TEXT": {"REGEX": f"^{_DIGITS}$"}}]}
    yield {"label": "order", "pattern": [{"TEXT": {"REGEX": f"^#{_DIGITS}$"}}]}


def _money() -> Iterator[dict[str, Any]]:
    amount = {"TEXT": {"REGEX": _AMOUNT}}
    word = {"LOWER": {"IN": [*words("money")]}}
    joined = "|".join(re.escape(each) for each in words("money"))
    signs = "".join(re.escape(each) for each in _MONEY_SIGNS.split())
    yield {"label": "money", "pattern": [{"TEXT": {"IN": _MONEY_SIGNS.split()}}, amount]}
    yield {"label": "money", "pattern": [{"TEXT": {"REGEX": rf"^[{signs}]\d[\d,]*(?:\.\d+)?$"}}]}
    yield {"label": "money", "pattern": [amount, word]}
    yield {"label": "money", "pattern": [word, {"TEXT": ".", "OP": "?"}, amount]}
    yield {"label": "money", "pattern": [{"LOWER": {"REGEX": rf"^\d[\d,]*(?:{joined})$"}}]}
    yield {"label": "money", "pattern": [{"LOWER": {"REGEX": rf"^(?:{joined})\d[\d,]*$"}}]}


def _dates() -> Iterator[dict[str, Any]]:
    month = {"LOWER": {"IN": sorted(_months())}}
    endings = "|".join(re.escape(each) for each in words("ordinals"))
    day = {"LOWER": {"REGEX": rf"^(?:0?[1-9]|[12]\d|3[01])(?:{endings})?$"}}
    of = {"LOWER": {"IN": ["of", "-", ","]}, "OP": "?"}
    year = {"TEXT": {"REGEX": r"^20\d\d$"}, "OP": "?"}
    number = {"TEXT": {"REGEX": r"^\d{1,2}$"}}
    yield {"label": "date", "pattern": [day, of, month, of, year]}
    yield {"label": "date", "pattern": [month, day, of, year]}
    full = r"^(?:\d{1,2}[./-]\d{1,2}[./-](?:20)?\d\d|20\d\d[./-]\d{1,2}[./-]\d{1,2})$"
    yield {"label": "date", "pattern": [{"TEXT": {"REGEX": full}}]}
    for sign in ("-", "/", "."):
        between, last = {"TEXT": sign}, {"TEXT": {"REGEX": r"^(?:20)?\d\d$"}}
        yield {"label": "date", "pattern": [number, between, number, between, last]}
        yield {
            "label": "date",
            "pattern": [{"TEXT": {"REGEX": r"^20\d\d$"}}, between, number, between, number],
        }


@functools.lru_cache(maxsize=1)
def _months() -> frozenset[str]:
    """Month names, in full and short, of the languages we speak completely (CLDR)."""
    names: set[str] = set()
    for locale in (each for each in known() if each.quality == "complete"):
        months = Cldr.parse(locale.tag).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                names |= {name.lower().rstrip(".") for name in months[context][width].values()}
    return frozenset(names)

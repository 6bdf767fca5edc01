"""What an article's fields may be, whoever brings them: a file, the desk, another program."""

import re
from collections.abc import Mapping

from bot.knowledge.models import STATES

MAX_TITLE = 1_000
MAX_BODY = 50_000
MAX_QUESTIONS = 200
MAX_ID = 100
"""Characters and counts; far beyond what a client reads, far below what hurts."""

# BCP 47: language, script, region; other subtags have no use here (RFC 5646, 2.1).
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Overrides show other text than what is stored; isolates and marks are honest and stay.
_OVERRIDE = re.compile("[\u202d\u202e]")
_HIDDEN = (
    (_CONTROL, "control character", "control"),
    (_OVERRIDE, "bidi override", "override"),
)


class Invalid(ValueError):
    """A field cannot be stored; the message names it, its value and what it should be.

    Attributes:
        fault: what is wrong, where a form can bring it about: `locale`, `empty`, `too_long`,
            `too_many`, `control`, `override`; else empty. Whoever speaks another language than
            English says it from this, `field` and `values`.
    """

    def __init__(self, message: str, fault: str = "", field: str = "", **values: object) -> None:
        super().__init__(message)
        self.fault = fault
        self.field = field
        self.values = values


def locale_tag(value: str) -> str:
    """A locale tag in its canonical spelling: `pt_br` becomes `pt-BR`.

    Raises:
        Invalid: it is none.
    """
    found = _TAG.fullmatch(value.strip())
    if found is None:
        raise Invalid(
            f"locale {value[:40]!r} is not a BCP 47 tag like bn or pt-BR",
            "locale",
            "locale",
            value=value[:40],
        )
    language, script, region = found.groups()
    parts = (language.lower(), (script or "").title(), (region or "").upper())
    return "-".join(part for part in parts if part)


def text(name: str, value: object, limit: int, empty: bool = False) -> str:
    """A text field: newlines made alike, outer white space gone.

    Raises:
        Invalid: not a text, too long, empty where it must not be, or with characters that hide
            or break something.
    """
    if not isinstance(value, str):
        raise Invalid(f"{name} must be a text, not {type(value).__name__}")
    if len(value) > limit:
        raise Invalid(
            f"{name} has {len(value):,} characters; at most {limit:,} are allowed",
            "too_long",
            name,
            length=len(value),
            limit=limit,
        )
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    for pattern, what, fault in _HIDDEN:
        found = pattern.search(value)
        if found:
            code = f"U+{ord(found[0]):04X}"
            message = f"{name} has a {what} ({code}) at {found.start()}"
            raise Invalid(message, fault, name, code=code, place=found.start())
    if not value and not empty:
        raise Invalid(f"{name} is missing or empty", "empty", name)
    return value


def line(name: str, value: object, limit: int, empty: bool = False) -> str:
    """A text field of one line."""
    return " ".join(text(name, value, limit, empty).split())


def lines(name: str, value: object) -> tuple[str, ...]:
    """A list of one-line texts, each once, in order.

    Raises:
        Invalid: it is no list of texts, or too long a one.
    """
    if value in ("", None):
        return ()
    if not isinstance(value, (list, tuple)):
        raise Invalid(f"{name} must be a list, not {type(value).__name__}")
    if len(value) > MAX_QUESTIONS:
        raise Invalid(
            f"{name} has {len(value):,} items; at most {MAX_QUESTIONS} are allowed",
            "too_many",
            name,
            length=len(value),
            limit=MAX_QUESTIONS,
        )
    return tuple(dict.fromkeys(line(f"an item of {name}", v, MAX_TITLE) for v in value))


def fields(given: Mapping[str, object]) -> dict[str, object]:
    """The given fields of an article, checked and in their stored form, by `Entry`'s names.

    Args:
        given: what was given; `article`, `locale`, `title` and `body` must be.

    Raises:
        Invalid: names the first field that will not do.
    """
    made: dict[str, object] = {
        "article": line("id", given.get("article", ""), MAX_ID),
        "locale": locale_tag(line("locale", given.get("locale", ""), 35)),
        "title": line("title", given.get("title", ""), MAX_TITLE),
        "body": text("body", given.get("body", ""), MAX_BODY),
    }
    if given.get("category"):
        made["category"] = line("category", given["category"], 60)
    if given.get("source_locale"):
        made["source_locale"] = locale_tag(line("source_locale", given["source_locale"], 35))
    for name in ("questions", "tags"):
        if name in given:
            made[name] = lines(name, given[name])
    if given.get("state"):
        made["state"] = line("status", given["state"], 12)
        if made["state"] not in STATES:
            raise Invalid(f"status {made['state']!r} is none of {', '.join(STATES)}")
    if "source_version" in given:
        number = str(given["source_version"])
        if not re.fullmatch("[1-9][0-9]{0,8}", number):
            raise Invalid(f"source_version {number[:20]!r} is not a whole number from 1")
        made["source_version"] = int(number)
    return made

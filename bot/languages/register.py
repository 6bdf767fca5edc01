"""Which form of address a client is spoken to with, and what moves it.

The polite form stands until the client moves it: by saying তুমি, तुम or du to us, one step down,
never to the intimate form; or by asking for a form. Anger, lost money, an apology and a rating
question move it back. A name moves nothing. What counts as evidence is data, `usage` in
`data/languages.yml`, and holds only forms that address us and nobody else: a quotation, reported
speech or two forms at once are no evidence.

The rules are those of `docs/add-a-language.md` (Forms of address). Everything here is pure.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from bot.languages import clean
from bot.languages.locales import Locale, UnknownLocale, get

FORMAL: Final = "formal"

Occasion = Literal["complaint", "anger", "money", "apology", "failure", "rating"]
"""What makes us formal, whatever the client says. A rating question only undoes familiarity: it
does not raise a form above the locale's own."""

# What is said on an occasion by its nature. A key that ends in a dot stands for all below it.
_SAID_ON: Final[Mapping[str, Occasion]] = {
    "csat.": "rating",
    "engine.complaint": "complaint",
    "engine.sorry_to_hear": "complaint",
    "engine.turn_failed": "failure",
    "handoff.expired": "failure",
}

_QUOTED = re.compile(
    r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|‘[^’]*’|「[^」]*」|\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|^[ \t]*>.*$",
    re.MULTILINE,
)
_ADDRESS = re.compile(r"://|@|^www\.")
_SENTENCE = re.compile(r"[.!?।॥۔؟…:;|]+\s*")
_WORD = re.compile(r"\w[\w\u0300-\u036f\u064b-\u0670\u0900-\u0dff'-]*")
# Between the parts of a phrase: so many words may stand at its "…".
_GAP: Final = 4
_SPELLINGS: Final = 2  # so many different spoken spellings are a habit, one is a slip


def next_register(
    current: str | None, heard: str | None, occasion: Occasion | None, locale: str
) -> str:
    """The form to speak in after a message or an event.

    Args:
        current: the form until now; None or one that the locale lacks is the locale's default.
        heard: what `register_of` heard, a step towards which is taken.
        occasion: what overrides all that was heard.
        locale: BCP 47 tag; its forms are ordered, the most formal first.

    Returns:
        At most one step below the locale's default.
    """
    spoken = get(locale)
    ladder = list(spoken.registers) or [spoken.register_default]
    default = ladder.index(spoken.register_default)
    at = ladder.index(current) if current in ladder else default
    if occasion:
        return ladder[min(at, default if occasion == "rating" else 0)]
    if heard in ladder:
        wanted = ladder.index(heard)
        at = min(at + (wanted > at) - (wanted < at), default + 1)
    return ladder[at]


def carried(register: str | None, before: str, after: str, wished: str | None) -> str | None:
    """The form after a change of language: what was heard in one says nothing of another.

    Args:
        wished: the form the client asked for once; formality that an occasion brought outlasts it.
    """
    raised = register == FORMAL != get(before).register_default
    return register if before == after or raised else wished


def rested(register: str | None, locale: str, wished: str | None) -> str | None:
    """The form a new interaction begins in: what an occasion raised in an earlier one is over.

    Args:
        wished: the form the client asked for once, which stays.
    """
    spoken = get(locale)
    ladder = list(spoken.registers)
    if register not in ladder or spoken.register_default not in ladder:
        return register
    raised = ladder.index(register) < ladder.index(spoken.register_default)
    return wished if raised else register


def spoken_register(key: str, register: str | None, locale: Locale) -> str:
    """The form a text is said in: the one asked for, but no familiar one on an occasion."""
    occasion = next(
        (_SAID_ON[k] for k in (key, f"{key.partition('.')[0]}.") if k in _SAID_ON), None
    )
    return next_register(register, None, occasion, locale.tag)


def register_of(text: str, locale: str) -> str | None:
    """The form a message clearly addresses us with, as one of the locale's; None where unclear.

    An intimate form counts as the informal one: that is as far as anybody follows.
    """
    usage = _usage(locale)
    if usage is None:
        return None
    said = _said(text)
    if usage.found("reported", said):
        return None
    said = usage.without("set_phrases", said)
    for kind in ("pronouns", "verbs"):
        found = {form for form in usage.forms if usage.found(f"{form}.{kind}", said)}
        if found:
            return found.pop() if len(found) == 1 else None
    for form in usage.forms:
        spellings = len(usage.all(f"{form}.spellings", said))
        if spellings >= _SPELLINGS or (spellings and usage.found("address", said)):
            return form
    return None


def occasion_of(text: str, locale: str) -> Occasion | None:
    """Whether a message is angry or tells of lost money, in its language or in English."""
    said = _said(text)
    occasions: tuple[Occasion, ...] = ("money", "anger")
    for usage in filter(None, (_usage(locale), _usage("en"))):
        for occasion in occasions:
            if usage.found(f"occasions.{occasion}", said):
                return occasion
    return None


def wished_register(text: str, locale: str) -> str | None:
    """The form a message asks to be addressed with ("call me tum"), None where it asks for none.

    Who refuses the informal form asks for the formal one.
    """
    usage = _usage(locale)
    if usage is None:
        return None
    said = _said(text, quotations=True)
    wished = {form for form in usage.forms if usage.found(f"{form}.wish", said)}
    if len(wished) != 1:
        return None
    form = wished.pop()
    if not usage.found("refusals", said):
        return form
    return FORMAL if form != FORMAL else None


def mixed(text: str, locale: str) -> bool:
    """Whether a text of ours holds two forms of address, which no message may."""
    usage = _usage(locale)
    if usage is None:
        return False
    said = usage.without("set_phrases", _said(text))
    return sum(usage.shows(form, said) for form in usage.forms) > 1 or any(
        usage.found(f"apart.{n}.0", said) and usage.found(f"apart.{n}.1", said)
        for n in range(usage.apart)
    )


def shows(text: str, form: str, locale: str) -> bool:
    """Whether a text of ours addresses its reader with a form of the locale."""
    usage = _usage(locale)
    if usage is None:
        return False
    said = usage.without("set_phrases", _said(text))
    return usage.shows(form, said)


class _Usage:
    """One language's phrases, compiled. A name in it is a path in `usage`, dotted."""

    def __init__(self, locale: Locale) -> None:
        data = locale.usage
        self.forms = tuple(form for form in locale.registers if form in data)
        self.apart = len(data.get("apart", ()))
        self._patterns = {name: _pattern(phrases) for name, phrases in _leaves(data)}
        refusals = f"{locale.wish_refusals} {get('en').wish_refusals}".split()
        self._patterns["refusals"] = _pattern(", ".join(refusals))
        for form in self.forms:
            self._patterns[f"{form}.wish"] = _pattern(", ".join(_wishes(data[form])))

    def all(self, name: str, said: str) -> set[str]:
        """The different things said that a list names."""
        pattern = self._patterns.get(name)
        return set(pattern.findall(said)) if pattern else set()

    def found(self, name: str, said: str) -> bool:
        """Whether something said is in a list."""
        pattern = self._patterns.get(name)
        return bool(pattern and pattern.search(said))

    def shows(self, form: str, said: str) -> bool:
        """Whether something said is in a form, as far as ours must keep to one."""
        return any(self.found(f"{form}.{kind}", said) for kind in ("pronouns", "verbs", "also"))

    def without(self, name: str, said: str) -> str:
        """What was said, without what a list names."""
        pattern = self._patterns.get(name)
        return pattern.sub("|", said) if pattern else said


@functools.lru_cache(maxsize=64)
def _usage(locale: str) -> _Usage | None:
    try:
        spoken = get(locale)
    except UnknownLocale:
        return None
    return _Usage(spoken) if spoken.usage else None


def _leaves(data: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, str):
            yield f"{path}{name}", value
        elif isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{name}.")
        else:
            for n, pair in enumerate(value):
                for side, phrases in enumerate(pair):
                    yield f"{path}{name}.{n}.{side}", phrases


def _wishes(form: Mapping[str, str]) -> Iterator[str]:
    """What asks for a form: its own phrases, and English ones around its pronouns."""
    yield from filter(None, form.get("wish", "").split(", "))
    for pronoun in form.get("pronouns", "").split(", "):
        for asks in ("call me", "say", "address me as", "address me with", "use"):
            yield f"{asks} {pronoun}"


def _pattern(phrases: str) -> re.Pattern[str]:
    """Phrases divided by commas: `*` stands for the rest of a word, ` … ` for a few words."""
    alternatives = []
    for phrase in phrases.split(","):
        # Not as it is: NFKC makes three full stops of an ellipsis.
        plain = re.escape(clean.normal(phrase.replace("…", "_"), whole=True))
        plain = plain.replace(r"\ _\ ", rf"(?: [^ |]+){{0,{_GAP}}} ").replace(r"\*", "[^ |]*")
        alternatives.append(plain)
    return re.compile(rf"(?<= )(?:{'|'.join(filter(None, alternatives))})(?= )")


def _said(text: str, quotations: bool = False) -> str:
    """The words of a message, sentences divided by bars: as written and in lower case.

    As written, so that a polite Sie is told from a sie; a sentence's first word is not.
    """
    text = text[: 2 * clean.MAX_CHARACTERS]
    if not quotations:
        text = _QUOTED.sub(" | ", text)
    text = " ".join(word for word in text.replace("\n", " | ").split() if not _ADDRESS.search(word))
    text = clean.normal(text).replace("’", "'")
    sentences = [_WORD.findall(sentence) for sentence in _SENTENCE.split(text)]
    written = " | ".join(
        " ".join([words[0].casefold(), *words[1:]]) for words in sentences if words
    )
    return f" {written} || {written.casefold()} "

"""What is wrong with a locale's catalog: untranslated, stale, inflected, in a wrong register.

`setu doctor` and the tests read this; a translator sees the key, what is wrong and the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from babel.messages import pofile
from babel.messages.catalog import Message

from bot.languages.clean import words
from bot.languages.locales import Locale, get
from bot.languages.register import mixed
from bot.languages.say import particular, placeholders
from bot.languages.scripts import of
from bot.languages.strings import STRINGS
from bot.settings import settings

Kind = Literal[
    "untranslated",
    "unknown key",
    "stale",
    "fuzzy",
    "placeholder",
    "inflected",
    "never said",
    "mixed register",
    "script",
]
# A placeholder with a letter or a vowel sign right behind it: an ending glued to a name.
_GLUED: Final = re.compile(r"\{\w+\}(.)")


@dataclass(frozen=True)
class Fault:
    """One thing a translator must see to; `text` is what the catalog says, or the English."""

    locale: str
    key: str
    kind: Kind
    text: str


def path(tag: str) -> Path:
    """Where the catalog of a language is."""
    return settings().home / "data" / "locale" / tag / "setu.po"


def faults(tag: str, file: Path | None = None) -> list[Fault]:
    """The faults of a language's catalog, by key; of a file elsewhere if one is given."""
    locale, file = get(tag), file or path(tag)
    messages: list[Message] = []
    if file.exists():
        with file.open("rb") as lines:
            messages = [message for message in pofile.read_po(lines, locale=tag) if message.context]
    found = [fault for message in messages for fault in _of(message, locale)]
    done = {str(message.context) for message in messages if all(_forms(message))}
    for key, english in STRINGS.items():
        if key not in done:
            text = english if isinstance(english, str) else english[1]
            found.append(Fault(tag, key, "untranslated", text))
    return sorted(found, key=lambda fault: (fault.key, fault.kind))


def _forms(message: Message) -> tuple[str, ...]:
    text = message.string
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text or ""),)


def _of(message: Message, locale: Locale) -> Iterator[Fault]:
    key, forms = str(message.context), _forms(message)
    plain, known = particular(key, locale)
    english = STRINGS.get(plain)
    if english is None or not known:
        yield Fault(locale.tag, key, "unknown key", forms[0])
        return
    source = english if isinstance(english, tuple) else (english,)
    given = message.id if isinstance(message.id, list | tuple) else (message.id,)
    if tuple(map(str, given)) != source:
        yield Fault(locale.tag, key, "stale", source[-1])
    if message.fuzzy:
        yield Fault(locale.tag, key, "fuzzy", forms[0])
    wanted = placeholders(source[-1])
    for text in filter(None, forms):
        # A singular may say "one" in words and leave the count out.
        if placeholders(text) - wanted or (wanted - {"count"}) - placeholders(text):
            yield Fault(locale.tag, key, "placeholder", text)
        spaced = locale.script not in _WITHOUT_SPACES
        if spaced and any(_is_ending(glued) for glued in _GLUED.findall(text)):
            yield Fault(locale.tag, key, "inflected", text)
        said = words(text)
        if set(said) & {word for never in locale.never for word in words(never)}:
            yield Fault(locale.tag, key, "never said", text)
        if mixed(text, locale.tag):
            yield Fault(locale.tag, key, "mixed register", text)
        if said and locale.script not in _WRITTEN_OTHERWISE and locale.script not in map(of, said):
            yield Fault(locale.tag, key, "script", text)


def _is_ending(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"


_WITHOUT_SPACES: Final = frozenset({"Hans", "Jpan"})  # nothing is inflected, all words touch

# Their scripts are several at once to us, or Latin like a placeholder's or a brand's letters.
_WRITTEN_OTHERWISE: Final = frozenset({"Latn", "Hans", "Jpan", "Kore"})

"""What is wrong with a locale's catalog: untranslated, stale, inflected, in two languages or forms.

`setu doctor` and the tests read this; a translator sees the key, what is wrong and the text.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from babel.messages import pofile
from babel.messages.catalog import Message

from bot.languages.clean import words
from bot.languages.foreign import foreign
from bot.languages.locales import Locale, get
from bot.languages.register import mixed, shows, spoken_register
from bot.languages.say import UNSPACED, particular, placeholders
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
    "one register",  # shows the usual form of address, and has no text for the familiar one
    "mixed language",
    "script",
]
# A placeholder with a letter or a vowel sign right behind it: an ending glued to a name.
_GLUED: Final = re.compile(r"\{\w+\}(.)")
_PLACEHOLDER: Final = re.compile(r"\{\w+\}")
# What the assistant says in a conversation; the rest of a channel's texts stand for what was sent.
_REPLY: Final = re.compile(
    r"(?!\w+\.button\.)(?:engine|handoff|ways)\.[^|]+"
    r"|channel\.(?!(?:photo|voice|video|file|location|contact|other|start|options|command_\w+)$)\w+"
)


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
    found += [fault for message in messages for fault in _unvaried(message, locale, done)]
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
        spaced = locale.script not in UNSPACED  # else nothing is inflected, and all words touch
        if spaced and any(_is_ending(glued) for glued in _GLUED.findall(text)):
            yield Fault(locale.tag, key, "inflected", text)
        said = words(_PLACEHOLDER.sub(" ", text))
        if set(said) & {word for never in locale.never for word in words(never)}:
            yield Fault(locale.tag, key, "never said", text)
        if mixed(text, locale.tag):
            yield Fault(locale.tag, key, "mixed register", text)
        if said and locale.script not in _WRITTEN_OTHERWISE and locale.script not in map(of, said):
            yield Fault(locale.tag, key, "script", text)
        elif foreign(text, source[-1], locale):
            yield Fault(locale.tag, key, "mixed language", text)


def _unvaried(message: Message, locale: Locale, done: Collection[str]) -> Iterator[Fault]:
    """A text of the chat that shows the usual form where a client may be spoken to familiarly.

    Only what we say: buttons are the client's words, and the widget's own texts are read before
    anything is known of them.
    """
    key, forms = str(message.context), list(locale.registers)
    usual = locale.register_default
    familiar = dict(itertools.pairwise(forms)).get(usual)
    if familiar is None or not _REPLY.fullmatch(key):
        return
    if spoken_register(key, familiar, locale) != familiar or f"{key}|{familiar}" in done:
        return
    for text in _forms(message):
        if shows(text, usual, locale.tag):
            yield Fault(locale.tag, key, "one register", text)
            return


def _is_ending(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"


# Their scripts are several at once to us, or Latin like a placeholder's or a brand's letters.
_WRITTEN_OTHERWISE: Final = frozenset({"Latn", "Hans", "Jpan", "Kore"})

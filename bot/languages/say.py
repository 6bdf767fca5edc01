"""The one renderer: a key of `strings`, said in a locale and register.

Catalogs are gettext files, `data/locale/<tag>/setu.po`: msgctxt is the key, msgid its English.
A text that differs by register has a second entry whose msgctxt is `key|register`; one that
differs by country another, `key|TERRITORY` or `key|register|TERRITORY`.
"""

from __future__ import annotations

import functools
import gettext
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages import pofile

from bot.languages.formats import number
from bot.languages.locales import Locale, UnknownLocale, get
from bot.languages.register import spoken_register
from bot.languages.strings import STRINGS
from bot.settings import settings

UNSPACED: Final = frozenset({"Hans", "Jpan"})
"""Scripts that write one sentence right behind another."""


@dataclass(frozen=True)
class Catalog:
    """One locale's translations by key, and which of its plural forms a number takes."""

    texts: Mapping[str, tuple[str, ...]]
    plural: Callable[[int], int]

    @classmethod
    def read(cls, path: Path, tag: str) -> Catalog:
        """A gettext file; what is fuzzy or not translated is left out."""
        with path.open("rb") as file:
            read = pofile.read_po(file, locale=tag)
        texts = {}
        for message in read:
            found = message.string
            forms = (
                tuple(map(str, found)) if isinstance(found, list | tuple) else (str(found or ""),)
            )
            if message.context and not message.fuzzy and all(forms):
                texts[str(message.context)] = forms
        return cls(texts, gettext.c2py(read.plural_expr))

    def find(self, key: str, register: str, territory: str, count: int | None) -> str | None:
        """The text of a key in a register and for a country, or None where the catalog has none.

        The register comes first: another country's words are understood, another form is felt.
        """
        for context in contexts(key, register, territory):
            if forms := self.texts.get(context):
                break
        else:
            return None
        return forms[0 if count is None else min(self.plural(abs(count)), len(forms) - 1)]


@functools.cache
def catalog(tag: str) -> Catalog:
    """The catalog of a language, read at first use; empty where there is no file."""
    path = settings().home / "data" / "locale" / tag / "setu.po"
    return Catalog.read(path, tag) if path.exists() else Catalog({}, lambda n: int(n != 1))


def say(
    key: str,
    locale: str,
    register: str | None = None,
    /,
    count: int | None = None,
    **values: object,
) -> str:
    """A text of Setu in a locale: its own, else its fallbacks', else English.

    Args:
        key: a key of `STRINGS`.
        locale: BCP 47 tag, with a territory where it matters; an unknown one is spoken to in
            English.
        register: form of address; None or an unknown one takes the locale's default. What is said
            on an occasion (a complaint, a rating) is said formally whatever it is.
        count: chooses the plural, and fills `{count}` in the locale's digits.
        values: what fills the other placeholders; whole numbers too are written in the locale's
            digits, so pass what identifies something (order numbers) as text.

    Raises:
        KeyError: `key` is not in `STRINGS`, or a placeholder of its English has no value.
    """
    english = STRINGS[key]
    for tag in _chain(locale):
        spoken = get(tag)
        form = spoken_register(key, register, spoken)
        template = catalog(spoken.tag).find(key, form, spoken.territory, count)
        if template and placeholders(template) <= {*values, "count"}:
            return template.format(**_written(values, count, tag))
    if isinstance(english, tuple):
        english = english[count != 1]
    return english.format(**_written(values, count, "en"))


@dataclass(frozen=True)
class Voice:
    """How one client is spoken to: `locale` as `say` takes it, and the form of address."""

    locale: str
    register: str | None = None

    def say(self, key: str, /, count: int | None = None, **values: object) -> str:
        """See `say`."""
        return say(key, self.locale, self.register, count, **values)

    def together(self, *sentences: str) -> str:
        """Sentences as one text: with a space between, but in the scripts that have none."""
        return ("" if get(self.locale).script in UNSPACED else " ").join(sentences)


def contexts(key: str, register: str, territory: str) -> tuple[str, ...]:
    """The msgctxts under which a catalog may have a text, the most particular first."""
    return f"{key}|{register}|{territory}", f"{key}|{register}", f"{key}|{territory}", key


def particular(context: str, locale: Locale) -> tuple[str, bool]:
    """The key of a msgctxt, and whether what narrows it is of the locale."""
    key, *narrowed = context.split("|")
    kinds = [locale.registers, locale.territories]
    if len(narrowed) == 1:
        return key, any(narrowed[0] in kind for kind in kinds)
    return key, len(narrowed) <= 2 and all(
        part in kind for part, kind in zip(narrowed, kinds, strict=False)
    )


@functools.lru_cache(maxsize=4096)
def placeholders(template: str) -> frozenset[str]:
    """The names of a template's placeholders."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


def _chain(locale: str) -> Iterator[str]:
    try:
        spoken = get(locale)
    except UnknownLocale:
        spoken = get("en")
        locale = "en"
    yield locale
    yield from spoken.fallback
    if spoken.tag != "en":
        yield "en"


def _written(values: dict[str, object], count: int | None, locale: str) -> dict[str, object]:
    filled = {
        name: number(value, locale) if type(value) is int else value
        for name, value in values.items()
    }
    return filled if count is None else {**filled, "count": number(count, locale)}

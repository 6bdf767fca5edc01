"""A language's catalog brought up to date for whoever translates it: `setu texts TAG`.

Every key in the order of `strings`, its English as it is now; what is translated stays. A text
whose English has changed since is marked fuzzy, so that any gettext editor shows it and Setu does
not say it until somebody has looked.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural

from bot.languages.catalogs import path
from bot.languages.locales import Locale, get
from bot.languages.strings import STRINGS

_HEADER: Final = """msgid ""
msgstr ""
"Project-Id-Version: Setu\\n"
"Language: {tag}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"
"""
_AGENTS_READ: Final = "desk."


@dataclass(frozen=True)
class Updated:
    """The keys a catalog should have; how many are new, stale (now fuzzy) and left out as gone."""

    file: Path
    keys: tuple[str, ...]
    new: int
    stale: int
    gone: int


def update(tag: str, file: Path | None = None) -> Updated:
    """Write a language's catalog anew, from the English and what is translated already.

    The agents' texts are for languages that are complete, so others get a client's texts alone.

    Raises:
        UnknownLocale: the language is not in `data/languages.yml` yet.
        ValueError: it is English, which is in `strings`.
    """
    locale, file = get(tag), file or path(tag)
    if locale.tag == "en":
        raise ValueError("English stands in bot/languages/strings")
    header, old = _read(file, locale)
    wanted = [
        key
        for key in STRINGS
        if locale.quality == "complete" or not key.startswith(_AGENTS_READ) or key in old
    ]
    fresh = Catalog(locale=locale.tag, charset="utf-8")
    stale = 0
    for key in wanted:
        english = STRINGS[key]
        for context in [key, *(each for each in old if each.startswith(f"{key}|"))]:
            message = _message(context, english, old.get(context), fresh.num_plurals)
            stale += message.fuzzy and not (context in old and old[context].fuzzy)
            fresh[english] = message
    body = io.BytesIO()
    pofile.write_po(body, fresh, width=0, omit_header=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{header}\n{body.getvalue().decode('utf-8').strip()}\n", encoding="utf-8")
    kept = {key.partition("|")[0] for key in old}
    gone = len(kept - set(STRINGS))
    return Updated(file, tuple(wanted), len(set(wanted) - kept), stale, gone)


def _message(
    context: str, english: str | tuple[str, str], before: Message | None, plurals: int
) -> Message:
    said: str | tuple[str, ...] = "" if isinstance(english, str) else ("",) * plurals
    if before is not None and before.string:
        said = before.string if isinstance(before.string, str) else tuple(before.string)
    message = Message(english, said, context=context)
    if before is not None:
        message.flags = set(before.flags)
        message.user_comments = before.user_comments
        given = tuple(before.id) if isinstance(before.id, list | tuple) else before.id
        if given != english and any(said):
            message.flags.add("fuzzy")
    elif "{" in str(english):
        message.flags.add("python-brace-format")
    # Babel takes "4 % of" for a format of its own.
    message.flags.discard("python-format")
    return message


def _read(file: Path, locale: Locale) -> tuple[str, dict[str, Message]]:
    """A catalog's header as it stands, and its messages by context; a new header where none is."""
    if not file.exists():
        return _HEADER.format(tag=locale.tag, plural=get_plural(locale.tag).plural_forms), {}
    text = file.read_text(encoding="utf-8")
    read = pofile.read_po(io.BytesIO(text.encode("utf-8")), locale=locale.tag)
    header = text.split("\n\n", 1)[0] + "\n"
    return header, {str(message.context): message for message in read if message.context}

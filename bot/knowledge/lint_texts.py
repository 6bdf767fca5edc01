"""Faults inside one article: links nobody can follow, sentences too long, words nobody says."""

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import yaml
from markdown_it import MarkdownIt

from bot.knowledge.articles import Entry
from bot.knowledge.figures import sentences
from bot.knowledge.passages import language_of
from bot.languages.formats import fold_digits

LONG_SENTENCE: Final = 25
"""Words of an English sentence that a reader still takes in (plain-language guides, GOV.UK among
them, ask for no more than 25)."""

# How many words say what one English word says: counted over the 38 articles of the sample base,
# which are the same text in each language. Other languages with spaces are taken as English.
_WORDS_FOR_ONE: Final = {"bn": 0.89, "hi": 1.09, "ml": 0.80, "mr": 0.83}
_UNSPACED: Final = frozenset({"zh", "ja", "th", "lo", "km", "my"})
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
# By what ends a word: Python's \w knows no vowel signs.
_WORD: Final = re.compile(r"[^\s.,;:!?।()\[\]\"“”'‘’…|/*_#<>–—-]+")
_MARKUP: Final = re.compile(r"\]\([^)]*\)|[*_`\[\]#|>]|https?://\S+")

_VIRAMAS: Final = "\u094d\u09cd\u0d4d"

_markdown = MarkdownIt("commonmark").enable("table")


def links(body: str) -> Iterator[tuple[str, bool]]:
    """Every address in a text, and whether it is a picture's."""
    for token in _markdown.parse(body):
        for child in token.children or ():
            if child.type == "link_open":
                yield str(child.attrs["href"]), False
            elif child.type == "image":
                yield str(child.attrs["src"]), True


def dead_links(entry: Entry) -> Iterator[str]:
    """Addresses that no client can follow from a chat.

    A message has no page around it: links to a part of one (`#returns`), or relative to it
    (`/returns`, `return-item.md`), go nowhere, and the chat shows no pictures. Other schemes than
    web, e-mail and telephone are taken out before anybody sees them.
    """
    for address, picture in links(entry.body):
        try:
            parts = urlsplit(address)
        except ValueError:
            yield address
            continue
        web = parts.scheme in ("http", "https")
        lame = (
            picture
            or parts.scheme not in _SCHEMES
            or (web and "." not in (parts.hostname or "").strip("."))
            or (parts.scheme == "mailto" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", parts.path))
            or (parts.scheme == "tel" and not re.search(r"\d{3}", parts.path.replace("-", "")))
        )
        if lame:
            yield address


def web_addresses(entry: Entry) -> Iterator[str]:
    """Addresses on the web, which can be asked whether they are there."""
    for address, picture in links(entry.body):
        if not picture and address.startswith(("http://", "https://")):
            yield address


def raw_html(entry: Entry) -> Iterator[str]:
    """Tags outside code: the chat shows them as text, so that nothing they do is done."""
    for token in _markdown.parse(entry.body):
        if token.type == "html_block":
            yield token.content.strip()
        for child in token.children or ():
            if child.type == "html_inline":
                yield child.content


def longest_allowed(locale: str) -> int | None:
    """How many words a sentence may have in a locale; None where words are not written apart."""
    language = language_of(locale)
    if language in _UNSPACED:
        return None
    return round(LONG_SENTENCE * _WORDS_FOR_ONE.get(language, 1.0))


def long_sentences(entry: Entry) -> Iterator[str]:
    """Sentences that are longer than a reader on a telephone takes in."""
    limit = longest_allowed(entry.locale)
    if limit is None:
        return
    for sentence in sentences(entry.body):
        bare = _MARKUP.sub(" ", sentence)
        if len(bare.split()) > limit:
            yield " ".join(bare.split())


@functools.lru_cache(maxsize=1)
def hard_words_known() -> Mapping[str, Mapping[str, str]]:
    """By language: words nobody says, and what is said instead."""
    text = Path(__file__).with_name("hard_words.yml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = yaml.safe_load(text)
    return found


def hard_words(entry: Entry) -> Iterator[tuple[str, str]]:
    """Words in an article that clients do not say, and what they say instead."""
    known = hard_words_known().get(language_of(entry.locale), {})
    seen = set()
    for word in _WORD.findall(fold_digits(f"{entry.title}\n{entry.body}").casefold()):
        for hard, plain in known.items():
            # An ending takes the place of a virama.
            stem = hard.rstrip(_VIRAMAS)
            ended = not hard.isascii() and word.startswith(stem) and len(word) - len(stem) <= 4
            if (word == hard or ended) and hard not in seen:
                seen.add(hard)
                yield hard, plain

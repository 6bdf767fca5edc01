"""schema.org's FAQPage as JSON-LD: what shops' help pages carry for search engines."""

import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import nh3
from markdown_it import MarkdownIt

from bot.knowledge.articles import Entry
from bot.knowledge.formats.base import Item, Rejected, Source, checked, decoded
from bot.knowledge.formats.html import markdown

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/h[1-6])[^>]*>", re.IGNORECASE)
_BLANKS = re.compile(r"\n\s*\n\s*")


def read_faqpage(path: Path, name: str) -> Iterator[Item]:
    """Every Question of every FAQPage in a JSON file.

    The language is the question's `inLanguage`, else the page's. The id is the question's
    `identifier`, else the last part of its `@id`, else made from its text.
    """
    text = decoded(path, name)
    if isinstance(text, Rejected):
        yield text
        return
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield Rejected(Source(name, getattr(error, "lineno", None)), f"not JSON: {error}")
        return
    pages = [page for page in _objects(document) if _is(page, "FAQPage")]
    if not pages:
        yield Rejected(Source(name), 'no object with "@type": "FAQPage"')
    for page in pages:
        for question in _objects(page.get("mainEntity")):
            yield _question(Source(name), page, question)


def _question(source: Source, page: dict[str, object], question: dict[str, object]) -> Item:
    wording = question.get("name") or question.get("text") or ""
    if not _is(question, "Question") or not isinstance(wording, str):
        return Rejected(source, "mainEntity holds something that is no Question with a name")
    answers = _objects(question.get("acceptedAnswer") or question.get("suggestedAnswer"))
    answer = next((a["text"] for a in answers if isinstance(a.get("text"), str)), "")
    locale = question.get("inLanguage") or page.get("inLanguage")
    if not isinstance(locale, str):
        return Rejected(source, f'no "inLanguage" for {wording[:60]!r} or its page')
    given = question.get("identifier") or str(question.get("@id") or "").rstrip("/")
    article = re.split("[/#]", str(given))[-1]
    made = hashlib.sha256(wording.encode("utf-8", "replace")).hexdigest()[:12]
    return checked(
        source,
        {
            "article": article or f"q-{made}",
            "locale": locale,
            "title": plain(wording),
            "body": markdown(str(answer)),
        },
    )


def _objects(value: object) -> list[dict[str, object]]:
    """JSON-LD says the same with an object, a list, or a `@graph` around them."""
    if isinstance(value, dict):
        return _objects(value["@graph"]) if "@graph" in value else [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is(value: dict[str, object], kind: str) -> bool:
    types = value.get("@type")
    return kind in types if isinstance(types, list) else types == kind


def plain(text: str) -> str:
    """HTML's text: tags gone (scripts with what is in them), paragraphs and items kept apart."""
    bare = html.unescape(nh3.clean(_BREAK.sub("\n", text), tags=set()))
    return _BLANKS.sub("\n\n", bare).strip()


def write_faqpage(path: Path, entries: Iterable[Entry]) -> None:
    """One FAQPage a locale, answers as HTML, fit for a shop's help page."""
    by_locale: dict[str, list[Entry]] = {}
    for entry in entries:
        by_locale.setdefault(entry.locale, []).append(entry)
    pages = [
        {
            "@type": "FAQPage",
            "inLanguage": locale,
            "mainEntity": [
                {
                    "@type": "Question",
                    "identifier": entry.article,
                    "name": entry.title,
                    "acceptedAnswer": {"@type": "Answer", "text": _html(entry.body)},
                }
                for entry in some
            ],
        }
        for locale, some in sorted(by_locale.items())
    ]
    document = {"@context": "https://schema.org", "@graph": pages}
    # A page carries this inside a script element, which must not end early.
    text = json.dumps(document, ensure_ascii=False, indent=1).replace("</", "<\\/")
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _html(body: str) -> str:
    return nh3.clean(_markdown.render(body)).strip()

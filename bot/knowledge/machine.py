"""A machine's draft of an article in another language: Markdown in, the same Markdown out.

Translation engines lose asterisks, brackets and list marks. So what goes out is one line of text at
a time, without what makes it a list or a heading; where a line comes back with other marks than it
went with, it goes again in the pieces between them. What cannot be translated stays as it was: an
author reads the draft before any client does.
"""

import asyncio
import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.knowledge.articles import Entry
from bot.knowledge.checks import MAX_BODY, MAX_TITLE
from bot.languages import scripts
from bot.languages.translation.translator import TEMPORARY, Failure, Translated, Translator

LONGEST = 20_000
"""Characters of one article that are sent; a longer one is several articles."""

DEADLINE = 60.0
"""Seconds that one article may take: an author waits for it."""

_AT_ONCE = 1_500  # characters; a translator's own deadline is for one message
_FENCE = re.compile(r"\s*(?:```|~~~)")
_LEAD = re.compile(r"\s*(?:(?:[-*+]|\d{1,9}[.)]|>|#{1,6})\s+)*")
_RULE = re.compile(r"[\s|:*_-]*\Z")  # rules, and the line under a table's heading
# CommonMark's inline marks that shops use: code, links' ends, emphasis, a table's cells.
_MARKS = re.compile(r"(`[^`]*`|\]\([^)\s]*(?:\s\"[^\"]*\")?\)|!?\[|\*{1,3}|\|)")


class NotTranslated(Exception):
    """There is no draft; `reason` says why."""

    def __init__(self, reason: Failure) -> None:
        super().__init__(reason)
        self.reason: Failure = reason


@dataclass(frozen=True)
class Drafted:
    """A draft, and how many lines of the source could not be translated and stand in it as is."""

    entry: Entry
    left: int


async def drafted(
    source: Entry, target: str, translator: Translator, known: Sequence[str] = ()
) -> Drafted:
    """An article's source in another language.

    Args:
        known: wordings that are there in that language already; they come first.

    Returns:
        The draft, in step with the source's version; `version`, state and category are the
        caller's to set.

    Raises:
        NotTranslated: it is too long, or the service gave nothing for any line.
    """
    if len(source.title) + len(source.body) + sum(map(len, source.questions)) > LONGEST:
        raise NotTranslated("too_long")
    wordings = [one for one in source.questions if _own_script(one, source.title)]
    work = _Work(translator, source.locale, target)
    try:
        said = await asyncio.wait_for(
            work.lines([source.title, *wordings, *source.body.split("\n")]), DEADLINE
        )
    except asyncio.TimeoutError:
        raise NotTranslated("slow") from None
    if not work.done:
        raise NotTranslated(work.failure or "garbage")
    questions = [one for one in said[1 : 1 + len(wordings)] if one is not None]
    body = said[1 + len(wordings) :]
    asked = source.body.split("\n")
    entry = dataclasses.replace(
        source,
        locale=target,
        title=(said[0] or source.title)[:MAX_TITLE],
        body="\n".join(b if b is not None else a for a, b in zip(asked, body, strict=True))[
            :MAX_BODY
        ],
        questions=tuple(dict.fromkeys((*known, *questions))),
        source_version=source.version,
        updated=None,
    )
    return Drafted(entry, sum(one is None for one in (said[0], *body)))


def _own_script(wording: str, title: str) -> bool:
    """A romanised wording is written for its own language; no engine reads it."""
    return scripts.of(wording) == scripts.of(title)


class _Work:
    """One article's lines on their way through a translator."""

    def __init__(self, translator: Translator, source: str, target: str) -> None:
        self._translator = translator
        self._source = source
        self._target = target
        self.done = 0
        self.failure: Failure | None = None

    async def lines(self, lines: Sequence[str]) -> list[str | None]:
        """Each line translated, as it was where nothing is to translate, or None."""
        split = list(_split(lines))
        said = await self._ask([text for _, text in split])
        made: list[str | None] = []
        for (lead, text), one in zip(split, said, strict=True):
            if one is None or _marks(one) != _marks(text):
                one = await self._in_pieces(text)
            made.append(None if one is None else lead + one)
        return made

    async def _in_pieces(self, text: str) -> str | None:
        pieces = _MARKS.split(text)
        if len(pieces) == 1:
            return None
        # Every second piece is a mark.
        said = await self._ask(pieces[::2])
        if any(one is None for one in said):
            return None
        pieces[::2] = [
            _spaced(piece, one or "") for piece, one in zip(pieces[::2], said, strict=True)
        ]
        return "".join(pieces)

    async def _ask(self, texts: Sequence[str]) -> list[str | None]:
        said: list[str | None] = []
        for some in _some(texts):
            wanted = [text for text in some if text.strip()]
            found = await self._translator.translate(wanted, self._source, self._target)
            answers = iter(found)
            said += [self._taken(next(answers)) if text.strip() else text for text in some]
        return said

    def _taken(self, one: Translated) -> str | None:
        self.done += one.by is not None
        self.failure = one.failure or self.failure
        if one.failure in TEMPORARY or one.failure in ("no_pair", "refused"):
            raise NotTranslated(one.failure)
        return None if one.failure else " ".join(one.text.split())


def _split(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each line as what stays as it is and what is text; code and rules stay whole."""
    code = False
    for line in lines:
        fence = _FENCE.match(line) is not None
        if fence or code or _RULE.match(line):
            yield line, ""
        else:
            found = _LEAD.match(line)
            lead = found[0] if found else ""
            yield lead, line[len(lead) :]
        code ^= fence


def _marks(text: str) -> Counter[str]:
    return Counter(_MARKS.findall(text))


def _spaced(piece: str, said: str) -> str:
    """A piece between two marks keeps the spaces that kept it from them."""
    before = piece[: len(piece) - len(piece.lstrip())]
    after = piece[len(piece.rstrip()) :]
    return before + said.strip() + after


def _some(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start, size = 0, 0
    for n, text in enumerate(texts):
        if n > start and size + len(text) > _AT_ONCE:
            yield texts[start:n]
            start, size = n, 0
        size += len(text)
    if start < len(texts):
        yield texts[start:]

"""A message's text as a platform writes it, cut into parts that it takes.

The assistant writes Markdown, people plain text. Both become blocks of styled runs; a dialect
says how a run is written and what must be escaped; blocks are then packed into parts, cut at the
end of a block where possible, else of a sentence in any script, else of a word.
"""

import dataclasses
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.languages.formats import number
from bot.languages.say import say

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
_markdown.disable(["image"])  # each would tell its host who reads what

_SAFE = re.compile(r"(?:https?://|mailto:|tel:)\S+\Z")
# "No. 5." and "1. First" end no sentence: a full stop behind a digit may be a number's.
_SENTENCE = re.compile(r"(?:(?<=[!?।॥؟۔…])|(?<=[^\d\s]\.))[\"'”’»)\]]*\s+|(?<=[。！？])")
_WORD = re.compile(r"(?<=\s)(?=\S)")
_CHUNK = 40  # characters of a word so long that it has to be cut
_STYLES = ("strong", "em", "s", "code")


@dataclasses.dataclass(frozen=True)
class Run:
    """Some text in one style."""

    text: str
    styles: frozenset[str] = frozenset()
    href: str = ""


@dataclasses.dataclass(frozen=True)
class Block:
    """A paragraph, an item of a list, a line of a table, or code (`verbatim`).

    `tight`: it stands right under the block before it.
    """

    runs: tuple[Run, ...]
    tight: bool = False
    verbatim: bool = False


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How a platform writes styled text.

    Args:
        escape: makes text mean itself.
        marks: what stands before and after each style the platform has.
        link: an address and its label, both escaped.
        code: what stands before and after a block of code.
    """

    escape: Callable[[str], str]
    marks: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    link: Callable[[str, str], str] = lambda href, label: f"{label} ({href})"
    code: tuple[str, str] = ("", "")

    def write(self, block: Block) -> str:
        """One block."""
        if block.verbatim:
            text = self.escape("".join(run.text for run in block.runs))
            return f"{self.code[0]}{text}{self.code[1]}"
        return "".join(self._run(run) for run in block.runs)

    def _run(self, run: Run) -> str:
        text = self.escape(run.text)
        # Marks must touch the words they mark: "*bold* and", never "*bold *and".
        inner = text.strip()
        if not inner:
            return text
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        for style in _STYLES:
            if style in run.styles and style in self.marks:
                opening, closing = self.marks[style]
                inner = f"{opening}{inner}{closing}"
        if run.href:
            shown = run.text.strip().removeprefix("mailto:")
            same = run.href.removeprefix("mailto:").removeprefix("tel:") == shown
            inner = inner if same else self.link(self.escape(run.href), inner)
        return f"{before}{inner}{after}"


def _plain(text: str) -> str:
    return text


PLAIN = Dialect(_plain)
HTML = Dialect(
    lambda text: html.escape(text, quote=True),
    {
        "strong": ("<b>", "</b>"),
        "em": ("<i>", "</i>"),
        "s": ("<s>", "</s>"),
        "code": ("<code>", "</code>"),
    },
    lambda href, label: f'<a href="{href}">{label}</a>',
    ("<pre>", "</pre>"),
)
"""The few tags that Telegram knows."""


def blocks(text: str, markdown: bool) -> list[Block]:
    """A text's blocks, in order."""
    if markdown:
        return list(_of_markdown(_markdown.parse(text)))
    paragraphs = re.split(r"\n[ \t]*\n+", text.strip())
    return [Block((Run(paragraph),)) for paragraph in paragraphs if paragraph.strip()]


def said_by(name: str, content: Sequence[Block]) -> list[Block]:
    """The blocks under the name of who wrote them, where the chat shows all under one name."""
    first, *rest = content or [Block(())]
    return [
        Block((Run(name, frozenset({"strong"})),)),
        dataclasses.replace(first, tight=True),
        *rest,
    ]


def numbered(
    content: Sequence[Block], titles: Sequence[str], locale: str, *, hint: bool
) -> list[Block]:
    """The blocks with choices under them, each with the number that a client types to choose it.

    Args:
        hint: also say that one may type a number; a rating's question has said so.
    """
    lines = "\n".join(f"{number(nth, locale)}. {title}" for nth, title in enumerate(titles, 1))
    asked = [Block((Run(say("channel.choose", locale)),))] if hint else []
    return [*content, Block((Run(lines),)), *asked]


def parts(
    content: Sequence[Block], dialect: Dialect, limit: int, size: Callable[[str], int] = len
) -> list[str]:
    """The blocks written out, in as few texts as hold them.

    Args:
        limit: what one text may hold, as `size` measures it, marks included.
    """
    done: list[str] = []
    current = ""
    for block in content:
        for nth, piece in enumerate(_fitting(block, dialect, limit, size)):
            written = dialect.write(piece)
            joint = ("\n" if block.tight else "\n\n") if current else ""
            if nth == 0 and size(current + joint + written) <= limit:
                current += joint + written
                continue
            if current:
                done.append(current.rstrip())
            current = written.strip()
    if current:
        done.append(current.rstrip())
    return done


def _fitting(block: Block, dialect: Dialect, limit: int, size: Callable[[str], int]) -> list[Block]:
    """The block, or pieces of it that each fit."""
    if size(dialect.write(block)) <= limit:
        return [block]
    pieces: list[Block] = []
    held: list[Run] = []

    def of(runs: Sequence[Run]) -> Block:
        return dataclasses.replace(block, runs=_joined(runs))

    def fits(runs: Sequence[Run]) -> bool:
        return size(dialect.write(of(runs))) <= limit

    for runs in _small(block.runs, fits, (_SENTENCE, _WORD, None)):
        if held and not fits([*held, *runs]):
            pieces.append(of(held))
            held = []
        held = [*held, *runs]
    return [*pieces, of(held)]


def _small(
    runs: Sequence[Run],
    fits: Callable[[Sequence[Run]], bool],
    cuts: tuple[re.Pattern[str] | None, ...],
) -> Iterator[Sequence[Run]]:
    """The runs in pieces that each fit, cut as coarsely as they allow."""
    for piece in _cut(runs, cuts[0]):
        if len(cuts) > 1 and not fits(piece):
            yield from _small(piece, fits, cuts[1:])
        else:
            yield piece


def _cut(runs: Iterable[Run], at: re.Pattern[str] | None) -> list[list[Run]]:
    """The runs, cut behind each match of `at` (None: every few letters), none of them lost."""
    found: list[list[Run]] = [[]]
    for run in runs:
        start = 0
        for end in _ends(run.text, at):
            found[-1].append(dataclasses.replace(run, text=run.text[start:end]))
            found.append([])
            start = end
        if run.text[start:]:
            found[-1].append(dataclasses.replace(run, text=run.text[start:]))
    return [part for part in found if part]


def _ends(text: str, at: re.Pattern[str] | None) -> Iterator[int]:
    if at is not None:
        yield from (match.end() for match in at.finditer(text) if 0 < match.end() < len(text))
        return
    last = 0
    for place in range(1, len(text)):
        # Never inside a letter: vowel signs, joiners and accents stay with what they are on.
        mark = unicodedata.category(text[place])[0] == "M"
        joined = mark or "\u200d" in text[place - 1 : place + 1]
        virama = unicodedata.combining(text[place - 1]) == 9
        if place - last >= _CHUNK and not joined and not virama:
            yield place
            last = place


def _joined(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Neighbours of one style as one run again."""
    merged: list[Run] = []
    for run in runs:
        if merged and (merged[-1].styles, merged[-1].href) == (run.styles, run.href):
            merged[-1] = dataclasses.replace(run, text=merged[-1].text + run.text)
        else:
            merged.append(run)
    return tuple(merged)


def _of_markdown(tokens: Sequence[Token]) -> Iterator[Block]:
    lists: list[int | None] = []  # the number of the next item, None for bullets
    mark, first_in_item, in_list_before, quoted = "", False, False, 0
    row: list[Run] = []
    head = cell = False
    for token in tokens:
        kind = token.type
        if kind == "ordered_list_open":
            lists.append(int(token.attrGet("start") or 1))
        elif kind == "bullet_list_open":
            lists.append(None)
        elif kind in ("ordered_list_close", "bullet_list_close"):
            lists.pop()
            in_list_before = bool(lists)
        elif kind == "list_item_open":
            nth = lists[-1]
            mark = "• " if nth is None else f"{nth}. "
            if nth is not None:
                lists[-1] = nth + 1
            mark, first_in_item = "   " * (len(lists) - 1) + mark, True
        elif kind == "blockquote_open":
            quoted += 1
        elif kind == "blockquote_close":
            quoted -= 1
        elif kind in ("fence", "code_block"):
            yield Block((Run(token.content.rstrip("\n")),), verbatim=True)
        elif kind in ("th_open", "td_open"):
            head, cell = kind == "th_open", True
            row += [Run(" | ")] if row else []
        elif kind in ("th_close", "td_close"):
            head = cell = False
        elif kind == "tr_close":
            yield Block(tuple(row), tight=in_list_before)
            row, in_list_before = [], True
        elif kind == "table_close":
            in_list_before = False
        elif kind == "heading_open":
            head = True
        elif kind == "heading_close":
            head = False
        elif kind == "inline":
            runs = list(_runs(token.children or (), frozenset({"strong"}) if head else frozenset()))
            if cell:
                row += runs
                continue
            lead = ("> " * quoted) + (mark if first_in_item else "   " * len(lists))
            yield Block(
                tuple(([Run(lead)] if lead else []) + runs),
                tight=bool(lists) and (in_list_before or not first_in_item),
            )
            in_list_before, first_in_item, mark = bool(lists), False, ""


def _runs(children: Iterable[Token], styles: frozenset[str]) -> Iterator[Run]:
    open_styles: list[str] = []
    href = ""
    for child in children:
        kind = child.type
        if kind in ("softbreak", "hardbreak"):
            yield Run("\n")
        elif kind == "link_open":
            found = str(child.attrGet("href") or "")
            href = found if _SAFE.match(found) else ""
        elif kind == "link_close":
            href = ""
        elif kind.endswith("_open"):
            open_styles.append(kind.removesuffix("_open"))
        elif kind.endswith("_close"):
            open_styles.remove(kind.removesuffix("_close"))
        elif child.content:
            extra = {"code"} if kind == "code_inline" else set()
            yield Run(child.content, styles | extra | frozenset(open_styles), href)

"""A mail's HTML as the text a person saw: nothing of it is run, loaded or kept.

Quotations become lines that begin with `>`, as plain mails have them, so that one set of rules
finds them (`bot.channels.email.words`).
"""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

QUOTED_BELOW = "-----Original Message-----"
"""Stands where a mail program marks, in a way only HTML has, that all below is quoted."""

_LONGEST = 2_000_000  # characters looked at; newsletters have a tenth of it
_BLOCKS = frozenset(
    "address article aside blockquote center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 "
    "header hr li main ol p pre section table tbody tfoot thead tr ul".split()
)
_APART = frozenset("blockquote h1 h2 h3 h4 h5 h6 ol p pre table ul".split())
_UNSEEN = frozenset("head script style title template noscript svg math object".split())
_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()
)  # they have no end
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.I)
_QUOTES = ("gmail_quote", "yahoo_quoted", "protonmail_quote", "zmail_extra", "tutanota_quote")
_MARKS = ("divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container")
_SPACES = re.compile(r"[^\S\n]+")


def text_of(source: str) -> str:
    """The text of an HTML mail."""
    reader = _Reader()
    reader.feed(source[:_LONGEST])
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[tuple[int, str]] = []  # how deep it is quoted, and what it says
        self._line = ""
        self._open: list[tuple[str, bool, bool, str]] = []  # tag, hidden, quotes, link
        self._unseen = 0
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        given = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._end_line(empty=True)
        elif tag in _BLOCKS:
            self._end_line(apart=tag in _APART)
        if tag == "li":
            self._line = "- "
        elif tag in ("td", "th") and self._line.strip():
            self._line += "  "
        elif tag == "img" and given.get("alt") and not self._unseen:
            self._line += given["alt"]
        if tag in _VOID:
            return
        hidden = tag in _UNSEEN or bool(_HIDDEN.search(given.get("style", "")))
        classes = given.get("class", "").split()
        quotes = tag == "blockquote" or any(each in classes for each in _QUOTES)
        if given.get("id") in _MARKS and not self._unseen:
            self._end_line()
            self._lines.append((self._depth, QUOTED_BELOW))
        link = given.get("href", "") if tag == "a" else ""
        self._open.append((tag, hidden, quotes, link))
        self._unseen += hidden
        # A quotation's wrapper and its blockquote are one quotation, and the words between them
        # ("On Monday … wrote:") belong to it.
        self._depth += quotes

    def handle_endtag(self, tag: str) -> None:
        """See HTMLParser. What was left open inside ends with it."""
        if tag in _BLOCKS:
            self._end_line(apart=tag in _APART)
        if not any(each[0] == tag for each in self._open[-200:]):
            return
        while self._open:
            name, hidden, quotes, link = self._open.pop()
            if link.startswith(("http://", "https://")) and not self._unseen:
                shown = self._line.rpartition("(")[2]
                if link not in self._line and link.rstrip("/") not in shown and len(link) < 500:
                    self._line += f" ({link})"
            self._unseen -= hidden
            self._depth -= quotes
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        """See HTMLParser."""
        if self._unseen:
            return
        if any(each[0] == "pre" for each in self._open[-50:]):
            first, *rest = data.split("\n")
            self._line += first
            for line in rest:
                self._end_line(empty=True)
                self._line = line
            return
        said = _SPACES.sub(" ", data.replace("\n", " ").replace("\xa0", " "))
        self._line += said.lstrip() if not self._line.strip() and self._line != "- " else said

    def text(self) -> str:
        """What was read, with no more than one empty line between two."""
        self._end_line()
        found: list[str] = []
        for depth, line in self._lines:
            whole = f"{'>' * depth} {line}".rstrip() if depth else line
            if line or (found and found[-1].strip(">")):
                found.append(whole)
        return "\n".join(found).strip("\n")

    def _end_line(self, *, apart: bool = False, empty: bool = False) -> None:
        line = self._line.rstrip()
        if line.strip() or empty:
            self._lines.append((self._depth, line))
        if apart and self._lines and self._lines[-1][1]:
            self._lines.append((self._depth, ""))
        self._line = ""

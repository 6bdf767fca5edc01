"""HTML of a help page as an article's Markdown: paragraphs, lists, emphasis and links stay."""

import re
from html.parser import HTMLParser
from typing import Final

import nh3

_TAGS: Final = {
    *("p", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li"),
    *("strong", "b", "em", "i", "a", "code"),
}
_MARKS: Final = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`"}
_BLANKS: Final = re.compile(r"\n{3,}")


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._lists: list[int | None] = []  # the number that an ordered list has come to
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _MARKS:
            self._parts.append(_MARKS[tag])
        elif tag == "a":
            self._links.append(dict(attrs).get("href") or "")
            self._parts.append("[" if self._links[-1] else "")
        elif tag in ("ul", "ol"):
            self._parts.append("" if self._lists else "\n\n")
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._begin_item()
        elif tag == "br":
            self._parts.append("\n")
        elif not self._lists:
            self._parts.append("\n\n")

    def _begin_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        mark = "- " if number is None else f"{number + 1}. "
        self._parts.append("\n" + "   " * (len(self._lists) - 1) + mark)

    def handle_endtag(self, tag: str) -> None:
        if tag in _MARKS:
            if self._parts[-1:] == [_MARKS[tag]]:
                self._parts.pop()  # emphasis of nothing
            else:
                self._parts.append(_MARKS[tag])
        elif tag == "a" and self._links:
            address = self._links.pop()
            self._parts.append(f"]({address})" if address else "")
        elif tag in ("ul", "ol"):
            if self._lists:
                self._lists.pop()
            self._parts.append("" if self._lists else "\n\n")
        elif tag not in ("li", "br") and not self._lists:
            self._parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        self._parts.append(re.sub(r"\s+", " ", data))

    @property
    def text(self) -> str:
        return "".join(self._parts)


def markdown(html: str) -> str:
    """An answer's Markdown; a plain text stays as it is, scripts go with what is in them."""
    cleaned = nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, link_rel=None)
    if not any(f"<{tag}" in cleaned for tag in _TAGS):
        cleaned = cleaned.replace("\n", "<br>")  # a plain text's lines are lines
    writer = _Writer()
    writer.feed(cleaned)
    writer.close()
    lines = [line.rstrip() for line in writer.text.split("\n")]
    joined = "\n".join(line if line.startswith("   ") else line.lstrip() for line in lines)
    return _BLANKS.sub("\n\n", joined).strip()

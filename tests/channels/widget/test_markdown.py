"""The assistant's Markdown becomes HTML that cannot do harm."""

from collections import defaultdict
from html.parser import HTMLParser

import pytest

from bot.channels.widget.markdown import to_html

_ALLOWED = {"href", "target", "rel", "start"}


class _Reader(HTMLParser):
    """Collects what a browser would make of the HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str]] = defaultdict(set)
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes[name].add(value or "")


def test_what_articles_are_written_with() -> None:
    html = to_html(
        "# Title\n\nA **b** *c* `d`\nnext\n\n1. one\n2. two\n\n- x\n\n> q\n\n|a|\n|-|\n|1|"
    )
    for part in (
        "<p><strong>Title</strong></p>",
        "<strong>b</strong> <em>c</em> <code>d</code><br>\nnext",
        "<ol>\n<li>one</li>",
        "<ul>\n<li>x</li>",
        "<blockquote>",
        "<td>1</td>",
    ):
        assert part in html


def test_links_open_elsewhere_and_give_nothing_away() -> None:
    assert to_html("[our page](https://shop.example/a?b=c&d)") == (
        '<p><a href="https://shop.example/a?b=c&amp;d" target="_blank" '
        'rel="noopener noreferrer nofollow">our page</a></p>'
    )
    assert 'href="tel:+911234567890"' in to_html("[call](tel:+911234567890)")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "<javascript:alert(1)>",
        "![x](https://evil.example/pixel.png)",
        '[x](https://e.example "onmouseover=alert(1)")',
        "<svg/onload=alert(1)>",
        "```html\n<iframe src=//evil.example>\n```",
        '<a href="https://x" style="position:fixed;inset:0">',
        "[x](/relative) [y](//evil.example)",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(text: str) -> None:
    read = _Reader(to_html(text))
    assert not read.tags & {"script", "img", "svg", "iframe", "style", "object", "form", "input"}
    assert set(read.attributes) <= _ALLOWED
    assert all(url.startswith(("https://", "http://")) for url in read.attributes["href"])


def test_a_pathological_text_does_not_take_long() -> None:
    assert to_html("[" * 2000 + "*" * 2000)

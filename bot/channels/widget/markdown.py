"""The assistant's Markdown as HTML that is safe inside a shop's page.

Authors and translators write articles, so their text is not trusted: raw HTML is not HTML here,
and nh3 has the last word on what comes out. Images are left out: each would tell its host who
reads what.
"""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
_markdown.disable(["image"])
# A message has no place in the page's outline, so its headings are strong paragraphs.
_markdown.add_render_rule("heading_open", lambda *_: "<p><strong>")
_markdown.add_render_rule("heading_close", lambda *_: "</strong></p>\n")

_cleaner = nh3.Cleaner(
    tags={
        *("p", "br", "strong", "em", "s", "code", "pre", "blockquote", "hr", "a"),
        *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
    },
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative="deny",
)


@lru_cache(maxsize=2048)
def to_html(text: str) -> str:
    """Safe HTML of a Markdown text."""
    return _cleaner.clean(_markdown.render(text)).strip()

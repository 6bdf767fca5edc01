"""Markdown becomes each platform's markup; long texts are cut where one would pause."""

import pytest

from bot.channels.markup import HTML, PLAIN, Dialect, blocks, numbered, parts

WHATSAPP = Dialect(lambda text: text, {"strong": ("*", "*"), "em": ("_", "_")})


def html(text: str, markdown: bool = True) -> str:
    return "\n---\n".join(parts(blocks(text, markdown), HTML, 4096))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("plain", "plain"),
        ("**bold** and *more*", "<b>bold</b> and <i>more</i>"),
        ("***both***", "<i><b>both</b></i>"),
        ("# Head", "<b>Head</b>"),
        ("one\ntwo", "one\ntwo"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("- a\n- b\n  1. c", "• a\n• b\n   1. c"),
        ("3. c\n4. d", "3. c\n4. d"),
        ("`a<b`", "<code>a&lt;b</code>"),
        ("```\nx < y\n```", "<pre>x &lt; y</pre>"),
        ("[shop](https://a.example/?a=1&b=2)", '<a href="https://a.example/?a=1&amp;b=2">shop</a>'),
        ("<https://a.example>", "https://a.example"),
        ("<me@a.example>", "me@a.example"),
        ("[odd](javascript:alert(1))", "[odd](javascript:alert(1))"),
        ("<b>raw</b>", "&lt;b&gt;raw&lt;/b&gt;"),
        ("![who](https://a.example/x.png)", '!<a href="https://a.example/x.png">who</a>'),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<b>a</b> | <b>b</b>\n1 | 2"),
    ],
)
def test_markdown_as_the_tags_telegram_knows(markdown: str, expected: str) -> None:
    assert html(markdown) == expected


def test_what_people_write_is_never_markup() -> None:
    assert html("2 * 3 * 4 <3 _x_ [a](b)", markdown=False) == "2 * 3 * 4 &lt;3 _x_ [a](b)"


def test_links_without_markup_show_where_they_lead() -> None:
    found = parts(blocks("See [returns](https://a.example/r).", True), PLAIN, 500)
    assert found == ["See returns (https://a.example/r)."]


def test_marks_touch_the_words_they_mark() -> None:
    assert parts(blocks("a **b c** d", True), WHATSAPP, 500) == ["a *b c* d"]


@pytest.mark.parametrize(
    "text",
    [
        "আমি ভাত খাই। " * 60,
        "Where is it? No. 5 came! " * 40,
        "お届けは明日です。" * 90,
        "یہ کل آئے گا۔ " * 60,
    ],
)
def test_long_paragraphs_are_cut_at_the_end_of_a_sentence(text: str) -> None:
    found = parts(blocks(text, False), PLAIN, 200)
    assert len(found) > 2
    assert all(len(part) <= 200 and part[-1] in "।?!。۔" for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_marks_are_closed_and_opened_again_where_a_text_is_cut() -> None:
    found = parts(blocks("**" + "One more. " * 50 + "end**", True), HTML, 120)
    assert len(found) > 3
    assert all(part.startswith("<b>") and part.rstrip().endswith("</b>") for part in found)
    assert all(len(part) <= 120 for part in found)


def test_a_word_without_end_is_cut_but_never_inside_a_letter() -> None:
    text = "क्षत्रिय" * 100
    found = parts(blocks(text, False), PLAIN, 100)
    assert "".join(found) == text
    assert all(len(part) <= 100 for part in found)
    assert not any(part[0] in "्षित्रि"[0] or part.endswith("्") for part in found)


def test_choices_as_numbers_in_the_readers_digits() -> None:
    content = numbered(blocks("কাজে লেগেছে?", False), ["হ্যাঁ", "না"], "bn", hint=True)
    hint = "যেটা চান, তার নম্বরটা লিখে পাঠান।"
    assert parts(content, PLAIN, 500) == [f"কাজে লেগেছে?\n\n১. হ্যাঁ\n২. না\n\n{hint}"]

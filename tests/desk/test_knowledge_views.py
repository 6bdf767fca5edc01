"""The list of articles: narrowing, badges, pages; and comparing two texts."""

from typing import Any

import pytest

from bot.desk.knowledge_views import PAGE, Filter, Line, address, compare, listed, questions_of
from bot.knowledge import articles
from bot.knowledge.articles import Entry

House = Any


def entry(article: str, locale: str = "en", **facts: Any) -> Entry:
    return Entry(
        article, locale, facts.pop("title", f"{article} {locale}"), facts.pop("body", "Text."),
        source_locale=facts.pop("source_locale", "en"), **facts,
    )  # fmt: skip


@pytest.fixture(autouse=True)
async def base(house: House) -> None:
    some = [
        entry("a", category="x"), entry("a", "bn", category="x"),
        entry("b", body="100% cotton_shirt"), entry("b", "bn", state="draft"),
        entry("c", state="archived"), entry("c", "bn"), entry("c", "hi"),
        entry("d", "bn", source_locale="bn", title="উপহার"),
    ]  # fmt: skip
    async with house.db.transaction() as session:
        await articles.write_many(session, some, "import")
    async with house.db.transaction() as session:
        await articles.write(session, entry("a", body="Moved.", category="x"), "asha")


async def ids(house: House, **wanted: str) -> list[str]:
    async with house.db.reading() as session:
        found = await listed(session, Filter(**wanted), "en")
    assert found.total == len(found.rows)
    return sorted(row.article for row in found.rows)


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({}, "abcd"),
        ({"locale": "hi"}, "c"),
        ({"status": "draft"}, "b"),
        ({"status": "draft", "locale": "en"}, ""),
        ({"status": "published", "locale": "bn"}, "acd"),
        ({"status": "archived"}, "c"),
        ({"status": "stale"}, "a"),
        ({"status": "stale", "locale": "en"}, ""),
        ({"status": "missing"}, "d"),  # of the locales that most articles have: bn and en
        ({"status": "missing", "locale": "hi"}, "abd"),
        ({"category": "x"}, "a"),
        ({"text": "উপহার"}, "d"),
        ({"text": "100%"}, "b"),
        ({"text": "%"}, "b"),
        ({"text": "n_s"}, "b"),
        ({"text": "\\"}, ""),
        ({"text": "MOVED", "status": "published"}, "a"),
    ],
)
async def test_narrowing(house: House, wanted: dict[str, str], left: str) -> None:
    assert await ids(house, **wanted) == list(left)


async def test_badges_say_what_each_locale_needs(house: House) -> None:
    async with house.db.reading() as session:
        found = await listed(session, Filter(), "bn")
    shown = {row.article: [(b.locale, b.status) for b in row.badges] for row in found.rows}
    assert shown == {
        "a": [("en", "published"), ("bn", "stale")],
        "b": [("en", "published"), ("bn", "draft")],
        "c": [("en", "archived"), ("bn", "published"), ("hi", "published")],
        "d": [("bn", "published"), ("en", "missing")],
    }
    assert {row.article: row.title_locale for row in found.rows}["d"] == "bn"
    assert found.categories == ("x",)


async def test_pages(house: House) -> None:
    async with house.db.transaction() as session:
        await articles.write_many(session, [entry(f"n{n:03}") for n in range(PAGE)], "import")
    async with house.db.reading() as session:
        first = await listed(session, Filter(), "en", 1)
        second = await listed(session, Filter(), "en", 2)
        beyond = await listed(session, Filter(), "en", 3)
    assert (first.total, len(first.rows), len(second.rows)) == (PAGE + 4, PAGE, 4)
    assert not {r.article for r in first.rows} & {r.article for r in second.rows}
    assert beyond.rows == ()


def test_comparing() -> None:
    old = entry("a", body="one\ntwo", questions=("q",))
    new = entry("a", body="one\nthree", questions=("q", "r"))
    assert [line for line in compare(old, new) if line.mark in "+-"] == [
        Line("-", "two"), Line("+", "three"), Line("+", "? r"),
    ]  # fmt: skip
    assert compare(old, old) == []
    assert {line.mark for line in compare(None, new)} == {"+"}


def test_questions_one_a_line() -> None:
    assert questions_of("a\n\n  b \r\na\n") == ("a", "b")


def test_addresses_take_any_id() -> None:
    assert address("a/b ?", "bn") == "/desk/knowledge/a%2Fb%20%3F?locale=bn"

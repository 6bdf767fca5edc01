"""Each fault is found where it is, and a sound base has none."""

import dataclasses
from collections.abc import Sequence

import httpx
import pytest

from bot.db import Database
from bot.knowledge.articles import Entry, write_many
from bot.knowledge.embed import Floats
from bot.knowledge.lint import lint
from bot.knowledge.lint_online import lint_links
from bot.knowledge.lint_pairs import Remembering
from bot.knowledge.lint_texts import (
    dead_links,
    hard_words,
    long_sentences,
    longest_allowed,
    raw_html,
)
from bot.knowledge.passages import passages
from tests.knowledge.conftest import SHOP, Letters

SOUND = tuple(e for e in SHOP if e.locale == "en")


def embedded(entries: Sequence[Entry], letters: Letters) -> dict[str, Floats]:
    return {p.digest: letters.embed([p.text], p.kind)[0] for e in entries for p in passages(e)}


def faults(entries: tuple[Entry, ...], letters: Letters) -> set[tuple[str, str, str]]:
    numbered = [dataclasses.replace(e, version=1) for e in entries]
    vectors = embedded(numbered, letters)
    found = lint(numbered, vectors, letters.dimensions)
    return {(f.article, f.locale, f.fault) for f in found}


def test_a_sound_base_has_none(letters: Letters) -> None:
    assert faults(SOUND, letters) == set()


def test_translations_that_are_missing_or_lost_their_source(letters: Letters) -> None:
    hindi = [dataclasses.replace(e, locale="hi") for e in SOUND[1:]]
    behind = dataclasses.replace(hindi[0], source_version=7)
    orphan = dataclasses.replace(SOUND[0], article="new", title="New", source_locale="fr")
    found = faults((*SOUND, behind, *hindi[1:], orphan), letters)
    assert {("track", "hi", "missing locale"), ("refund", "hi", "stale"),
            ("new", "en", "no source")} <= found  # fmt: skip


def test_a_wording_in_two_articles(letters: Letters) -> None:
    thief = dataclasses.replace(SOUND[2], questions=(*SOUND[2].questions, "Where is my ORDER"))
    found = faults((SOUND[0], SOUND[1], thief, SOUND[3]), letters)
    assert {("track", "en", "same wording"), ("cancel", "en", "same wording")} <= found


def test_a_wording_that_leads_to_another_article(letters: Letters) -> None:
    asked = "where is my parcel now and when will it arrive"
    named = tuple(f"{asked} {end}" for end in ("please", "today", "sir", "then"))
    strong = dataclasses.replace(SOUND[0], title=asked, questions=named)
    weak = Entry("weak", "en", "Quiz of zebras", "Fjord.", ("why", asked), source_locale="en")
    assert ("weak", "en", "leads elsewhere") in faults((strong, weak, *SOUND[1:]), letters)


def one(locale: str = "en", **changed: object) -> Entry:
    return dataclasses.replace(
        Entry("ship", locale, "Delivery", "Soon.", source_locale="en", version=1), **changed
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "dead"),
    [
        ("https://shop.example/returns#late", False), ("mailto:a@shop.example", False),
        ("tel:+91-20-4123-4567", False), ("#late", True), ("/returns", True),
        ("return-item.md", True), ("sms:123456", True), ("http://shop", True),
        ("mailto:nobody", True), ("tel:x", True), ("https://", True), ("ftp://a.example/x", True),
        ("http://[bad", True),
    ],
)  # fmt: skip
def test_links_that_no_client_can_follow(address: str, dead: bool) -> None:
    assert any(dead_links(one(body=f"See [this]({address})."))) is dead


def test_pictures_are_not_shown() -> None:
    assert list(dead_links(one(body="![map](https://shop.example/map.png)"))) != []


def test_html_is_shown_as_it_is_written() -> None:
    assert list(raw_html(one(body="<p>Hello <b>you</b></p>"))) == ["<p>Hello <b>you</b></p>"]
    assert list(raw_html(one(body="Put `<b>` in.\n\n    <script>\n"))) == []
    assert list(raw_html(one(body="a <br> b, 1 < 2 > 0"))) == ["<br>"]


def test_long_sentences_by_language() -> None:
    assert longest_allowed("ml") == 20 < longest_allowed("en") == 25 < longest_allowed("hi")  # type: ignore[operator]
    words = "word " * 26
    assert list(long_sentences(one(body=f"Short. {words}."))) == [f"{words.strip()} ."]
    assert list(long_sentences(one(body="word " * 25))) == []
    assert list(long_sentences(one("ja", body="長" * 500))) == []
    link = f"[{'word ' * 10}](https://shop.example/{'a-b-' * 40})"
    assert list(long_sentences(one(body=link))) == []


def test_words_that_nobody_says() -> None:
    assert list(hard_words(one(body="Reimbursement of the consignment."))) == [
        ("reimbursement", "refund"), ("consignment", "parcel"),
    ]  # fmt: skip
    assert list(hard_words(one("hi", body="धनवापसी की सूचना"))) == [("धनवापसी", "रिफंड")]
    assert list(hard_words(one("ml", title="രഹസ്യവാക്കിന്"))) != []  # with its ending
    assert list(hard_words(one(body="The user terminated, of uses."))) == []


def test_figures_that_the_source_does_not_have(letters: Letters) -> None:
    source = one(body="Within 14 days.", version=3, source_version=3)
    wrong = one("bn", body="১৫ দিনের মধ্যে।", source_version=3)
    found = lint([source, wrong], {}, letters.dimensions)
    assert [(f.fault, f.locale, f.detail) for f in found] == [
        ("contradicts its source", "bn", "15 ≠ 14")
    ]
    behind = dataclasses.replace(wrong, source_version=2)  # known to be behind: said once
    assert [f.fault for f in lint([source, behind], {}, letters.dimensions)] == ["stale"]


def test_translations_that_contradict_each_other(letters: Letters) -> None:
    bodies = [one(), one("bn", body="১৫ দিনের মধ্যে।"), one("hi", body="चौदह दिन में।")]
    found = lint(bodies, {}, letters.dimensions)
    assert [(f.fault, f.locale, f.detail, f.other, f.hint) for f in found] == [
        ("locales contradict", "bn", "15 ≠ चौदह", "hi", False)
    ]


def test_articles_twice_and_in_contradiction(letters: Letters) -> None:
    words = ("parcel", "zebra", "quiz", "fjord", "jumping", "wax", "onyx", "lynx", "bumf", "gawky")
    others = [
        one(article=word, title=word, body=f"{word * 3} takes {n + 20} days {word} in {word}s.")
        for n, word in enumerate(words)
    ]
    said = "You can send every item back within 14 days of its delivery."
    first = one(article="back", title="Sending back", body=said)
    again = one(article="return", title="To return", body=said)
    other = one(article="late", title="Late", body=said.replace("14", "30"))
    everything = [*others, first, again, other]
    vectors = embedded(everything, letters)
    found = lint(everything, vectors, letters.dimensions, letters)
    pairs = {(f.fault, frozenset((f.article, f.other))) for f in found}
    assert ("same text", frozenset(("back", "return"))) in pairs
    assert ("may contradict", frozenset(("back", "late"))) in pairs
    assert ("says the same", frozenset(("back", "late"))) in pairs
    assert not {pair for pair in pairs if pair[1] & set(words)}


def test_a_sentence_is_computed_once(letters: Letters) -> None:
    remembering = Remembering(letters)
    first = remembering.embed(["a b c", "d e f"], "passage")
    again = remembering.embed(["d e f", "a b c"], "passage")
    assert letters.computed == 2 and (first == again[::-1]).all()
    remembering.forget(1)
    remembering.embed(["d e f"], "passage")
    assert letters.computed == 2
    remembering.embed(["a b c"], "passage")
    assert letters.computed == 3


def test_an_article_that_never_wins(letters: Letters) -> None:
    strong = one(article="strong", title="where is my parcel", questions=("is it lost",))
    everything = [strong, dataclasses.replace(strong, article="weak")]
    vectors = embedded(everything, letters)
    found = lint(everything, vectors, letters.dimensions)
    assert ("weak", "never wins", "strong") in {(f.article, f.fault, f.other) for f in found}


async def test_linked_pages_that_have_gone(db: Database) -> None:
    addresses = {
        "https://a.example/gone": 404, "https://a.example/here": 200,
        "https://a.example/shy": 403, "https://a.example/down": 503,
    }  # fmt: skip
    body = " ".join(f"[x]({address}#part)" for address in (*addresses, "https://no.example/"))
    async with db.transaction() as session:
        await write_many(session, [one(body=body), one("hi", body=body, state="draft")], "test")
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if request.url.host == "no.example":
            raise httpx.ConnectError("nobody")
        return httpx.Response(addresses[str(request.url)])

    found = await lint_links(db, httpx.MockTransport(answer))
    assert [(f.locale, f.detail, f.other) for f in found] == [
        ("en", "https://a.example/gone", "HTTP 404"), ("en", "https://no.example/", "not reached"),
    ]  # fmt: skip
    assert len(asked) == len(set(asked)) == 5

"""The base in memory: loaded, refreshed while it is asked, honest about locales."""

import dataclasses
import threading

import pytest

from bot.db import Database
from bot.knowledge import articles, store
from bot.knowledge.answer import kind_of
from bot.knowledge.articles import Entry
from bot.knowledge.base import Knowledge, nearest
from tests.knowledge.conftest import Letters, set_state


async def stored(db: Database, letters: Letters, entries: tuple[Entry, ...]) -> None:
    async with db.transaction() as session:
        await articles.write_many(session, entries, "test")
    await store.index_missing(db, letters)


@pytest.fixture
async def knowledge(db: Database, letters: Letters, shop: tuple[Entry, ...]) -> Knowledge:
    await stored(db, letters, shop)
    made = Knowledge(letters)
    await made.load(db)
    return made


async def test_an_answer_comes_in_the_clients_locale(knowledge: Knowledge) -> None:
    for locale, body in (("en", "Open My orders"), ("hi", "मेरे ऑर्डर"), ("hi-IN", "मेरे ऑर्डर")):
        decision = knowledge.search("where is my order", locale, language="en")
        assert decision.results[0].article == "track"
        assert decision.results[0].body.startswith(body)
        assert decision.kind == kind_of(decision.confidence)


async def test_a_locale_that_is_missing_is_replaced_and_said_so(knowledge: Knowledge) -> None:
    assert knowledge.search("when are you open", "bn").results[0].locale == "en"
    found = knowledge.article("warranty", "en")
    assert found is not None and found.locale == "hi"
    assert knowledge.article("no such", "en") is None


async def test_limits_exclusions_and_falling_confidence(knowledge: Knowledge) -> None:
    decision = knowledge.search("where is my order", "en", limit=5)
    assert len(decision.results) == 5
    confidences = [r.confidence for r in decision.results]
    assert confidences == sorted(confidences, reverse=True)
    assert decision.confidence == confidences[0] and confidences[-1] >= 0
    others = knowledge.search("where is my order", "en", exclude=["track"])
    assert "track" not in {r.article for r in others.results}
    assert knowledge.search("x", "en", exclude=[r.article for r in decision.results]).results == ()


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\ud800", "\u202e\u200b"])
async def test_nothing_asked_gets_nothing(knowledge: Knowledge, text: str) -> None:
    decision = knowledge.search(text, "en")
    assert (decision.kind, decision.confidence, decision.results) == ("none", 0.0, ())


@pytest.mark.parametrize(
    "text",
    ["x" * 200_000, "123", ":)", "/restart", "\U0001f64f", "<script>", "%s {0} \\", "क\u0000"],
    ids=lambda text: ascii(text[:9]),
)
async def test_any_text_gets_some_decision(knowledge: Knowledge, text: str) -> None:
    decision = knowledge.search(text, "zz-ZZ")
    assert 0 <= decision.confidence <= 1 and decision.kind in ("answer", "suggest", "none")


async def test_a_change_is_taken_up_once(
    db: Database, letters: Letters, knowledge: Knowledge, shop: tuple[Entry, ...]
) -> None:
    assert not await knowledge.refresh(db)
    changed = dataclasses.replace(shop[3], body="Always.")
    await stored(db, letters, (changed,))
    assert await knowledge.refresh(db)
    assert not await knowledge.refresh(db)
    found = knowledge.article("hours", "en")
    assert found is not None and found.body == "Always."


async def test_what_authors_tag_as_starters_comes_in_their_order(
    db: Database, letters: Letters, knowledge: Knowledge, shop: tuple[Entry, ...]
) -> None:
    assert knowledge.starters == ()
    tagged = {
        "track": "Starter",
        "refund": "starter-2",
        "cancel": "starter-10",
        "hours": "starters",
    }
    found = [
        dataclasses.replace(entry, tags=("parcel", tagged[entry.article]))
        for entry in shop
        if entry.article in tagged
    ]
    await stored(db, letters, tuple(found))
    await knowledge.refresh(db)
    assert knowledge.starters == ("refund", "cancel", "track")
    archived = (dataclasses.replace(entry, state="archived") for entry in found)
    await stored(db, letters, tuple(each for each in archived if each.article == "refund"))
    await knowledge.refresh(db)
    assert knowledge.starters == ("cancel", "track")


async def test_drafts_and_archived_articles_are_not_given(
    db: Database, letters: Letters, knowledge: Knowledge
) -> None:
    async with db.transaction() as session:
        await set_state(session, "hours", "en", "draft", "test")
        await set_state(session, "warranty", "hi", "archived", "test")
    await knowledge.refresh(db)
    assert knowledge.article("hours", "en") is None
    assert knowledge.article("warranty", "hi") is None
    found = knowledge.search("when are you open", "en", limit=10)
    assert {r.article for r in found.results} == {"track", "refund", "cancel"}


async def test_what_is_not_embedded_yet_does_not_stop_the_rest(
    db: Database, letters: Letters, knowledge: Knowledge
) -> None:
    new = Entry("gift", "en", "Gift cards", "Sent by mail.", source_locale="en")
    async with db.transaction() as session:
        await articles.write(session, new, "test")
    await knowledge.refresh(db)
    asked = "gift cards by mail"
    assert "gift" not in {r.article for r in knowledge.search(asked, "en", limit=9).results}
    assert knowledge.search("where is my order", "en").results[0].article == "track"
    await store.index_missing(db, letters)
    assert await knowledge.refresh(db)
    assert knowledge.search(asked, "en").results[0].article == "gift"


async def test_an_empty_base_says_none(db: Database, letters: Letters) -> None:
    made = Knowledge(letters)
    assert made.search("anything", "en").kind == "none"
    await made.load(db)
    assert made.search("anything", "en").kind == "none"


async def test_it_is_asked_by_threads_while_it_is_reloaded(
    db: Database, letters: Letters, knowledge: Knowledge
) -> None:
    faults: list[str] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            if knowledge.search("where is my order", "en").results[0].article != "track":
                faults.append("another answer")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        await knowledge.load(db)
    done.set()
    for thread in threads:
        thread.join(10)
    assert not faults


@pytest.mark.parametrize(
    ("locale", "there", "found"),
    [
        ("bn", ("bn", "en"), "bn"),
        ("pt-BR", ("en", "pt"), "pt"),
        ("pt", ("en", "pt-BR"), "pt-BR"),
        ("bn", ("hi", "en-GB"), "en-GB"),
        ("xx", ("ml", "ta"), "ml"),
    ],
)
def test_the_nearest_locale(locale: str, there: tuple[str, ...], found: str) -> None:
    assert nearest(locale, there) == found

"""Single words: kept beside the vectors, and evidence for which article is asked for."""

import dataclasses

import numpy as np
import pytest

from bot.db import Database
from bot.e5 import WIDTH
from bot.knowledge import articles, store
from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.base import Knowledge
from bot.knowledge.calibrate import Calibration
from bot.knowledge.embed import Floats, embedder
from bot.knowledge.index import Ranking, Snapshot
from bot.knowledge.passages import passages, worded
from bot.knowledge.words import Words, unpacked
from tests.knowledge.conftest import SHOP, Letters


def rows(*directions: int) -> Floats:
    """A word a row, each along one direction, leaning a little to the first."""
    found = 0.1 * np.eye(1, WIDTH, dtype=np.float32).repeat(len(directions), axis=0)
    found[np.arange(len(directions)), directions] += 1
    return found / np.linalg.norm(found, axis=1, keepdims=True)


EVERYTHING = np.arange(3)


def test_an_article_that_has_the_words_is_nearest_in_any_order() -> None:
    words = Words([[("en", rows(1, 2, 3))], [("en", rows(1, 4))], [("en", rows(5, 6))]])
    near, shared = words.evidence(rows(3, 2), "en", EVERYTHING)
    assert near.argmax() == 0 == shared.argmax() and near[0] > 1
    again, _ = words.evidence(rows(2, 3), "en", np.array([2, 0]))
    np.testing.assert_allclose(again, near[[2, 0]], rtol=1e-5)


def test_articles_without_words_and_questions_without_words_say_nothing() -> None:
    words = Words([[("en", rows(1))], [], [("en", rows()), ("hi", rows(2))]])
    near, shared = words.evidence(rows(1), "en", EVERYTHING)
    assert np.isnan(near).tolist() == np.isnan(shared).tolist() == [False, True, False]
    for known, asked in ((words, rows()), (Words([[], [], []]), rows(1))):
        for found in known.evidence(asked, "en", EVERYTHING):
            assert np.isnan(found).all()


def test_an_article_that_has_the_clients_language_is_looked_at_in_it_alone() -> None:
    both = [("en", rows(1, 2)), ("hi", rows(3, 4))]
    only = [("hi", rows(3, 4))]
    english = [("en", rows(1, 2))]
    words = Words([both, only, english])
    near, _ = words.evidence(rows(3), "hi", EVERYTHING)
    assert near[0] == near[1] > near[2]
    near, _ = words.evidence(rows(3), "en", EVERYTHING)
    assert near[0] == near[2] < near[1]


def test_a_language_whose_words_lie_nearer_to_everything_does_not_win() -> None:
    # Hindi words share half of their length with the question's, whatever they mean.
    def hindi(*directions: int) -> Floats:
        found = rows(*directions) + 2 * rows(9)
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    filler = [[("hi", hindi(20 + n, 40 + n))] for n in range(10)]
    filler += [[("en", rows(60 + n, 80 + n))] for n in range(10)]
    words = Words([[("en", rows(1, 2))], [("hi", hindi(5, 6))], *filler])
    asked = hindi(1, 2)
    cosines = asked @ rows(1, 2).T, asked @ hindi(5, 6).T
    assert cosines[1].max() > cosines[0].max()
    near, _ = words.evidence(asked, "mr", np.arange(22))
    assert near.argmax() == 0


def test_of_two_that_have_the_words_the_one_with_fewer_wordings_is_nearer() -> None:
    title, wordings = [("en", rows(1, 2))], [("en", rows(n, n + 1)) for n in (1, 4, 7)]
    near, shared = Words([title, wordings]).evidence(rows(1, 2), "en", EVERYTHING[:2])
    assert near[0] - near[1] == pytest.approx((2 * np.log(3)) ** 0.5, rel=1e-3)
    assert shared[0] == pytest.approx(shared[1])
    near, _ = Words([title, [("en", rows(1, 2, 4, 7))]]).evidence(rows(1), "en", EVERYTHING[:2])
    assert near[0] == pytest.approx(near[1])


def built(entries: tuple[Entry, ...], letters: Letters, spelt: bool = True) -> Snapshot:
    wanted = [p for e in entries for p in (store.indexed(e) if spelt else passages(e))]
    vectors = {p.digest: store.computed(letters, p) for p in (*wanted, *background())}
    return Snapshot(1, entries, vectors, letters.dimensions)


def test_the_evidence_counts_for_the_order_and_where_it_lacks_nothing_changes(
    letters: Letters,
) -> None:
    snapshot, without = built(SHOP, letters), built(SHOP, letters, spelt=False)
    query = letters.embed(["order"], "query")[0]
    plain = snapshot.rank(query, "order", "en")
    hours = snapshot.number["hours"]
    assert plain.articles[0] != hours and plain.words is None
    question = letters.words("opening hours when are you open")
    spelt = snapshot.rank(query, "order", "en", words=question)

    def lead(found: Ranking) -> float:
        return float(found.scores[list(found.articles).index(hours)] - found.scores.max())

    assert lead(spelt) > lead(plain) and spelt.words is not None
    none = without.rank(query, "order", "en", words=question)
    np.testing.assert_array_equal(none.articles, plain.articles)
    np.testing.assert_array_equal(none.scores, plain.scores)
    assert none.words is None


def test_words_that_are_shared_make_surer(letters: Letters) -> None:
    snapshot = built(SHOP, letters)
    calibration = Calibration(snapshot)
    query = letters.embed(["when do I get my money back"], "query")[0]
    ranking = snapshot.rank(query, "when do I get my money back", "en")
    sure, unsure = (
        calibration.confidences(query, dataclasses.replace(ranking, words=words), 1)[0]
        for words in ((3.0, 0.6), (0.5, 0.2))
    )
    assert sure > unsure


async def test_words_are_indexed_after_the_vectors_and_an_older_base_gets_them(
    db: Database, shop: tuple[Entry, ...]
) -> None:
    async with db.transaction() as session:
        await articles.write_many(session, shop, "test")
    model = Letters()
    assert await store.index_missing(db, model, vectors_only=True) == model.computed
    knowledge = Knowledge(model)
    await knowledge.load(db)
    before = knowledge.search("refund still not here", "en")
    kept = {p.digest for e in shop for p in worded(e)}
    assert await store.index_missing(db, model) == len(kept)
    assert await knowledge.refresh(db)
    after = knowledge.search("refund still not here", "en")
    assert before.results[0].article == after.results[0].article == "refund"
    assert before.confidence != after.confidence
    assert await store.forget_unused(db) == 0
    found = await store.stored(db, model.name, kept)
    assert set(found) == kept
    passage = worded(shop[0])[0]
    np.testing.assert_array_equal(unpacked(found[passage.digest]), model.words(passage.text))


async def test_a_wording_without_words_is_indexed_and_asked(
    db: Database, shop: tuple[Entry, ...]
) -> None:
    signs = Entry("signs", "en", "???", "What signs mean.", ("!!!",), source_locale="en")
    async with db.transaction() as session:
        await articles.write_many(session, (*shop, signs), "test")
    model = embedder()
    await store.index_missing(db, model)
    knowledge = Knowledge(model)
    await knowledge.load(db)
    assert knowledge.search("?!", "en").results
    assert knowledge.search("where is my order", "en").results[0].article == "track"


@pytest.mark.slow
def test_the_model_finds_the_word_that_matters_in_another_language() -> None:
    base = tuple(
        Entry(name, "en", f"What is {what}?", "It is what it is.", (), source_locale="en")
        for name, what in (
            ("box", "a subscription"),
            ("gift", "a gift card"),
            ("points", "a loyalty point"),
            ("tax", "the tax"),
            ("open", "the opening time"),
        )
    )
    model = embedder()
    wanted = [*(p for e in base for p in store.indexed(e)), *background()]
    vectors = {p.digest: store.computed(model, p) for p in wanted}
    snapshot = Snapshot(1, base, vectors, model.dimensions)
    for text, tag, gold in (
        ("कर क्या है?", "hi", "tax"),
        ("উপহার কার্ড কী?", "bn", "gift"),
        ("സബ്സ്ക്രിപ്ഷൻ എന്താണ്?", "ml", "box"),
    ):
        near, _ = snapshot.words.evidence(model.words(text), tag, np.arange(len(snapshot.articles)))
        assert snapshot.articles[int(near.argmax())] == gold

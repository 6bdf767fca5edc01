"""Latent terms: kept as they were, compared by wording, and a sign of what a question is about."""

import dataclasses

import numpy as np
import pytest

from bot.db import Database
from bot.knowledge import articles, store
from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.base import Knowledge
from bot.knowledge.calibrate import Calibration
from bot.knowledge.embed import Floats, embedder
from bot.knowledge.index import Snapshot
from bot.knowledge.passages import worded
from bot.knowledge.terms import KEPT, Termed, Worded, packed, unpacked
from tests.knowledge.conftest import Letters


class Lettered(Letters):
    """Letters as terms too, each once."""

    def __init__(self) -> None:
        super().__init__()
        self.termed = 0

    def terms(self, text: str) -> Floats:
        self.termed += 1
        numbers = np.array(sorted({ord(c) for c in text if not c.isspace()}), np.int32)
        return packed(numbers % 1000, np.ones(len(numbers), np.float32))


def row(**weights: float) -> Floats:
    numbers = np.array([int(name[1:]) for name in weights], np.int32)
    return packed(numbers, np.array(list(weights.values()), np.float32))


def test_packing_keeps_the_heaviest_and_gives_them_length_one() -> None:
    many = packed(np.arange(200, dtype=np.int32), np.arange(1, 201, dtype=np.float32))
    terms = unpacked(many)
    assert len(many) == 2 * KEPT and sorted(terms.numbers) == list(range(200 - KEPT, 200))
    assert np.linalg.norm(terms.weights) == pytest.approx(1)
    few = unpacked(row(t7=3.0, t0=4.0))
    assert few.numbers.tolist() == [0, 7]
    np.testing.assert_allclose(few.weights, [0.8, 0.6])


def test_the_nearest_wording_counts_and_an_article_without_terms_is_told_apart() -> None:
    kept = Worded([[row(t1=1.0), row(t2=3.0, t3=4.0)], [], [row(t9=1.0)]])
    asked = unpacked(row(t3=1.0, t16383=1.0))  # one term that no wording has
    near, none, other = (kept.nearest(asked, article) for article in range(3))
    assert near == pytest.approx(0.8 * 0.5**0.5) and none is None and other == 0


def test_shared_terms_make_it_surer_and_are_asked_for_only_where_they_count(
    shop: tuple[Entry, ...],
) -> None:
    model = Lettered()
    wanted = {p.digest: p for e in shop for p in store.indexed(e, model)}
    wanted.update((p.digest, p) for p in background())
    vectors = {digest: store.computed(model, p) for digest, p in wanted.items()}
    snapshot = Snapshot(1, shop, vectors, model.dimensions)
    calibration = Calibration(snapshot)
    text = "when do I get my money back"
    query = model.embed([text], "query")[0]
    ranking = snapshot.rank(query, text, "en")
    same, strange = unpacked(model.terms(text)), unpacked(row(t999=1.0))
    sure = calibration.confidences(query, ranking, 1, lambda: same)[0]
    unsure = calibration.confidences(query, ranking, 1, lambda: strange)[0]
    assert sure > unsure
    nothing = np.zeros_like(ranking.scores)
    hopeless = dataclasses.replace(ranking, scores=nothing, cosines=nothing)
    calibration.confidences(query, hopeless, 1, lambda: pytest.fail("asked for in vain"))


async def test_terms_are_indexed_after_the_vectors_and_an_older_base_gets_them(
    db: Database, shop: tuple[Entry, ...]
) -> None:
    async with db.transaction() as session:
        await articles.write_many(session, shop, "test")
    model = Lettered()
    assert await store.index_missing(db, model, vectors_only=True) == model.computed
    knowledge = Knowledge(model)
    await knowledge.load(db)
    before = knowledge.search("refund still not here", "en")
    terms = {p.digest for e in shop for p in worded(e)}
    asked = model.termed
    assert await store.index_missing(db, model) == len(terms) == model.termed - asked
    assert await knowledge.refresh(db)
    after = knowledge.search("refund still not here", "en")
    assert before.results[0].article == after.results[0].article == "refund"
    assert before.confidence != after.confidence
    assert await store.forget_unused(db) == 0
    assert set(await store.stored(db, model.name, terms)) == terms


def test_the_model_shares_terms_across_languages() -> None:
    model = embedder()
    assert isinstance(model, Termed)
    asked = unpacked(model.terms("मेरा पैसा कब वापस आएगा?"))
    kept = Worded([[model.terms("When do I get my money back?")], [model.terms("It rains today.")]])
    refund, weather = (kept.nearest(asked, article) for article in (0, 1))
    assert refund is not None and weather is not None and refund > weather + 0.1
    assert unpacked(model.terms("")).numbers.tolist() == []

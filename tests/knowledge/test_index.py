"""Ranking: by meaning within each language's own measure, by letters within one language."""

import dataclasses

import numpy as np
import pytest

from bot.knowledge.articles import Entry
from bot.knowledge.background import background, sentences
from bot.knowledge.embed import Floats
from bot.knowledge.index import CANDIDATES, NO_RANKING, Ranking, Snapshot
from bot.knowledge.passages import passages
from tests.knowledge.conftest import Letters


def built(entries: tuple[Entry, ...], letters: Letters, cohort: bool = True) -> Snapshot:
    wanted = [p for e in entries for p in passages(e)]
    wanted += background() if cohort else ()
    vectors = {p.digest: letters.embed([p.text], p.kind)[0] for p in wanted}
    return Snapshot(1, entries, vectors, letters.dimensions)


def asked(snapshot: Snapshot, letters: Letters, text: str, locale: str = "en") -> list[str]:
    found = snapshot.rank(letters.embed([text], "query")[0], text, locale)
    return [snapshot.articles[n] for n in found.articles]


def test_each_wording_and_the_whole_get_a_vector_once() -> None:
    entry = Entry("a", "en", "Refunds", "Soon.", ("when?", "Refunds", " when? "))
    assert [p.text for p in passages(entry)] == ["Refunds", "when?", "Refunds Soon."]


@pytest.mark.parametrize(
    ("text", "locale", "article"),
    [
        ("where is my order?", "en", "track"),
        ("money back", "en", "refund"),
        ("मेरा पार्सल", "hi", "track"),
        ("वारंटी", "hi", "warranty"),
    ],
)
def test_the_article_that_is_meant_is_first(
    shop: tuple[Entry, ...], letters: Letters, text: str, locale: str, article: str
) -> None:
    ranked = asked(built(shop, letters), letters, text, locale)
    assert ranked[0] == article
    assert sorted(ranked) == ["cancel", "hours", "refund", "track", "warranty"]


def test_left_out_articles_are_as_if_not_there(shop: tuple[Entry, ...], letters: Letters) -> None:
    whole = built(shop, letters)
    without = built(tuple(e for e in shop if e.article != "track"), letters)
    query = letters.embed(["where is my order"], "query")[0]
    gone = whole.articles.index("track")
    one = whole.rank(query, "where is my order", "en", [gone])
    other = without.rank(query, "where is my order", "en")
    assert whole.articles[one.articles[0]] == without.articles[other.articles[0]]
    assert len(one.articles) == len(other.articles) == 4
    assert gone not in one.articles


def test_an_own_language_base_does_not_win_by_its_language() -> None:
    """Vectors made so that language is most of the similarity, as it is with e5."""
    words = {f"word{n}": n for n in range(20)} | {"refund": 20}
    language, elsewhere = {"en": 21, "hi": 22}, 23

    def vector(word: str, locale: str) -> Floats:
        made = np.zeros(24, np.float32)
        made[language[locale]], made[words[word]] = 0.9, 0.3
        return made / np.float32(np.linalg.norm(made))

    entries = [Entry(w, "hi" if n % 2 else "en", w, "") for w, n in words.items()]
    vectors = {p.digest: vector(e.article, e.locale) for e in entries for p in passages(e)}
    for (tag, _), sentence in zip(sentences() * 2, background(), strict=True):
        away = np.zeros(24, np.float32)
        away[language.get(tag, elsewhere)] = 1
        vectors[sentence.digest] = away
    snapshot = Snapshot(1, entries, vectors, 24)
    ranking = snapshot.rank(vector("refund", "hi"), "धनवापसी", "hi")
    raw = {e.article: float(vector("refund", "hi") @ vector(e.article, e.locale)) for e in entries}
    assert max(raw, key=lambda word: raw[word]) != "refund"
    assert snapshot.articles[ranking.articles[0]] == "refund"


def test_an_article_in_a_language_of_its_own_can_win(
    shop: tuple[Entry, ...], letters: Letters
) -> None:
    alone = dataclasses.replace(shop[5], locale="ta")
    assert asked(built((*shop[:4], alone), letters), letters, "वारंटी", "hi")[0] == "warranty"


def test_locales_of_one_article_are_one_result(shop: tuple[Entry, ...], letters: Letters) -> None:
    ranked = asked(built(shop, letters), letters, "where is my order")
    assert len(ranked) == len(set(ranked))


def test_what_has_no_vector_is_left_out_and_the_rest_served(
    shop: tuple[Entry, ...], letters: Letters
) -> None:
    vectors = {
        p.digest: letters.embed([p.text], p.kind)[0]
        for e in shop
        if e.article != "refund"
        for p in passages(e)[:1]
    }
    snapshot = Snapshot(1, shop, vectors, letters.dimensions)
    assert "refund" not in snapshot.articles and "track" in snapshot.articles
    assert asked(snapshot, letters, "Track an order")[0] == "track"


def test_an_empty_base_and_an_empty_query_rank_nothing(
    shop: tuple[Entry, ...], letters: Letters
) -> None:
    zeros = np.zeros(letters.dimensions, np.float32)
    empty, some = built((), letters), built(shop, letters)
    assert empty.rank(letters.embed(["x"], "query")[0], "x", "en") is NO_RANKING
    assert some.rank(zeros, "", "en") is NO_RANKING
    everything = range(len(some.articles))
    assert some.rank(letters.embed(["x"], "query")[0], "x", "en", everything) is NO_RANKING


def test_more_wordings_do_not_change_what_else_is_found(letters: Letters) -> None:
    """Entries with many and with few wordings lie in different blocks; each keeps its own rows."""
    names = ("apple", "brick", "clock", "dress", "flute", "grape", "horse", "juice", "kite")
    entries = tuple(
        Entry(f"a{n}", "en", name, "", tuple(f"{name} {k}" for k in range(n)))
        for n, name in enumerate(names)
    )
    snapshot = built(entries, letters)
    for n, entry in enumerate(entries):
        vector, text = snapshot.wording(snapshot.entries.index(entry))
        assert text == names[n]
        found: Ranking = snapshot.rank(vector, text, "en")
        assert snapshot.articles[found.articles[0]] == f"a{n}"
        assert found.cosines[0] == pytest.approx(1, abs=1e-5)


def test_the_same_question_always_gets_the_same_ranking(
    shop: tuple[Entry, ...], letters: Letters
) -> None:
    query = letters.embed(["order"], "query")[0]
    one = built(shop, letters).rank(query, "order", "en")
    other = built(tuple(reversed(shop)), letters).rank(query, "order", "en")
    np.testing.assert_array_equal(one.articles, other.articles)
    np.testing.assert_array_equal(one.scores, other.scores)


def test_more_results_do_not_change_the_first(letters: Letters) -> None:
    entries = tuple(Entry(f"a{n:02}", "en", f"{n} about orders {n * n}", "") for n in range(40))
    snapshot = built(entries, letters)
    query = letters.embed(["orders 25"], "query")[0]
    few, many = (snapshot.rank(query, "orders 25", "en", limit=limit) for limit in (3, 30))
    assert (len(few.articles), len(many.articles)) == (CANDIDATES, 30)
    assert few.articles[:5].tolist() == many.articles[:5].tolist()
    assert (np.diff(many.scores) <= 0).all()


def test_what_is_left_of_the_vectors_decides_as_all_of_them(letters: Letters) -> None:
    chance = np.random.default_rng(3)
    rows = chance.standard_normal((300, 384)).astype(np.float32) + 5 * np.eye(1, 384)
    rows[:, 200:] *= 0.1  # as texts have it: most of what differs lies along few directions
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    entries = tuple(Entry(f"a{n:03}", "en", f"title {n}", "", ()) for n in range(300))
    vectors = {passages(e)[0].digest: row for e, row in zip(entries, rows, strict=True)}
    snapshot = Snapshot(1, entries, vectors, 384)
    for n in range(0, 300, 25):
        asked = rows[n] + 0.02 * chance.standard_normal(384).astype(np.float32)
        found = snapshot.rank(asked / np.linalg.norm(asked), "", "en")
        nearest = snapshot.article_of[np.argsort(-(snapshot.vectors @ asked))]
        assert found.articles[0] == nearest[0] == n
        assert set(found.articles[:3]) == set(nearest[:3])

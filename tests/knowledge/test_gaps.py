"""Gaps: alike questions together across languages, with counts, trend and what to do."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest

from bot.db import Database
from bot.e5 import WIDTH
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.base import Knowledge
from bot.knowledge.clean import clean
from bot.knowledge.embed import Floats, Kind
from bot.knowledge.gaps import MOST, RECENT, WINDOW, Gap, Question, find_gaps, joined
from bot.knowledge.store import index_missing

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.timezone.utc)


class Subjects:
    """A vector by what a text is about, a little moved by its language's script."""

    name = "subjects"
    dimensions = 8
    _about = (("pune", "पुणे"), ("gift", "গিফট"), ("return", "ফেরত"), ("hours", "খোলা"))

    def embed(self, texts: Sequence[str], kind: Kind) -> Floats:
        rows = np.full((len(texts), self.dimensions), 0.001, np.float32)
        for row, text in zip(rows, map(clean, texts), strict=True):
            row[7] = 0.6 if text.isascii() else 0.2
            for n, words in enumerate(self._about):
                row[n] += any(word in text.lower() for word in words)
            row[4] += 0.1 * (row[:4].max() < 0.5)
            row /= np.linalg.norm(row)
        return rows

    def words(self, text: str) -> Floats:
        return np.zeros((0, WIDTH), np.float32)


@pytest.fixture
async def knowledge(db: Database) -> Knowledge:
    base = (
        Entry("returns", "en", "Return an item", "Within 14 days.", ("return it",),
              source_locale="en"),
        Entry("hours", "en", "Opening hours", "From 9.", ("hours today",), source_locale="en"),
        Entry("hours", "bn", "খোলা থাকার সময়", "৯টা থেকে।", ("কখন খোলা",), source_locale="en"),
    )  # fmt: skip
    async with db.transaction() as session:
        await articles.write_many(session, base, "test")
    await index_missing(db, Subjects())
    found = Knowledge(Subjects())
    await found.load(db)
    return found


def asked(text: str, language: str, days: float = 1, kind: str = "unanswered") -> Question:
    return Question(text, language, kind, NOW - dt.timedelta(days=days))  # type: ignore[arg-type]


def gaps(knowledge: Knowledge, *questions: Question) -> list[Gap]:
    return find_gaps(questions, knowledge, Subjects(), NOW)


async def test_one_gap_across_languages(knowledge: Knowledge) -> None:
    found = gaps(
        knowledge,
        asked("a shop in Pune?", "en"),
        asked("पुणे में दुकान", "hi"),
        asked("pune mein dukaan", "hi-Latn"),
        asked("gift wrap?", "en"),
    )
    assert [(gap.count, dict(gap.languages)) for gap in found] == [
        (3, {"hi": 2, "en": 1}),
        (1, {"en": 1}),
    ]
    assert found[0].language == "hi"
    assert {wording.text for wording in found[0].wordings} == {
        "a shop in Pune?", "पुणे में दुकान", "pune mein dukaan",
    }  # fmt: skip


async def test_the_same_words_count_as_often_as_they_were_asked(knowledge: Knowledge) -> None:
    (found,) = gaps(
        knowledge,
        asked("Gift wrap?", "en", 3, "not_helped"),
        asked("gift  wrap?", "en", 1),
        asked("gift paper", "en", 2, "handed_off"),
    )
    assert found.count == 3
    assert [(w.text, w.count) for w in found.wordings] == [("gift  wrap?", 2), ("gift paper", 1)]
    assert found.kinds == {"unanswered": 1, "handed_off": 1, "not_helped": 1}
    assert found.last_at == NOW - dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("days", "recent", "before", "trend"),
    [
        ((1, 2), 2, 0, "new"),
        ((1, 2, 3, 4, 10), 4, 0.25, "rising"),
        ((1, 8, 15, 22, 29), 1, 1, "steady"),
        ((8,) * 12, 0, 3, "falling"),
    ],
)
async def test_trend(
    knowledge: Knowledge, days: tuple[int, ...], recent: int, before: float, trend: str
) -> None:
    (found,) = gaps(knowledge, *(asked("gift", "en", d) for d in days))
    assert (found.recent, found.before, found.trend) == (recent, before, trend)


async def test_what_is_older_than_the_window_is_left_out(knowledge: Knowledge) -> None:
    assert gaps(knowledge, asked("gift", "en", WINDOW.days)) == []
    assert len(gaps(knowledge, asked("gift", "en", WINDOW.days - 1))) == 1
    assert RECENT < WINDOW


async def test_what_to_do(knowledge: Knowledge) -> None:
    by_title = {
        gap.title: (gap.advice, gap.nearest and gap.nearest.article, gap.missing)
        for gap in gaps(
            knowledge,
            asked("ফেরত চাই", "bn"),
            asked("কখন খোলা", "bn", kind="not_helped"),
            asked("hours?", "en"),
        )
    }
    assert by_title["ফেরত চাই"] == ("translate", "returns", ("bn",))
    improved = by_title.get("কখন খোলা") or by_title["hours?"]
    assert improved[0] in ("improve", "reword") and improved[1:] == ("hours", ())


async def test_an_empty_base_asks_for_articles(db: Database) -> None:
    await index_missing(db, Subjects())
    knowledge = Knowledge(Subjects())
    await knowledge.load(db)
    (found,) = gaps(knowledge, asked("gift", "en"))
    assert (found.nearest, found.advice, found.missing) == (None, "write", ())


def test_before_anything_is_indexed_nothing_is_joined() -> None:
    found = gaps(Knowledge(Subjects()), asked("gift", "en"), asked("gifts", "en"))
    assert [gap.count for gap in found] == [1, 1]


async def test_nothing_in_nothing_out(knowledge: Knowledge) -> None:
    assert gaps(knowledge) == []
    assert gaps(knowledge, asked(" \u200b", "en")) == []


async def test_only_so_many_are_compared(knowledge: Knowledge) -> None:
    many = [asked(f"gift {n}", "en", 1 + n / 1000) for n in range(MOST + 50)]
    (found,) = gaps(knowledge, *many)
    assert found.count == MOST
    assert found.wordings[0].text == "gift 0"


async def test_the_order_of_the_questions_changes_nothing(knowledge: Knowledge) -> None:
    some = [asked(text, "en", n) for n, text in enumerate(("pune", "gift", "pune!", "gift?"), 1)]
    assert gaps(knowledge, *some) == gaps(knowledge, *reversed(some))
    assert gaps(knowledge, *some)[0].to_json()["count"] == 2


def test_joined_by_average_linkage() -> None:
    near = np.array([[1, 0], [0.96, 0.28], [0, 1]], np.float32)
    groups = joined(near, 0.9)
    assert groups[0] == groups[1] != groups[2]
    assert len(set(joined(near, 0.99))) == 3
    assert len(joined(near[:1])) == 1

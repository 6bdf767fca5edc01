"""Questions in Latin letters, with the real model and the whole sample base.

`data/romanised.jsonl` was written from the shop's facts alone by an author who had seen neither the
articles nor how such questions are read; it was asked once, when nothing was changed any more.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from bot.db import Database
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.base import Knowledge
from bot.knowledge.embed import embedder
from bot.knowledge.formats import read
from bot.knowledge.store import index_missing

HERE = Path(__file__).parent
LANGUAGES = ("hi", "bn", "mr", "ml")


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_questions_in_latin_letters(sqlite_url: str) -> None:
    """Measured, n 50 a language: first 90, 86, 82, 86 %; given 54, 48, 48, 54 %; one of 200 wrong.

    As typed: first 48, 54, 56, 42 %; given 12, 4, 14, 8 %.
    """
    db = Database(sqlite_url)
    async with db.engine.begin() as connection:
        await connection.run_sync(articles.Article.metadata.create_all)
    found, _ = read(HERE.parents[1] / "data" / "knowledge")
    base = [Entry(**i.given) for i in found]  # type: ignore[arg-type]
    async with db.transaction() as session:
        await articles.write_many(session, base, "test")
    await index_missing(db, embedder())
    knowledge = Knowledge()
    await knowledge.load(db)
    await db.dispose()

    seen: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    lines = (HERE / "data" / "romanised.jsonl").read_text(encoding="utf-8").splitlines()
    for row in map(json.loads, lines):
        decision, counts = knowledge.search(row["q"], row["lang"]), seen[row["lang"]]
        if row["article"] is None:
            counts["unanswerable"] += 1
            counts["answered all the same"] += decision.kind == "answer"
            continue
        right = decision.results[0].article == row["article"]
        counts["asked"] += 1
        counts["first"] += right
        counts["given"] += right and decision.kind == "answer"
        counts["wrong"] += not right and decision.kind == "answer"
    for language, counts in seen.items():
        assert counts["asked"] == 50, language
        assert counts["first"] >= 38, (language, counts)
        assert counts["given"] >= 13, (language, counts)
        assert counts["wrong"] <= 2, (language, counts)
    assert sum(counts["answered all the same"] for counts in seen.values()) <= 2

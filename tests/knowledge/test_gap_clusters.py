"""Gaps with the real model: what is one matter in five languages is one row."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from bot.db import Database
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.base import Knowledge
from bot.knowledge.embed import embedder
from bot.knowledge.formats import read
from bot.knowledge.gaps import Question, find_gaps
from bot.knowledge.store import index_missing

HERE = Path(__file__).parent
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.timezone.utc)


def written(half: str) -> list[tuple[str, str, str]]:
    """Matter, language and text of one half of the file."""
    found, matter = [], ""
    for line in (HERE / "data" / "gap_clusters.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            matter = line.strip("[]")
        elif line and not line.startswith("#") and matter.startswith(half):
            language, text = line.split("\t")
            found.append((matter, language, text))
    return found


@pytest.mark.slow
async def test_what_is_one_matter_is_one_gap(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    async with db.engine.begin() as connection:
        await connection.run_sync(articles.Article.metadata.create_all)
    found, _ = read(HERE.parents[1] / "data" / "knowledge" / "en")
    async with db.transaction() as session:
        base = [Entry(**i.given) for i in found]  # type: ignore[arg-type]
        await articles.write_many(session, base, "test")
    await index_missing(db, embedder())
    knowledge = Knowledge()
    await knowledge.load(db)
    await db.dispose()
    asked = written("b")
    assert len(asked) == 58
    gaps = find_gaps(
        [Question(text, tag, "unanswered", NOW) for _, tag, text in asked],
        knowledge,
        embedder(),
        NOW + dt.timedelta(hours=1),
    )
    row = {(w.text, w.language): n for n, gap in enumerate(gaps) for w in gap.wordings}
    gold = np.array([matter for matter, _, _ in asked])
    made = np.array([row[text, tag] for _, tag, text in asked])
    both = (made[:, None] == made) & (gold[:, None] == gold)
    precision = float((both.sum(1) / (made[:, None] == made).sum(1)).mean())
    recall = float((both.sum(1) / (gold[:, None] == gold).sum(1)).mean())
    assert precision >= 0.85, precision
    assert recall >= 0.55, recall

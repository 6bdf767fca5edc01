"""Whole dialogues: follow-ups, several questions, split thoughts, near misses, orders, anger.

`dialogues/held_out.yml` was written before the code it measures and nothing was tuned on it: 49 of
90 came out right before, 70 after (follow-ups 18 of 25, several 10 of 10, split 10 of 10, near
misses 10 of 10, orders 15 of 20, upset 7 of 15). The assistant was developed with
`development.yml` (40 of 46).
"""

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db import Database
from bot.engine.engine import Engine, Reads
from bot.engine.project import model_is_current
from bot.engine.training import train
from bot.knowledge.base import Knowledge
from tests.e2e.dialogues import hold, read
from tests.e2e.product import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture
async def engine(stocked: Path, tmp_path: Path) -> AsyncIterator[Engine]:
    if not model_is_current(ROOT):
        train(ROOT)
    shutil.copytree(stocked, tmp_path / "data")
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'setu.db'}")
    knowledge = Knowledge()
    await knowledge.load(db)
    engine = Engine(ROOT, Reads(search=knowledge.search, article=knowledge.article))
    await engine.start()
    yield engine
    await engine.stop()
    await db.dispose()


@pytest.mark.parametrize(("name", "least"), [("held_out", 0.7), ("development", 0.8)])
async def test_dialogues(name: str, least: float, engine: Engine) -> None:
    dialogues = list(read(name))
    failures = [failure for each in dialogues if (failure := await hold(engine, each))]
    failed = Counter(failure.dialogue.kind for failure in failures)
    assert 1 - len(failures) / len(dialogues) >= least, (failed, failures)
    assert failed["near_miss"] == 0, failures
    by_language = Counter(failure.dialogue.language for failure in failures)
    asked = Counter(each.language for each in dialogues)
    assert all(by_language[tag] <= asked[tag] / 2 for tag in asked), failures

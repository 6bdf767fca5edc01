"""A small project, trained once: the real configuration, domain and rules, few examples."""

import asyncio
import dataclasses
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.engine.engine import Engine, Reads
from bot.engine.training import train
from bot.engine.turn import Outcome, Turn
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
_EXAMPLES = 8  # of an intent


@dataclasses.dataclass(frozen=True)
class Entry:
    article: str
    locale: str
    title: str
    body: str
    confidence: float = 0.9


@dataclasses.dataclass(frozen=True)
class Found:
    kind: str
    results: tuple[Entry, ...] = ()


RETURN = Entry("return-item", "en", "Returning an item", "Within 14 days of delivery.")
REFUND = Entry("refund-time", "en", "When the refund comes", "In 5 working days.")
TRACK = Entry("track-order", "en", "Tracking an order", "My orders, then Track.")


class Base:
    """A knowledge base by keyword; `before` runs at each search and may raise or block."""

    def __init__(self) -> None:
        self.before: Callable[[], None] = lambda: None

    def search(self, text: str, locale: str, *, exclude: Collection[str] = ()) -> Found:
        self.before()
        left = tuple(e for e in (RETURN, REFUND, TRACK) if e.article not in exclude)
        if "return" in text or "weather" in text:
            return Found("answer" if RETURN in left else "suggest", left)
        if "refund" in text:
            return Found("suggest", left)
        return Found("none")

    def article(self, id: str, locale: str) -> Entry | None:
        return next((e for e in (RETURN, REFUND, TRACK) if e.article == id), None)


def copy_project(home: Path) -> Path:
    (home / "data" / "nlu").mkdir(parents=True)
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, home / name)
    shutil.copytree(ROOT / "data" / "rules", home / "data" / "rules")
    full = yaml.safe_load((ROOT / "data" / "nlu" / "en.yml").read_text("utf-8"))
    for intent in full["nlu"]:
        lines = intent["examples"].splitlines()
        intent["examples"] = "\n".join(lines[:: max(1, len(lines) // _EXAMPLES)]) + "\n"
    text = yaml.safe_dump(full, allow_unicode=True, sort_keys=False)
    (home / "data" / "nlu" / "en.yml").write_text(text, "utf-8")
    return home


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = copy_project(tmp_path_factory.mktemp("project"))
    train(home)
    return home


@pytest.fixture(scope="session")
def _base() -> Base:
    return Base()


@pytest.fixture
def base(_base: Base) -> Iterator[Base]:
    yield _base
    _base.before = lambda: None


@pytest.fixture(scope="session")
def _engine(trained_home: Path, _base: Base) -> Iterator[Engine]:
    engine = Engine(trained_home, Reads(search=_base.search, article=_base.article))
    asyncio.run(engine.start())
    yield engine
    asyncio.run(engine.stop())


@pytest.fixture
def engine(_engine: Engine, base: Base) -> Engine:
    return _engine


class Conversation:
    """Says things to the engine, one after the other, as the flow does."""

    def __init__(self, engine: Engine, name: str = "c1") -> None:
        self._engine = engine
        self._name = name
        self.dialogue: dict[str, Any] | None = None

    async def say(self, text: str, locale: str = "en") -> Outcome:
        return await self._turn(Turn(self._name, text, locale))

    async def press(self, payload_intent: str, locale: str = "en", **entities: str) -> Outcome:
        return await self._turn(
            Turn(self._name, None, locale, intent=payload_intent, entities=entities)
        )

    async def _turn(self, turn: Turn) -> Outcome:
        turn = dataclasses.replace(turn, dialogue=self.dialogue, values={"shop": "Nadi"})
        outcome = await self._engine.handle(turn, deadline=PATIENCE)
        self.dialogue = outcome.dialogue
        return outcome


@pytest.fixture
def conversation(engine: Engine) -> Conversation:
    return Conversation(engine)


@pytest.fixture
def converse(engine: Engine) -> Callable[[str], Conversation]:
    return lambda name: Conversation(engine, name)

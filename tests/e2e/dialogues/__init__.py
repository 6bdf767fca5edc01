"""Whole conversations with the sample base, judged by what the client gets; see the YAML files."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.conversations.effects import ShowArticle
from bot.engine.engine import Engine
from bot.engine.turn import Outcome, Turn
from bot.languages.say import say
from tests.patience import PATIENCE

FOLDER = Path(__file__).parent
_SORRY = ("engine.sorry", "engine.sorry_to_hear", "engine.complaint")


@dataclasses.dataclass(frozen=True)
class Dialogue:
    """One conversation: what is said, and what must be true of each reply."""

    language: str
    kind: str
    turns: tuple[tuple[str, str | None], ...]


@dataclasses.dataclass(frozen=True)
class Failure:
    """The first turn that did not come out as it must."""

    dialogue: Dialogue
    turn: int
    wanted: str
    given: str


def read(name: str) -> Iterator[Dialogue]:
    """The dialogues of a file."""
    for language, kinds in yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8")).items():
        for kind, dialogues in kinds.items():
            for turns in dialogues:
                yield Dialogue(language, kind, tuple((text, wanted) for text, wanted in turns))


async def hold(engine: Engine, dialogue: Dialogue) -> Failure | None:
    """Hold a conversation; None where every reply was as it must be."""
    before: dict[str, Any] | None = None
    for number, (text, wanted) in enumerate(dialogue.turns):
        turn = Turn("c", text, dialogue.language, dialogue=before, values={"shop": "Nadi"})
        outcome = await engine.handle(turn, deadline=PATIENCE)
        before = outcome.dialogue
        if wanted is not None and not _as_wanted(outcome, wanted, dialogue.language):
            return Failure(dialogue, number, wanted, _told(outcome))
    return None


def _as_wanted(outcome: Outcome, wanted: str, language: str) -> bool:
    given, offered = _articles(outcome)
    every = given | offered
    first = outcome.replies[0].text if outcome.replies else ""
    sorry = any(first.startswith(say(key, language)) for key in _SORRY)
    for condition in wanted.replace(" & ", " ").split():
        if condition == "-":
            right = not given
        elif condition == "sorry":
            right = sorry
        elif condition == "calm":
            right = not sorry
        elif condition.startswith("order="):
            right = _order(outcome) == condition[6:]
        else:
            right = bool(every & set(condition.split("|")))
        if not right:
            return False
    return True


def _articles(outcome: Outcome) -> tuple[set[str], set[str]]:
    given = {each.article for each in outcome.effects if isinstance(each, ShowArticle)}
    offered = {
        button.payload.split('"article": "')[1].split('"')[0]
        for reply in outcome.replies
        for button in reply.buttons
        if '"article": "' in button.payload
    }
    return given, offered


def _order(outcome: Outcome) -> str:
    """The order number that is remembered; "" for none."""
    order = outcome.dialogue["slots"].get("order")
    for event in outcome.dialogue["events"]:
        if event.get("event") == "slot" and event.get("name") == "order":
            order = event.get("value")
    return order or ""


def _told(outcome: Outcome) -> str:
    given, offered = _articles(outcome)
    first = outcome.replies[0].text[:40] if outcome.replies else ""
    order = _order(outcome)
    return f"{outcome.intent} gave {sorted(given)} offered {sorted(offered)} order {order}: {first}"

"""domain.yml and the strings say the same, and every response can be said."""

from pathlib import Path

import pytest
import yaml
from rasa.shared.core.domain import Domain

from bot.engine.dialogue import WINDOW_TURNS
from bot.engine.renderer import Renderer, buttons_of, key_of
from bot.engine.turn import Turn
from bot.engine.underway import Underway, current
from bot.languages.strings import STRINGS

DOMAIN = yaml.safe_load((Path(__file__).parents[2] / "domain.yml").read_text("utf-8"))


@pytest.mark.parametrize("response", DOMAIN["responses"])
def test_a_response_has_the_english_of_its_string(response):
    (variation,) = DOMAIN["responses"][response]
    assert STRINGS[key_of(response)] == variation["text"]
    for button in variation.get("buttons", ()):
        assert button["title"] in STRINGS.values()


def test_rules_name_actions_and_intents_of_the_domain():
    rules = yaml.safe_load(
        (Path(__file__).parents[2] / "data" / "rules" / "rules.yml").read_text("utf-8")
    )["rules"]
    intents = {next(iter(intent)) for intent in DOMAIN["intents"]}
    assert {rule["steps"][0]["intent"] for rule in rules} == intents
    assert {rule["steps"][1]["action"] for rule in rules} == set(DOMAIN["actions"])
    longest = max(sum("intent" in step for step in rule["steps"]) for rule in rules)
    assert longest < WINDOW_TURNS


@pytest.fixture
def rendering():
    renderer = Renderer()
    renderer.domain = Domain.from_dict(DOMAIN)
    turn = Turn("c", "x", "en", values={"shop": "Nadi"})
    underway = Underway(turn, tracker=None)
    token = current.set(underway)
    yield renderer, underway
    current.reset(token)


async def test_placeholders_come_from_the_turn_and_the_action(rendering):
    renderer, _ = rendering
    said = await renderer.generate("utter_order_noted", None, "setu", order="ND-123456")
    assert "ND-123456" in said["text"]
    assert "Nadi" in (await renderer.generate("utter_greet", None, "setu"))["text"]


async def test_an_action_may_speak_another_language(rendering):
    renderer, _ = rendering
    said = await renderer.generate("utter_language_changed", None, "setu", locale="mr")
    assert said["language"] == "mr"


async def test_a_response_that_cannot_be_said_fails_the_turn(rendering):
    renderer, underway = rendering
    with pytest.raises(KeyError):
        await renderer.generate("utter_order_noted", None, "setu")
    assert isinstance(underway.failure, KeyError)


def test_titles_we_do_not_know_stay_as_they_are():
    message = {"buttons": [{"title": "Returning an item", "payload": "/x"}]}
    assert [button.title for button in buttons_of(message, "bn", None)] == ["Returning an item"]

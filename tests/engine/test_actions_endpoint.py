"""Actions in this process answer Rasa as an action server would."""

import json

import pytest
from rasa.utils.endpoints import ClientResponseError
from rasa_sdk import Action
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot.engine.actions_endpoint import InProcessActions
from bot.engine.turn import Turn
from bot.engine.underway import Underway, current

CALL = {
    "next_action": "action_x",
    "sender_id": "c",
    "tracker": {"sender_id": "c", "slots": {}, "events": []},
}


class Does(Action):
    def __init__(self, deed=None):
        self._deed = deed

    def name(self):
        return "action_x"

    def run(self, dispatcher, tracker, domain):
        return self._deed(dispatcher)


@pytest.fixture
def underway():
    mine = Underway(Turn("c", "x", "en"), tracker=None)
    token = current.set(mine)
    yield mine
    current.reset(token)


async def test_the_answer_has_events_and_responses(underway):
    def deed(dispatcher):
        dispatcher.utter_message(text="hello")
        return [{"event": "slot", "name": "a", "value": 1, "timestamp": None}]

    answer = await InProcessActions([Does(deed)]).request(json=CALL)
    assert answer["events"][0]["name"] == "a"
    assert answer["responses"][0]["text"] == "hello"
    assert underway.failure is None


async def test_a_refusal_is_a_400_with_the_action_s_name(underway):
    def deed(dispatcher):
        raise ActionExecutionRejection("action_x", "not now")

    with pytest.raises(ClientResponseError) as refusal:
        await InProcessActions([Does(deed)]).request(json=CALL)
    assert refusal.value.status == 400
    assert json.loads(refusal.value.text) == {"action_name": "action_x", "error": "not now"}
    assert underway.failure is None


async def test_an_error_is_noted_on_the_turn(underway):
    def deed(dispatcher):
        raise KeyError("slot")

    with pytest.raises(KeyError):
        await InProcessActions([Does(deed)]).request(json=CALL)
    assert isinstance(underway.failure, KeyError)


async def test_an_action_that_is_not_there_fails_the_turn(underway):
    with pytest.raises(ActionNotFoundException):
        await InProcessActions([]).request(json=CALL)
    assert underway.failure is not None

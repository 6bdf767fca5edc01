"""Whoever is upset or wants a person."""

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import ACTIONS
from tests.actions.acting import SURE, Entry, Found, offered, reads, run


@pytest.mark.parametrize("action", ["action_answer", "action_fallback"])
def test_whoever_is_upset_gets_a_sorry_with_the_answer(action):
    knowledge = reads(**SURE)
    assert run(action, knowledge, "q", upset=True)[0][0] == "utter_sorry"
    assert run(action, knowledge, "q", upset=False)[0][0] == "Body"
    if action == "action_answer":
        assert run(action, text="zz", upset=True)[0] == ["utter_complaint"]


def test_a_fact_in_a_long_message_is_found():
    knowledge = reads(my_bowl_arrived_broken=Found("answer", (Entry("broken"),)))
    text = "I hate this shop, my bowl arrived broken and nobody answers"
    said, effects, kept = run("action_complaint", knowledge, text)
    assert said == ["utter_sorry_to_hear", "Body", "utter_did_this_help"]
    assert effects == ["NoteTopic", "ShowArticle"]
    assert kept["pending"] == {"ask": "helped", "reason": "complaint"}
    assert run("action_answer", knowledge, text)[1] == ["ShowArticle"]


def test_an_unsure_help_for_a_complaint_comes_with_a_person():
    text = "my bowl arrived broken"
    knowledge = reads(my_bowl_arrived_broken=Found("suggest", (Entry("a1"), Entry("a2"))))
    said, effects, kept = run("action_complaint", knowledge, text)
    assert (said, effects) == (["utter_sorry_to_hear"], ["NoteTopic"])
    assert kept["pending"] == {"ask": "article", "articles": ["a1", "a2"], "reason": "complaint"}
    action = next(kind for kind in ACTIONS if kind.action_name == "action_complaint")(knowledge)
    assert offered(action, text)[-1] == "/talk_to_human"


@pytest.mark.parametrize("action", ["action_answer", "action_fallback"])
def test_guesses_for_somebody_upset_come_with_a_person(action):
    unlikely = Entry("a2", confidence=0.04)
    knowledge = reads(rubbish_service=Found("suggest", (Entry("a1"), unlikely)))
    said, _, kept = run(action, knowledge, "rubbish service", upset=True)
    assert said == ["utter_sorry_to_hear"]
    assert kept["pending"] == {"ask": "article", "articles": ["a1"], "reason": "complaint"}


def test_an_insult_is_not_searched_for_guesses():
    knowledge = reads(you_idiot=Found("suggest", (Entry("a1"),)))
    said, effects, _ = run("action_complaint", knowledge, "you idiot")
    assert (said, effects) == (["utter_complaint"], ["NoteTopic"])


def test_an_upset_client_is_acknowledged_before_an_answer():
    said, effects, _ = run("action_complaint", reads(**SURE), "q")
    assert said[0] == "utter_sorry_to_hear"
    assert effects == ["NoteTopic", "ShowArticle"]


def test_asking_for_a_person_keeps_the_reason_one_was_offered_for():
    pending = {"ask": "person", "reason": "complaint"}
    action = next(kind for kind in ACTIONS if kind.action_name == "action_talk_to_human")()
    dispatcher = CollectingDispatcher()
    tracker = Tracker("c", {"pending": pending}, {}, [], False, None, {}, None)
    action.run(dispatcher, tracker, {})
    assert dispatcher.messages[0]["custom"] == {"effect": "hand_off", "reason": "complaint"}

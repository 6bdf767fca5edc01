"""A dialogue that was cut goes on exactly like one that was not."""

import json
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    FollowupAction,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine import dialogue
from bot.engine.brain import Brain
from bot.engine.project import current_model

DOMAIN = Domain.from_dict(
    {
        "intents": ["greet", "question", "deny"],
        "slots": {
            name: {
                "type": "text",
                "influence_conversation": False,
                "mappings": [{"type": "custom"}],
            }
            for name in ("a", "b")
        },
        "actions": ["action_answer"],
        "forms": {"form": {"required_slots": ["a"]}},
    }
)
WINDOW = 3

_slot = st.builds(SlotSet, st.sampled_from(["a", "b"]), st.sampled_from([None, "1", "2", "3"]))


def _turn(intent, middle):
    heard = [
        UserUttered("words", {"name": intent, "confidence": 0.9}),
        DefinePrevUserUtteredFeaturization(False),
    ]
    return [*heard, *middle, ActionExecuted("action_listen")]


_middle = st.one_of(
    st.lists(_slot, max_size=2).map(
        lambda slots: [ActionExecuted("action_answer"), *slots, BotUttered("text")]
    ),
    st.just([ActionExecuted("action_answer"), AllSlotsReset()]),
    st.just([ActionExecuted("action_answer"), UserUtteranceReverted()]),
    st.just([ActionExecuted("action_answer"), Restarted()]),
    st.just([ActionExecuted("action_session_start"), SessionStarted(), SlotSet("b", "carried")]),
    st.just([ActionExecuted("form"), ActiveLoop("form"), SlotSet("requested_slot", "a")]),
    st.just([ActionExecuted("form"), SlotSet("a", "filled"), ActiveLoop(None)]),
    st.just([ActionExecutionRejected("form"), ActionExecuted("action_answer")]),
    st.just([ActionExecuted("action_answer"), FollowupAction("action_listen")]),
)
_turns = st.lists(
    st.tuples(st.sampled_from(["greet", "question", "deny"]), _middle), min_size=1, max_size=14
)


def _state(tracker):
    return {
        "slots": tracker.current_slot_values(),
        "loop": tracker.active_loop_name,
        "rejected": tracker.is_active_loop_rejected,
        "next": tracker.followup_action,
        "last": tracker.latest_action_name,
        "paused": tracker.is_paused(),
    }


@given(_turns)
@settings(max_examples=300, deadline=None)
def test_slots_loops_and_actions_are_the_same_as_of_the_whole_dialogue(turns):
    with mock.patch.object(dialogue, "WINDOW_TURNS", WINDOW):
        whole = DialogueStateTracker("c", DOMAIN.slots)
        whole.update(ActionExecuted("action_listen"))
        kept = None
        for intent, middle in turns:
            cut = dialogue.restore(kept, "c", DOMAIN)
            for event in _turn(intent, middle):
                whole.update(event)
                cut.update(event)
            kept = json.loads(json.dumps(dialogue.snapshot(cut, DOMAIN)))
            assert _state(dialogue.restore(kept, "c", DOMAIN)) == _state(whole)


@given(st.lists(st.tuples(st.sampled_from(["greet", "question", "deny"]), _slot), max_size=20))
@settings(max_examples=50, deadline=None)
def test_the_window_holds_no_more_turns_than_it_may(turns):
    tracker = dialogue.restore(None, "c", DOMAIN)
    for intent, slot in turns:
        for event in _turn(intent, [ActionExecuted("action_answer"), slot]):
            tracker.update(event)
    kept = dialogue.snapshot(tracker, DOMAIN)
    heard = [event for event in kept["events"] if event["event"] == "user"]
    assert len(heard) == min(len(turns), dialogue.WINDOW_TURNS)
    assert "words" not in json.dumps(kept)


@pytest.fixture(scope="module")
def processor(trained_home):
    return Brain(current_model(trained_home), [])._processor


_ours = st.tuples(
    st.sampled_from(["greet", "question", "affirm", "deny", "nlu_fallback", "thanks"]),
    st.sampled_from(["action_answer", "action_greet", "action_fallback", "action_deny"]),
    st.booleans(),
)


@pytest.mark.slow
@given(st.lists(_ours, min_size=1, max_size=12), st.sampled_from(["question", "deny", "goodbye"]))
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_policy_decides_the_same(processor, turns, latest):
    domain = processor.domain
    with mock.patch.object(dialogue, "WINDOW_TURNS", WINDOW):
        whole = dialogue.restore(None, "c", domain)
        kept = None
        for intent, action, reverted in turns:
            cut = dialogue.restore(kept, "c", domain)
            undo = [UserUtteranceReverted()] if reverted else []
            for event in _turn(intent, [ActionExecuted(action), SlotSet("misses", 1), *undo]):
                whole.update(event)
                cut.update(event)
            kept = dialogue.snapshot(cut, domain)
        after = dialogue.restore(kept, "c", domain)
        for tracker in (whole, after):
            tracker.update(UserUttered("so", {"name": latest, "confidence": 0.9}))
        expected = processor.predict_next_with_tracker(whole)
        found = processor.predict_next_with_tracker(after)
        assert found["scores"] == expected["scores"]
        assert found["policy"] == expected["policy"]


def test_a_dialogue_of_another_form_begins_anew():
    for strange in (None, {}, {"form": 0, "slots": {"a": "1"}, "events": []}):
        assert dialogue.restore(strange, "c", DOMAIN).get_slot("a") is None


def test_slots_the_domain_no_longer_has_are_left_out():
    kept = {
        "form": 1,
        "slots": {"a": "1", "gone": "x"},
        "events": [{"event": "slot", "name": "gone", "value": "y"}],
    }
    tracker = dialogue.restore(kept, "c", DOMAIN)
    assert tracker.get_slot("a") == "1"
    assert "gone" not in tracker.current_slot_values()

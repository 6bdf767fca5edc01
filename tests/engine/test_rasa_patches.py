"""The patches change no result."""

import pytest
import rasa.shared.utils.common
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event, SlotSet

from bot.engine import rasa_patches


@pytest.fixture(autouse=True)
def _patched():
    rasa_patches.apply()
    rasa_patches.apply()


def test_every_event_class_is_found_by_its_name():
    kinds = rasa.shared.utils.common.all_subclasses(Event)
    names = {kind.type_name for kind in kinds}
    assert len(names) > 20
    for name in names:
        assert Event.resolve_by_type(name) is rasa_patches._original_resolve(name)


def test_an_unknown_event_raises_or_is_the_default():
    with pytest.raises(ValueError, match="nonsense"):
        Event.resolve_by_type("nonsense")
    default = next(iter(rasa.shared.utils.common.all_subclasses(Event)))
    assert Event.resolve_by_type("nonsense", default) is default
    assert Event.resolve_by_type("topic") is None


def test_an_event_class_defined_later_is_found():
    with pytest.raises(ValueError):
        Event.resolve_by_type("patched-later")

    class Later(SlotSet):
        type_name = "patched-later"

    assert Event.resolve_by_type("patched-later") is Later


GOOD = [
    {},
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": {"b": [1]}}], "responses": [{"text": "x"}]},
]
BAD = [
    {"events": "none"},
    {"events": [{"event": "slot"}]},
    {"events": [], "responses": [3]},
    {"responses": {}},
]


@pytest.mark.parametrize("result", GOOD)
def test_valid_results_pass(result):
    assert RemoteAction("a", None)._validate_action_result(result) is True


@pytest.mark.parametrize("result", BAD)
def test_invalid_results_are_refused(result):
    with pytest.raises(ValidationError):
        RemoteAction("a", None)._validate_action_result(result)

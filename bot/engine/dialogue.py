"""The dialogue between turns: slots where a window begins, and the events of its last turns.

A tracker is the sum of its events, so a turn of a long conversation costs more the longer it is.
Here it is cut: what came before the window is folded into slot values. The cut stands directly
before a client message and never inside a loop; what was reverted is left out before cutting,
because a window that begins within a reverted turn would lose the slots set before it. Texts of
client and bot and the values of entities are not kept: no rule looks at them, and the texts stand
in the log.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

WINDOW_TURNS = 5
"""Client messages kept: no rule may look back further (a test checks). With ten, a late turn cost
27 % more CPU than a first one, embedding apart; with five, 17 %."""

_FORM = 1
_DROPPED = ("metadata", "timestamp", "text", "message_id", "input_channel", "policy", "confidence")


def restore(dialogue: dict[str, Any] | None, sender: str, domain: Domain) -> DialogueStateTracker:
    """The tracker a turn starts from; a conversation without one, or of another form, begins anew.

    Slots that the domain no longer has are left out, so that a new model takes over old dialogues.
    """
    tracker = DialogueStateTracker(sender, domain.slots)
    kept = dialogue if dialogue and dialogue.get("form") == _FORM else {"slots": {}, "events": []}
    for name, value in kept["slots"].items():
        if name in tracker.slots:
            tracker.update(SlotSet(name, value))
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
    for event in deserialise_events(kept["events"]):
        if not isinstance(event, SlotSet) or event.key in tracker.slots:
            tracker.update(event)
    return tracker


def snapshot(tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """What `restore` needs to go on from here, as JSON of bounded size."""
    events = [e for e in tracker.applied_events() if not isinstance(e, BotUttered)]
    cut = _cut(events)
    before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], domain.slots)
    slots = {
        name: slot.value for name, slot in before.slots.items() if slot.value != slot.initial_value
    }
    return {"form": _FORM, "slots": slots, "events": [_slim(event) for event in events[cut:]]}


def _cut(events: list[Event]) -> int:
    """Where the window begins: at one of the last client messages, outside of any loop."""
    turns: list[int] = []
    loop: str | None = None
    for index, event in enumerate(events):
        if isinstance(event, ActiveLoop):
            loop = event.name
        elif isinstance(event, UserUttered) and loop is None:
            turns.append(index)
    messages = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
    if not messages:
        return len(events)
    latest = messages[-WINDOW_TURNS:][0]
    return max((index for index in turns if index <= latest), default=0)


def _slim(event: Event) -> dict[str, Any]:
    """The event without ids and times, and without texts and values, which are not to be kept."""
    plain = {name: value for name, value in event.as_dict().items() if name not in _DROPPED}
    if isinstance(event, UserUttered):
        entities = [
            {key: entity[key] for key in ("entity", "role", "group") if key in entity}
            for entity in event.entities
        ]
        plain["parse_data"] = {"intent": {"name": event.intent_name}, "entities": entities}
    return {name: value for name, value in plain.items() if value is not None or name == "value"}

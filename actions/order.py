"""An order number: by itself, or in a question that has no sure answer."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reads import Article, Reads
from actions.turn import (
    SUGGESTIONS,
    TALK_TO_PERSON,
    Act,
    Domain,
    Events,
    entity,
    locale,
    offered,
    payload,
    pending,
    waiting_for,
)

_TRACKING = "Where is my order? How do I track it?"
"""What most who give a number want to know; the base is asked in English, whoever asks us."""


class Order(Act):
    """Note the number, ask what it is about, and offer what can be done."""

    action_name = "action_order"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """What was being offered stays on offer: the number was perhaps given for it."""
        order, number = entity(tracker, "order"), entity(tracker, "number")
        if not order and number:
            # It may as well be a PIN code or a one-time password.
            yes = {"title": "Yes", "payload": payload("order_number", order=number)}
            no = {"title": "No", "payload": payload("deny")}
            dispatcher.utter_message(
                response="utter_is_order", number=number, buttons=[yes, no, TALK_TO_PERSON]
            )
            return [*waiting_for("order", number=number), SlotSet("misses", 0)]
        return self.noted(dispatcher, tracker, order or tracker.get_slot("order") or "")

    def noted(self, dispatcher: CollectingDispatcher, tracker: Tracker, order: str) -> Events:
        """Say that the number is noted, and remember it."""
        before = [
            self.reads.article(id, locale(tracker)) for id in pending(tracker).get("articles", [])
        ]
        articles = with_tracking(self.reads, tracker, [each for each in before if each])
        buttons = [*offered(articles), TALK_TO_PERSON]
        dispatcher.utter_message(response="utter_order_noted", order=order, buttons=buttons)
        return [*waiting_for(None), SlotSet("misses", 0), SlotSet("order", order or None)]


def with_tracking(reads: Reads, tracker: Tracker, articles: Sequence[Article]) -> Sequence[Article]:
    """Suggestions to a message that names an order: how to track it is among them."""
    if not entity(tracker, "order"):
        return articles
    decision = reads.search(_TRACKING, "en")
    best = decision.results[0].article if decision.kind == "answer" else None
    if best is None or best in [each.article for each in articles[:SUGGESTIONS]]:
        return articles
    found = reads.article(best, locale(tracker))
    return [*articles[: SUGGESTIONS - 1], found] if found else articles

"""A person is wanted, or should be offered."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.order import with_tracking
from actions.turn import (
    SURE,
    Act,
    Domain,
    Events,
    hand_off,
    offer_person,
    pending,
    put,
    said,
    sure,
    waiting_for,
)
from bot.conversations.effects import NoteTopic

_OUTCRY_WORDS = 3
"""A complaint this short names nothing that an article could be about."""


class TalkToHuman(Act):
    """The client wants a person."""

    action_name = "action_talk_to_human"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Hand off at once: never ask twice somebody who asked."""
        return hand_off(dispatcher, pending(tracker).get("reason", "asked"))


class Complaint(Act):
    """The client is upset: acknowledge, help where the base can, offer a person."""

    action_name = "action_complaint"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Feeling before fact; a person is offered whatever the fact."""
        put(dispatcher, NoteTopic("complaint"))
        text = said(tracker)
        decision = self.search(tracker, text)
        if decision.kind in SURE:
            dispatcher.utter_message(response="utter_sorry_to_hear")
            events = self.show(dispatcher, tracker, sure(decision), text)
            return [*events, *waiting_for("helped", reason="complaint")]
        if decision.kind == "suggest" and len(text.split()) > _OUTCRY_WORDS:
            articles = with_tracking(self.reads, tracker, decision.results)
            return self.comfort(dispatcher, articles, text, "complaint")
        return offer_person(dispatcher, "utter_complaint", "complaint")


class BotChallenge(Act):
    """Who am I talking to? An assistant, and a person is one word away."""

    action_name = "action_bot_challenge"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Say the truth and offer a person."""
        return offer_person(dispatcher, "utter_bot_challenge", "asked")

"""A person is wanted, or should be offered."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Act, Domain, Events, hand_off, offer_person, pending, put, said
from bot.conversations.effects import NoteTopic


class TalkToHuman(Act):
    """The client wants a person."""

    action_name = "action_talk_to_human"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Hand off at once: never ask twice somebody who asked."""
        return hand_off(dispatcher, pending(tracker).get("reason", "asked"))


class Complaint(Act):
    """The client is upset: acknowledge, answer only what is surely asked, offer a person."""

    action_name = "action_complaint"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Feeling before fact; the fact only where the knowledge base is sure."""
        put(dispatcher, NoteTopic("complaint"))
        decision = self.search(tracker, said(tracker))
        if decision.kind == "answer":
            dispatcher.utter_message(response="utter_sorry_to_hear")
            return self.show(dispatcher, tracker, decision.results[0], said(tracker))
        return offer_person(dispatcher, "utter_complaint", "complaint")


class BotChallenge(Act):
    """Who am I talking to? An assistant, and a person is one word away."""

    action_name = "action_bot_challenge"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Say the truth and offer a person."""
        return offer_person(dispatcher, "utter_bot_challenge", "asked")

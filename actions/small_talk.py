"""Greetings, thanks, goodbyes, yes and no, and the language we speak."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import Helped, NotHelped
from actions.order import Order
from actions.turn import (
    SURE,
    Act,
    Domain,
    Events,
    entity,
    goes_on,
    hand_off,
    heard,
    locale,
    offer_person,
    payload,
    pending,
    put,
    remembered,
    said,
    sure,
    waiting_for,
)
from bot.conversations import effects

_GREETING_WORDS = 4
"""A longer greeting may hold a question."""


class Greet(Act):
    """Answer a greeting with its pair; a question behind the greeting is answered too."""

    action_name = "action_greet"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Greet, or greet by answering."""
        text = said(tracker)
        if len(text.split()) > _GREETING_WORDS:
            decision = self.ask(text, locale(tracker))
            if decision.kind in SURE:
                return self.show(dispatcher, tracker, sure(decision), text)
        # Whoever was welcomed is greeted back, and not welcomed again.
        response = "utter_greet_back" if tracker.get_slot("greeted") else "utter_greet"
        if self.reads.salam(text):  # each catalog has its pair
            response += "_salam"
        dispatcher.utter_message(response=response)
        return [*waiting_for(None), SlotSet("misses", 0), SlotSet("greeted", True)]


class Thanks(Act):
    """The client says thank you."""

    action_name = "action_thanks"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Answer it; whether the answer helped stays open."""
        # Thanks in reply to the offer of a person decline it: nothing has helped yet.
        declined = pending(tracker).get("ask") == "person"
        dispatcher.utter_message(response="utter_anything_else" if declined else "utter_welcome")
        return [*waiting_for(None), SlotSet("misses", 0)]


class Goodbye(Act):
    """The client leaves."""

    action_name = "action_goodbye"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Say goodbye and let the interaction end."""
        dispatcher.utter_message(response="utter_goodbye")
        put(dispatcher, effects.EndChat())
        return [*waiting_for(None), SlotSet("misses", 0)]


class Affirm(Act):
    """Yes: to what was asked last."""

    action_name = "action_affirm"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Yes to a person, to "did this help?", to a single suggestion; else ask what is wanted."""
        asked = pending(tracker)
        if asked.get("ask") == "person":
            return hand_off(dispatcher, asked["reason"])
        if asked.get("ask") == "helped":
            return Helped(self.reads).run(dispatcher, tracker, domain)
        if asked.get("ask") == "article" and len(asked["articles"]) == 1:
            found = self.reads.article(asked["articles"][0], locale(tracker))
            if found:
                question = tracker.get_slot("question")
                return self.show(dispatcher, tracker, [found], question)
        if asked.get("ask") == "order":
            return Order(self.reads).noted(dispatcher, tracker, asked["number"])
        dispatcher.utter_message(response="utter_go_on")
        return []


class Deny(Act):
    """No: to what was asked last."""

    action_name = "action_deny"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """No to "did this help?" and to all suggestions leads on; else ask what is wanted."""
        asked, text = pending(tracker).get("ask"), said(tracker)
        if asked in (None, "rephrase") and goes_on(tracker) and len(text.split()) > 1:
            # "Never came", after "the parcel you sent": no answer, but the rest of a thought.
            decision = self.search(tracker, text)
            if decision.kind in SURE:
                return self.show(dispatcher, tracker, sure(decision), text)
            if decision.kind == "suggest":
                return self.suggest(dispatcher, decision.results, heard(tracker, text))
        if asked == "order":
            dispatcher.utter_message(response="utter_go_on")
            return waiting_for(None)
        if asked == "helped":
            return NotHelped(self.reads).run(dispatcher, tracker, domain)
        if asked == "article":
            question = tracker.get_slot("question")
            events = offer_person(dispatcher, "utter_no_answer", "unanswered", question)
            # "Only one", after "I ordered two plates": it may go on after that, too.
            return [*events, *remembered(tracker, text)] if len(text.split()) > 1 else events
        dispatcher.utter_message(response="utter_anything_else")
        return waiting_for(None)


class ChangeLanguage(Act):
    """The client wants another language."""

    action_name = "action_change_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Confirm in the new language at once; without a language, offer those we speak."""
        wished = entity(tracker, "wished_language")
        if wished:
            put(dispatcher, effects.ChangeLanguage(wished))
            dispatcher.utter_message(response="utter_language_changed", locale=wished)
            # "OK" is now said to the language, not to "did this help?" before it.
            return waiting_for(None) if pending(tracker).get("ask") == "helped" else []
        buttons = [
            {"title": endonym, "payload": payload("change_language", wished_language=tag)}
            for tag, endonym in self.reads.languages
        ]
        dispatcher.utter_message(response="utter_which_language", buttons=buttons)
        return []

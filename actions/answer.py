"""Questions and what follows an answer: did it help, what next, and the honest no-answer."""

from __future__ import annotations

import re

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.order import Order, with_tracking
from actions.turn import (
    OPENING_WORDS,
    SURE,
    Act,
    Domain,
    Events,
    entity,
    heard,
    locale,
    offer_person,
    pending,
    put,
    remembered,
    said,
    sure,
    upset,
    waiting_for,
)
from bot.conversations import effects

_PUZZLED = re.compile(r"[?？؟!！\s]*[?？؟][?？؟!！\s]*")
_NUMBER_ONLY_WORDS = 6
"""A message this short with an order number, which answers nothing, gives the number."""


class Answer(Act):
    """Answer a question from the knowledge base, suggest, or say that there is no answer."""

    action_name = "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """A button names an article; a text is searched for."""
        text, chosen = said(tracker), entity(tracker, "article")
        if chosen and not text:
            found = self.reads.article(chosen, locale(tracker))
            question, shown = tracker.get_slot("question"), tracker.get_slot("shown") or []
            if found:
                # Whoever begins with a button has asked what stands on it.
                return self.show(dispatcher, tracker, [found], question or found.title, shown)
            return offer_person(dispatcher, "utter_no_answer", "unanswered", question)
        decision = self.search(tracker, text)
        if decision.kind in SURE:
            if upset(tracker):
                dispatcher.utter_message(response="utter_sorry")
            return self.show(dispatcher, tracker, sure(decision), text)
        if decision.kind == "suggest":
            articles = with_tracking(self.reads, tracker, decision.results)
            if upset(tracker):
                return self.comfort(dispatcher, articles, heard(tracker, text), "complaint")
            return self.suggest(dispatcher, articles, heard(tracker, text))
        if _gives_order(tracker):
            return Order(self.reads).run(dispatcher, tracker, domain)
        response = "utter_complaint" if upset(tracker) else "utter_no_answer"
        events = offer_person(dispatcher, response, "unanswered", text)
        return [*events, *remembered(tracker, text), SlotSet("misses", 0)]


class NeedHelp(Act):
    """The client has a question and has not asked it yet."""

    action_name = "action_need_help"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Ask what it is."""
        return self.opening(dispatcher, tracker)


class Helped(Act):
    """The answer helped."""

    action_name = "action_helped"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Confirm the outcome; words that nobody asked for are no outcome."""
        if said(tracker) and pending(tracker).get("ask") != "helped":
            return self.opening(dispatcher, tracker)
        put(dispatcher, effects.Helped(True))
        dispatcher.utter_message(response="utter_glad")
        return [*waiting_for(None), SlotSet("misses", 0)]


class NotHelped(Act):
    """The answer did not help: the next best article not yet shown, else a person."""

    action_name = "action_not_helped"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Search again without what was shown; suggestions are only offered once.

        The best one did not help, so the next is less sure than it looks.
        """
        question, shown = tracker.get_slot("question"), tracker.get_slot("shown") or []
        text = said(tracker)
        if not shown and len(text.split()) > OPENING_WORDS:
            # Nothing was shown that could have failed to help: something else does not work.
            decision = self.ask(text, locale(tracker))
            if decision.kind in SURE:
                return self.show(dispatcher, tracker, sure(decision), text)
            if decision.kind == "suggest":
                return self.suggest(dispatcher, decision.results, text)
        put(dispatcher, effects.Helped(False))
        if question and shown:
            decision = self.reads.search(question, locale(tracker), exclude=shown)
            if decision.kind == "answer":
                dispatcher.utter_message(response="utter_perhaps")
                return self.show(dispatcher, tracker, decision.results[:1], question, shown)
            if decision.kind == "suggest" and len(shown) == 1:
                return self.suggest(dispatcher, decision.results, question, shown)
        return offer_person(dispatcher, "utter_not_helped", "unanswered")


class OffTopic(Act):
    """Something that is not ours to answer, unless the knowledge base surely can."""

    action_name = "action_off_topic"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """What the base answers surely is a question, whatever it was taken for."""
        decision = self.search(tracker, said(tracker))
        if decision.kind in SURE:
            return self.show(dispatcher, tracker, sure(decision), said(tracker))
        dispatcher.utter_message(response="utter_off_topic")
        return waiting_for(None)


class Fallback(Act):
    """The message was not understood: the knowledge base first, then rephrase, then a person."""

    action_name = "action_fallback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Nothing is guessed; the second time in a row a person is offered."""
        text = said(tracker)
        if pending(tracker).get("ask") == "helped" and _PUZZLED.fullmatch(text):
            return NotHelped(self.reads).run(dispatcher, tracker, domain)
        decision = self.search(tracker, text)
        if decision.kind in SURE:
            if upset(tracker):
                dispatcher.utter_message(response="utter_sorry")
            return self.show(dispatcher, tracker, sure(decision), text)
        if _gives_order(tracker):
            return Order(self.reads).run(dispatcher, tracker, domain)
        if decision.kind == "suggest" and upset(tracker):
            return self.comfort(dispatcher, decision.results, heard(tracker, text), "complaint")
        if decision.kind == "suggest":
            return self.suggest(dispatcher, decision.results, heard(tracker, text))
        misses = int(tracker.get_slot("misses") or 0) + 1
        if misses == 1 and pending(tracker).get("ask") != "person":
            dispatcher.utter_message(response="utter_rephrase")
            # What was shown stays what a follow-up is about.
            rest = [] if tracker.get_slot("shown") else remembered(tracker, text)
            return [*waiting_for("rephrase"), SlotSet("misses", misses), *rest]
        if not any(character.isalnum() for character in text):
            # "???" or an emoji is no question that an article could answer.
            events = offer_person(dispatcher, "utter_bot_challenge", "unanswered")
        else:
            events = offer_person(dispatcher, "utter_no_answer", "unanswered", text)
        return [*events, SlotSet("misses", misses)]


def _gives_order(tracker: Tracker) -> bool:
    return bool(entity(tracker, "order")) and len(said(tracker).split()) <= _NUMBER_ONLY_WORDS

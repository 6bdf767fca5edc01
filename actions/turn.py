"""What every action does in the same way: read the turn, offer a person, show an article."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.clauses import Merged, merge
from actions.reads import Article, Decision, Reads
from bot.conversations.effects import Effect, HandOff, ShowArticle, Unanswered

Events = list[dict[str, Any]]
Domain = dict[str, Any]

SUGGESTIONS = 3
FOLLOW_UP_WORDS = 7
"""A message this short that finds nothing sure is read together with the question before it."""
SURE = ("answer", "answers")
"""Kinds of decision that give articles; `answers` gives every result, one a question asked."""
_NOT_ABSURD = 0.05  # probability below which a choice makes the others look careless
_WORTH_OFFERING = 0.1  # probability from which an article that a follow-up finds alone is offered
_RISEN = 0.04  # the same for one that the follow-up made likelier than the question before was
_SAME, _SAME_REFERRED = 0.95, 0.7
"""Share of its former probability that the article shown must keep to be meant again; less where
the message says "it" or "that". Chosen on tests/e2e/dialogues/development.yml."""
_REMEMBERED = 200  # characters of messages that nothing was found for

TALK_TO_PERSON = {"title": "Talk to a person", "payload": "/talk_to_human"}
OPENING_WORDS = 3
"""A longer message that announces a question may hold it."""

_PIECE = re.compile(r"[,;।\n،]+")
_LABEL_WORDS = 2  # beside a number these only say what it is
_IDENTIFIERS = ("order", "invoice", "ticket", "phone", "email")
_ESCAPE = "\u2060"  # what the engine puts before a "/" that a client typed
_RANK = {"none": 0, "suggest": 1, "answer": 2, "answers": 2}


class Act(Action, ABC):
    """An action that reads through `Reads`; subclasses set `action_name` and write `run`."""

    action_name = ""

    def __init__(self, reads: Reads | None = None) -> None:
        self.reads = reads or Reads()

    def name(self) -> str:
        """The name rules and domain.yml know the action by."""
        return self.action_name

    @abstractmethod
    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        """Say and ask for effects on the dispatcher; return what is to be remembered."""

    def ask(self, text: str, locale: str, exclude: Collection[str] = ()) -> Decision:
        """Ask the knowledge base the whole message and each of its clauses."""
        whole = self.reads.search(text, locale, exclude=exclude)
        clauses = self.reads.clauses(text)
        parts = [self.reads.search(clause, locale, exclude=exclude) for clause in clauses]
        return merge(whole, parts)

    def search(self, tracker: Tracker, text: str) -> Decision:
        """Ask the knowledge base; a short follow-up is read together with the question before.

        What both find together counts where it is something else than that question had found,
        so that a few stray letters do not bring the last answer back. Else what the follow-up
        makes likelier is offered, and the article shown where it stays as likely as it was.
        """
        bare = unnumbered(tracker, text)
        found = self._read_on(tracker, bare)
        if bare == text or found.kind not in SURE:
            return found
        whole = self.reads.search(text, locale(tracker))
        if not whole.results or whole.results[0].article in [a.article for a in sure(found)]:
            return found
        # What is left after taking a number out may read as something else.
        return Merged("suggest", (*sure(found), whole.results[0]))

    def _read_on(self, tracker: Tracker, text: str) -> Decision:
        alone = self.ask(text, locale(tracker))
        before, refers = tracker.get_slot("question"), self.reads.refers_back(text)
        if not before or len(text.split()) > FOLLOW_UP_WORDS:
            return alone
        if alone.kind in SURE and not refers:
            return alone
        together = self.reads.search(f"{before} {text}", locale(tracker))
        seen = [*(tracker.get_slot("shown") or []), *pending(tracker).get("articles", [])]
        if not together.results:
            return alone
        top = together.results[0]
        if _RANK[together.kind] > _RANK[alone.kind] and top.article not in seen:
            return together
        had = {
            each.article: each.confidence
            for each in self.reads.search(before, locale(tracker)).results
        }
        found = {r.article: r for r in alone.results if r.confidence >= _WORTH_OFFERING}
        for each in together.results:
            likelier = each.confidence > max(_RISEN, had.get(each.article, 0.0))
            if each.article not in seen and likelier:
                found.setdefault(each.article, each)
        offers = sorted(found.values(), key=lambda each: -each.confidence)
        share = _SAME_REFERRED if refers else _SAME
        again = top.article in seen and together.kind == "answer"
        if again and top.confidence >= share * had.get(top.article, 1.0):
            if alone.kind in SURE and alone.results[0].article == top.article:
                return alone
            offers = [top, *(each for each in offers if each.article != top.article)]
        elif alone.kind in SURE:
            return alone
        return Merged("suggest", tuple(offers)) if offers else alone

    def show(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        articles: Sequence[Article],
        question: str | None,
        shown: Sequence[str] = (),
    ) -> Events:
        """Give articles as the answer and ask whether it helped."""
        for article in articles:
            if article.locale.split("-")[0] != locale(tracker).split("-")[0]:
                language = self.reads.named(article.locale, locale(tracker))
                dispatcher.utter_message(response="utter_article_elsewhere", language=language)
            effect = ShowArticle(article.article, article.locale, round(article.confidence, 3))
            dispatcher.utter_message(text=article.body, json_message=effect.to_json())
        order = tracker.get_slot("order")
        if order and any(self.reads.asks_order(article.body) for article in articles):
            dispatcher.utter_message(response="utter_order_known", order=order)
        dispatcher.utter_message(response="utter_did_this_help")
        return [
            *waiting_for("helped"),
            SlotSet("question", question),
            SlotSet("shown", [*shown, *(article.article for article in articles)]),
            SlotSet("misses", 0),
        ]

    def suggest(
        self,
        dispatcher: CollectingDispatcher,
        articles: Sequence[Article],
        question: str,
        shown: Sequence[str] = (),
    ) -> Events:
        """Offer up to three articles as buttons."""
        articles = [a for a in articles if a.confidence >= _NOT_ABSURD] or articles[:1]
        none_of_these = {"title": "None of these", "payload": payload("deny")}
        buttons = [*offered(articles[:SUGGESTIONS]), none_of_these]
        dispatcher.utter_message(response="utter_did_you_mean", buttons=buttons)
        return [
            *waiting_for("article", articles=[a.article for a in articles[:SUGGESTIONS]]),
            SlotSet("question", question),
            SlotSet("shown", list(shown)),
            SlotSet("misses", 0),
        ]

    def comfort(
        self,
        dispatcher: CollectingDispatcher,
        articles: Sequence[Article],
        question: str,
        reason: str,
    ) -> Events:
        """Offer somebody upset what may be meant, and a person with it: guesses alone mock them."""
        likely = [each for each in articles if each.confidence >= _WORTH_OFFERING][:SUGGESTIONS]
        likely = likely or list(articles[:1])
        buttons = [*offered(likely), TALK_TO_PERSON]
        dispatcher.utter_message(response="utter_sorry_to_hear", buttons=buttons)
        return [
            *waiting_for("article", articles=[a.article for a in likely], reason=reason),
            SlotSet("question", question),
            SlotSet("shown", []),
            SlotSet("misses", 0),
        ]

    def opening(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Answer what says no more than that help is wanted, and the question it may hold.

        After a message that nothing was found for it may be the rest of that one.
        """
        text = said(tracker)
        if text and (len(text.split()) > OPENING_WORDS or goes_on(tracker)):
            decision = self.search(tracker, text)
            if decision.kind in SURE:
                return self.show(dispatcher, tracker, sure(decision), text)
            if decision.kind == "suggest" and goes_on(tracker):
                return self.suggest(dispatcher, decision.results, heard(tracker, text))
        dispatcher.utter_message(response="utter_go_on")
        return [*waiting_for(None), SlotSet("misses", 0), *remembered(tracker, text)]


def sure(decision: Decision) -> Sequence[Article]:
    """The articles that a sure decision gives."""
    return decision.results if decision.kind == "answers" else decision.results[:1]


def goes_on(tracker: Tracker) -> bool:
    """Whether the client has said something that nothing has been shown for yet."""
    return bool(tracker.get_slot("question")) and not tracker.get_slot("shown")


def heard(tracker: Tracker, text: str) -> str:
    """The text with what was said before it and found nothing: a thought in several messages."""
    before = tracker.get_slot("question") if goes_on(tracker) else None
    return f"{before} {text}"[-_REMEMBERED:] if before else text


def remembered(tracker: Tracker, text: str) -> Events:
    """Keep what nothing was found for: the next message may go on from it."""
    if not text:
        return []
    return [SlotSet("question", heard(tracker, text)), SlotSet("shown", [])]


def upset(tracker: Tracker) -> bool:
    """Whether the message sounds upset, whatever it asks."""
    return bool(tracker.latest_message.get("upset"))


def offered(articles: Sequence[Article]) -> list[dict[str, str]]:
    """Articles as buttons."""
    return [
        {"title": article.title, "payload": payload("question", article=article.article)}
        for article in articles
    ]


def locale(tracker: Tracker) -> str:
    """The language the client is spoken to in; outside the product, that of the message."""
    return tracker.get_slot("language") or tracker.latest_message.get("language") or "en"


def said(tracker: Tracker) -> str:
    """What the client wrote, empty for a button."""
    text = tracker.latest_message.get("text") or ""
    return "" if text.startswith("/") else text.lstrip(_ESCAPE)


def unnumbered(tracker: Tracker, text: str) -> str:
    """The text without numbers and addresses, which only blur what it asks.

    Of nine questions with an order number, in six languages, two were answered surely as they stood
    and eight without it.
    """
    raw = tracker.latest_message.get("text") or ""
    numbers = [
        raw[found["start"] : found["end"]]
        for found in tracker.latest_message.get("entities") or ()
        if found["entity"] in _IDENTIFIERS and "start" in found
    ]
    if not numbers:
        return text
    asked: list[str] = []
    labels: list[str] = []
    for piece in _PIECE.split(text):
        rest = piece
        for number in numbers:
            rest = rest.replace(number, " ")
        label = rest != piece and len(rest.split()) <= _LABEL_WORDS
        (labels if label else asked).append(" ".join(rest.split()))
    # Of ", order no. ND-123456" nothing is left that asks.
    left = ", ".join(filter(None, asked)) or ", ".join(filter(None, labels))
    return left if any(character.isalpha() for character in left) else text


def entity(tracker: Tracker, kind: str) -> str | None:
    """The first value of an entity in the client's message."""
    return next(tracker.get_latest_entity_values(kind), None)


def payload(intent: str, **entities: str) -> str:
    """What a button means: an intent with its entities, in Rasa's notation."""
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{intent}"


def put(dispatcher: CollectingDispatcher, effect: Effect) -> None:
    """Ask for an effect; the turn's commit carries it out."""
    dispatcher.utter_message(json_message=effect.to_json())


def waiting_for(ask: str | None, **details: Any) -> Events:
    """Remember what was asked: `person`, `helped`, `article`, `rephrase`, or nothing."""
    return [SlotSet("pending", {"ask": ask, **details} if ask else None)]


def pending(tracker: Tracker) -> dict[str, Any]:
    """What was asked last; empty when nothing was."""
    return tracker.get_slot("pending") or {}


def offer_person(
    dispatcher: CollectingDispatcher, response: str, reason: str, unanswered: str | None = None
) -> Events:
    """Say `response`, which offers a person, and note why for whoever takes over."""
    if unanswered:
        put(dispatcher, Unanswered(unanswered))
    dispatcher.utter_message(response=response)
    return waiting_for("person", reason=reason)


def hand_off(dispatcher: CollectingDispatcher, reason: str) -> Events:
    """Give the conversation to people. The flow says how long it takes, so nothing is said here."""
    put(dispatcher, HandOff(reason))
    return [*waiting_for(None), SlotSet("misses", 0)]

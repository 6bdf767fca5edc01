"""An action, run without Rasa around it: what it says, the effects it asks for, what it keeps."""

import dataclasses

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import ACTIONS, Reads
from bot.conversations.effects import effect_from_json
from bot.languages import speech
from bot.languages.numbers import asks_order


@dataclasses.dataclass(frozen=True)
class Entry:
    article: str
    locale: str = "en"
    title: str = "Title"
    body: str = "Body"
    confidence: float = 0.8


@dataclasses.dataclass(frozen=True)
class Found:
    kind: str
    results: tuple = ()


def reads(**answers):
    """Search by exact text; `article` knows every id but `gone`."""

    def search(text, locale, *, exclude=()):
        found = answers.get(text.replace(" ", "_"), Found("none"))
        return Found(found.kind, tuple(e for e in found.results if e.article not in exclude))

    return Reads(
        search=search,
        article=lambda id, locale: None if id == "gone" else Entry(id, locale),
        languages=(("en", "English"), ("bn", "বাংলা")),
        asks_order=asks_order,
        clauses=speech.clauses,
        refers_back=speech.refers_back,
        salam=speech.salam,
    )


def heard(text, entities=None, slots=(), **more):
    said = [{"entity": key, "value": value} for key, value in (entities or {}).items()]
    message = {"text": text, "intent": {}, "entities": said, **more}
    slots = {"language": "en", **dict(slots)}
    return Tracker("c", slots, message, [], False, None, {}, "action_listen")


def run(name, knowledge=None, text=None, entities=None, upset=False, **slots):
    action = next(kind for kind in ACTIONS if kind.action_name == name)(knowledge or reads())
    dispatcher = CollectingDispatcher()
    events = action.run(dispatcher, heard(text, entities, slots, upset=upset), {})
    effects = [effect_from_json(m["custom"]) for m in dispatcher.messages if m["custom"]]
    said = [m["response"] or m["text"] for m in dispatcher.messages if m["response"] or m["text"]]
    remembered = {event["name"]: event["value"] for event in events}
    return said, [type(effect).__name__ for effect in effects], remembered


def offered(action, text, entities=None, **slots):
    dispatcher = CollectingDispatcher()
    action.run(dispatcher, heard(text, entities, slots), {})
    return [button["payload"] for button in dispatcher.messages[-1]["buttons"]]


SURE = {"q": Found("answer", (Entry("a1"), Entry("a2")))}
UNSURE = {"q": Found("suggest", (Entry("a1"), Entry("a2"), Entry("a3"), Entry("a4")))}

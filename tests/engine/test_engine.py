"""Turns through the real Rasa, with a hand-made knowledge base."""

import asyncio
import json
import shutil
import threading

import pytest

from bot.conversations.effects import (
    ChangeLanguage,
    EndChat,
    HandOff,
    Helped,
    NoteTopic,
    ShowArticle,
    Unanswered,
)
from bot.engine.engine import Engine, Reads
from bot.engine.turn import EngineError, ModelNotCurrent, Turn, TurnFailed, TurnTimedOut
from tests.patience import PATIENCE


def texts(outcome):
    return [reply.text for reply in outcome.replies]


async def test_greets_with_the_shop_s_name(conversation):
    outcome = await conversation.say("hello")
    assert outcome.intent == "greet"
    assert texts(outcome) == ["Hello, and welcome to Nadi. How can I help?"]


async def test_an_answer_shows_the_article_and_asks_whether_it_helped(conversation):
    outcome = await conversation.say("how do I return a shirt?")
    assert outcome.effects == (ShowArticle("return-item", "en", 0.9),)
    assert outcome.replies[0].text == "Within 14 days of delivery."
    assert outcome.replies[0].article == "return-item"
    assert [b.payload for b in outcome.replies[1].buttons] == [
        "/helped",
        "/not_helped",
        "/talk_to_human",
    ]


async def test_yes_after_an_answer_confirms_that_it_helped(conversation):
    await conversation.say("how do I return a shirt?")
    assert (await conversation.say("yes")).effects == (Helped(True),)


async def test_no_after_an_answer_leads_on_and_at_last_to_a_person(conversation):
    await conversation.say("how do I return a shirt?")
    second = await conversation.say("no")
    assert second.effects == (Helped(False),)
    assert [button.payload for button in second.replies[0].buttons] == [
        '/question{"article": "refund-time"}',
        '/question{"article": "track-order"}',
        "/deny",
    ]
    third = await conversation.press("question", article="refund-time")
    assert third.replies[0].article == "refund-time"
    fourth = await conversation.press("not_helped")
    assert Helped(False) in fourth.effects
    assert [b.payload for b in fourth.replies[0].buttons] == ["/talk_to_human", "/deny"]
    assert (await conversation.say("yes")).effects == (HandOff("unanswered"),)


async def test_what_the_base_does_not_know_is_said_and_noted(conversation):
    outcome = await conversation.say("do you deliver to Assam?")
    assert outcome.effects == (Unanswered("do you deliver to Assam?"),)
    assert "rather not guess" in texts(outcome)[0]


async def test_a_person_is_handed_over_without_asking_again(conversation):
    outcome = await conversation.say("I want to talk to a person")
    assert outcome.effects == (HandOff("asked"),)
    assert outcome.replies == ()


async def test_not_understood_twice_offers_a_person(conversation):
    first = await conversation.say("qwrt zxplk")
    assert first.intent == "nlu_fallback"
    assert texts(first) == ["Sorry, I didn't quite follow. Could you put it another way?"]
    second = await conversation.say("bnmvc lkjhg")
    assert second.effects == (Unanswered("bnmvc lkjhg"),)
    assert (await conversation.press("affirm")).effects == (HandOff("unanswered"),)


async def test_what_the_base_surely_answers_is_a_question_whatever_it_was_taken_for(conversation):
    outcome = await conversation.say("what's the weather today")
    assert outcome.intent == "off_topic"
    assert outcome.replies[0].article == "return-item"


async def test_a_complaint_is_acknowledged_first(conversation):
    outcome = await conversation.say("worst service ever")
    assert outcome.effects == (NoteTopic("complaint"),)
    assert texts(outcome)[0].startswith("I'm sorry.")


async def test_the_language_changes_at_once(conversation):
    outcome = await conversation.say("speak Marathi please")
    assert outcome.effects == (ChangeLanguage("mr"),)
    assert [reply.language for reply in outcome.replies] == ["mr"]


async def test_without_a_language_those_we_speak_are_offered(conversation):
    outcome = await conversation.press("change_language")
    titles = {button.title for button in outcome.replies[0].buttons}
    assert {"English", "বাংলা", "मराठी", "മലയാളം"} <= titles


async def test_goodbye_ends_the_chat(conversation):
    assert (await conversation.say("goodbye")).effects == (EndChat(),)


async def test_an_order_number_alone_is_noted_and_remembered(conversation):
    outcome = await conversation.say("ND-১২৩৪৫৬", locale="bn")
    assert [e["value"] for e in outcome.entities] == ["ND-123456"]
    assert "ND-123456" in texts(outcome)[0]
    later = await conversation.say("thanks")
    kept = json.dumps(later.dialogue)
    assert "ND-123456" in kept


@pytest.mark.parametrize("text", ["/restart", "  /restart", "/session_start", '/helped{"a": "b"}'])
async def test_a_client_types_no_commands(conversation, text):
    await conversation.say("ND-123456")
    outcome = await conversation.say(text)
    assert outcome.confidence < 1
    assert "ND-123456" in json.dumps(outcome.dialogue)


async def test_what_the_client_wrote_is_not_kept_with_past_turns(conversation):
    await conversation.say("thank you, I am anna@example.com and 9876543210")
    outcome = await conversation.say("bye")
    assert "anna" not in json.dumps(outcome.dialogue)
    assert "987654" not in json.dumps(outcome.dialogue)


async def test_the_dialogue_stays_small(conversation):
    sizes = []
    for _ in range(30):
        outcome = await conversation.say("hello")
        sizes.append(len(json.dumps(outcome.dialogue)))
    assert sizes[29] == sizes[14]
    assert sizes[29] < 8_000


async def test_conversations_at_once_do_not_mix(converse):
    async def run(name):
        one = converse(name)
        await one.say(f"order number is {name}")
        return name, (await one.say("thanks")).dialogue

    for name, dialogue in await asyncio.gather(*(run(str(770000 + n)) for n in range(8))):
        assert set(_slots(dialogue, "order")) == {name}


def _slots(dialogue, name):
    if name in dialogue["slots"]:
        yield dialogue["slots"][name]
    for event in dialogue["events"]:
        if event["event"] == "slot" and event["name"] == name:
            yield event["value"]


async def test_a_failing_action_fails_the_turn_and_nothing_else(conversation, base):
    def broken():
        raise ZeroDivisionError("no base")

    base.before = broken
    with pytest.raises(TurnFailed, match="no base"):
        await conversation.say("how do I return a shirt?")
    assert conversation.dialogue is None
    base.before = lambda: None
    assert (await conversation.say("how do I return a shirt?")).replies


async def test_a_turn_has_a_deadline_and_the_next_one_works(engine, base):
    blocked = threading.Event()
    base.before = lambda: blocked.wait(10)
    with pytest.raises(TurnTimedOut):
        await engine.handle(Turn("c1", "how do I return it", "en"), deadline=0.3)
    blocked.set()
    base.before = lambda: None
    outcome = await engine.handle(Turn("c1", "thanks", "en"), deadline=PATIENCE)
    assert outcome.intent == "thanks"


HOSTILE = {
    "empty": "",
    "blank": "   ",
    "nul": "a\x00b",
    "surrogate": "\ud800 and \udfff",
    "long": "x" * 4000,
    "bidi": "\u202eabc",
    "emoji": "🙂" * 300,
    "slash": "/",
    "braces": "{shop} {0} %s",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_text_gets_an_answer(conversation, text):
    outcome = await conversation.say(text)
    assert outcome.replies
    json.dumps(outcome.dialogue).encode()


async def test_parse_says_what_is_understood(engine):
    parsed = await engine.parse("my order ND-123456, thanks")
    assert parsed.keys() == {"language", "intent", "confidence", "entities"}
    assert parsed["entities"][0]["value"] == "ND-123456"
    assert (await engine.parse("  "))["intent"] is None


async def test_an_engine_that_was_not_started_says_so(tmp_path):
    engine = Engine(tmp_path, Reads())
    with pytest.raises(EngineError, match="not running"):
        await engine.handle(Turn("c1", "hello", "en"), deadline=1)


async def test_a_model_of_another_project_is_refused(trained_home, tmp_path):
    home = tmp_path / "copy"
    shutil.copytree(trained_home, home)
    with (home / "domain.yml").open("a", encoding="utf-8") as domain:
        domain.write("# changed\n")
    with pytest.raises(ModelNotCurrent, match="setu train"):
        await Engine(home, Reads()).start()
    with pytest.raises(ModelNotCurrent, match="no model"):
        await Engine(tmp_path, Reads()).start()

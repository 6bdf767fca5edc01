"""Turns: in order, behind the fence, and never forgotten."""

import asyncio

import pytest

from bot.channels.contract import Inbound
from bot.conversations import ownership
from bot.conversations.effects import EndChat, HandOff, Helped, ShowArticle
from bot.engine.turn import Button, Outcome, Reply, Turn
from bot.languages.say import say
from tests.flow.conftest import Flow, answered


async def _write(flow: Flow, *texts: str) -> str:
    conversation = await flow.open()
    for number, text in enumerate(texts):
        await flow.inbox.accept(Inbound(conversation, str(number), text=text))
    return conversation


def _with(**changes: object) -> Outcome:
    plain = {
        "replies": (Reply("fine", "en"),),
        "effects": (),
        "dialogue": {},
        "intent": "question",
        "confidence": 1.0,
    }
    return Outcome(**{**plain, **changes})  # type: ignore[arg-type]


async def test_every_message_is_answered_once_in_order(flow: Flow) -> None:
    conversation = await _write(flow, "one", "two", "three")
    await flow.work()
    said = [(m.author, m.text) for m in await flow.messages(conversation)]
    assert [text for author, text in said if author == "bot"] == ["re: one", "re: two", "re: three"]
    assert [turn.text for turn in flow.engine.turns] == ["one", "two", "three"]
    assert flow.engine.turns[1].dialogue == {"turns": 1}


async def test_a_reply_never_lands_after_people_have_taken_over(flow: Flow) -> None:
    conversation = await _write(flow, "hello")
    taken = False

    async def take_over() -> None:
        async with flow.db.transaction() as session:
            assert await ownership.change(session, conversation, "ask", "bot", "queue", "asked")

    handle = flow.engine.handle

    async def slow(turn: Turn, deadline: float) -> Outcome:
        nonlocal taken
        outcome = await handle(turn, deadline)
        await take_over()
        taken = True
        return outcome

    flow.engine.handle = slow  # type: ignore[method-assign]
    await flow.work()
    assert taken
    assert [m.author for m in await flow.messages(conversation)] == ["client"]


async def test_a_failing_turn_is_tried_again(flow: Flow) -> None:
    conversation = await _write(flow, "hello")

    def once_broken(turn: Turn) -> Outcome:
        if len(flow.engine.turns) < 2:
            raise RuntimeError("passing")
        return answered(turn)

    flow.engine.answer = once_broken
    await flow.work()
    assert [m.text for m in await flow.messages(conversation)] == ["hello", "re: hello"]


async def test_after_three_failures_people_take_over(flow: Flow) -> None:
    conversation = await _write(flow, "poison")

    def broken(turn: Turn) -> Outcome:
        raise RuntimeError("always")

    flow.engine.answer = broken
    await flow.work()
    assert len(flow.engine.turns) == 3
    row = await flow.row(conversation)
    assert row.owner == "queue"
    assert row.handled_seq == row.client_seq
    assert len(await flow.events(conversation, "turn_failed")) == 1
    assert (await flow.messages(conversation))[-1].author == "bot"


async def test_a_message_that_kills_the_process_comes_to_an_end(flow: Flow) -> None:
    conversation = await _write(flow, "killer")

    def dies(turn: Turn) -> Outcome:
        raise asyncio.CancelledError

    flow.engine.answer = dies
    for _ in range(3):
        await flow.turns.recover()
        with pytest.raises(asyncio.CancelledError):
            await flow.turns.take(conversation)
    await flow.turns.recover()
    await flow.turns.take(conversation)
    assert len(flow.engine.turns) == 3
    assert (await flow.row(conversation)).owner == "queue"


async def test_starting_again_and_again_is_no_attempt(flow: Flow) -> None:
    conversation = await _write(flow, "one", "two")
    for _ in range(5):
        await flow.turns.recover()
    await flow.work()
    assert [turn.text for turn in flow.engine.turns] == ["one", "two"]
    assert (await flow.row(conversation)).owner == "bot"


async def test_buttons_go_out_with_opaque_ids_and_come_back_as_what_they_do(flow: Flow) -> None:
    conversation = await _write(flow, "hello")
    flow.engine.answer = lambda _: _with(
        replies=(Reply("?", "en", (Button("Yes", '/helped{"article": "return-item"}'),)),)
    )
    await flow.work()
    shown = (await flow.messages(conversation))[-1].payload["buttons"]
    assert "helped" not in shown[0]["payload"]
    await flow.inbox.accept(Inbound(conversation, "b", payload=shown[0]["payload"]))
    await flow.work()
    last = flow.engine.turns[-1]
    assert (last.text, last.intent, last.entities) == (None, "helped", {"article": "return-item"})


async def test_effects_are_committed_with_the_turn(flow: Flow) -> None:
    conversation = await _write(flow, "hello")
    flow.engine.answer = lambda _: _with(
        effects=(ShowArticle("return-item", "en", 0.9), Helped(True))
    )
    await flow.work()
    assert await flow.events(conversation, "article_shown") == [
        {"article": "return-item", "locale": "en", "confidence": 0.9}
    ]
    assert await flow.events(conversation, "helped") == [{"yes": True}]


async def test_asking_for_a_person_moves_the_owner_and_tells_the_truth(flow: Flow) -> None:
    conversation = await _write(flow, "a person please")
    flow.engine.answer = lambda _: _with(replies=(), effects=(HandOff("asked"),))
    await flow.work()
    assert (await flow.row(conversation)).owner == "queue"
    told = (await flow.messages(conversation))[-1]
    assert told.author == "bot"
    assert told.text


async def test_who_waits_may_go_back_to_the_assistant(flow: Flow) -> None:
    conversation = await _write(flow, "a person please")
    flow.engine.answer = lambda _: _with(replies=(), effects=(HandOff("asked"),))
    await flow.work()
    back = (await flow.messages(conversation))[-1].payload["buttons"][-1]
    await flow.inbox.accept(Inbound(conversation, "b", payload=back["payload"]))
    assert (await flow.row(conversation)).owner == "bot"
    told = [message.text for message in await flow.messages(conversation)]
    assert told.count(say("handoff.returned", "en")) == 1

    flow.engine.answer = answered
    await flow.inbox.accept(Inbound(conversation, "q", text="where is my order"))
    await flow.work()
    assert [turn.text for turn in flow.engine.turns] == ["a person please", "where is my order"]


async def test_a_button_of_a_wait_that_is_over_is_answered_once(flow: Flow) -> None:
    conversation = await _write(flow, "a person please")
    flow.engine.answer = lambda _: _with(replies=(), effects=(HandOff("asked"),))
    await flow.work()
    back = (await flow.messages(conversation))[-1].payload["buttons"][-1]
    await flow.inbox.accept(Inbound(conversation, "b", payload=back["payload"]))
    flow.engine.answer = answered
    await flow.inbox.accept(Inbound(conversation, "again", payload=back["payload"]))
    await flow.work()
    turn = flow.engine.turns[-1]
    assert (turn.text, turn.intent) == (None, "need_help")


async def test_who_opens_the_chat_window_was_welcomed_there(flow: Flow) -> None:
    await _write(flow, "hello")
    await flow.work()
    assert [turn.greeted for turn in flow.engine.turns] == [True]


async def test_goodbye_after_an_answer_asks_for_a_rating_which_is_claimed(flow: Flow) -> None:
    conversation = await _write(flow, "hello")
    flow.engine.answer = lambda _: _with(effects=(ShowArticle("return-item", "en", 0.9), EndChat()))
    await flow.work()
    asked = (await flow.messages(conversation))[-1]
    assert len(asked.payload["buttons"]) == 5
    turns = len(flow.engine.turns)
    await flow.inbox.accept(Inbound(conversation, "r", text="4"))
    await flow.work()
    assert len(flow.engine.turns) == turns  # the engine did not see it
    assert [e["score"] for e in await flow.events(conversation, "rated")] == [4]


@pytest.mark.parametrize("text", ["/restart", "/helped{}", "  /talk_to_human"])
async def test_a_typed_slash_is_text(flow: Flow, text: str) -> None:
    await _write(flow, text)
    await flow.work()
    assert flow.engine.turns[0].text == text
    assert flow.engine.turns[0].intent is None

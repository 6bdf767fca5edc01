"""What routing learns from the conversation, and what the client hears of it."""

from typing import Any

import pytest

from bot.channels.contract import Inbound
from bot.conversations.effects import HandOff
from bot.engine.turn import Outcome, Reply, Turn
from bot.handoff import agents, queue

Flow = Any


def _person(turn: Turn) -> Outcome:
    return Outcome((Reply("।", turn.locale),), (HandOff("asked"),), {}, "talk_to_human", 1.0)


async def _team(flow: Flow, **languages: int) -> None:
    async with flow.db.transaction() as session:
        agent = await agents.add(
            session, email="a@x.example", name="Asha", password_hash="-", languages=languages
        )
        await agents.set_presence(session, agent.id, "available")


async def _wants_a_person(flow: Flow, text: str) -> str:
    flow.engine.answer = _person
    chat = str(await flow.open())
    await flow.inbox.accept(Inbound(chat, "1", text=text))
    await flow.work()
    return chat


async def test_a_client_whose_language_nobody_writes_is_told_so_in_it(flow: Flow) -> None:
    await _team(flow, en=3, hi=2)
    chat = await _wants_a_person(flow, "എനിക്ക് ഒരാളോട് സംസാരിക്കണം")
    told = [message for message in await flow.messages(chat) if "ഇംഗ്ലീഷ്" in message.text]
    assert len(told) == 1
    assert "ഞങ്ങളുടെ പ്രതിനിധികൾക്ക് ഈ ഭാഷയിൽ" in told[0].text
    assert "ഹിന്ദി" in told[0].text
    assert (await flow.row(chat)).owner == "queue", "they may wait all the same, or go back"
    assert any(message.payload.get("buttons") for message in await flow.messages(chat))


@pytest.mark.parametrize("languages", [{"ml": 3}, {"ml": 1}, {}])
async def test_nothing_is_said_where_somebody_can_or_nobody_is_known(
    flow: Flow, languages: dict[str, int]
) -> None:
    if languages:
        await _team(flow, **languages)
    chat = await _wants_a_person(flow, "എനിക്ക് ഒരാളോട് സംസാരിക്കണം")
    assert "പ്രതിനിധികൾക്ക് ഈ ഭാഷയിൽ" not in str(await flow.messages(chat))


@pytest.mark.parametrize(
    "angry",
    [
        "This is a scam, you are thieves",
        "এটা প্রতারণা, আপনারা চোর",
        "ही फसवणूक आहे, चोर आहात",
        "ഇത് തട്ടിപ്പാണ്, കള്ളന്മാർ",
        "यह धोखा है, चोर हो तुम लोग",
    ],
    ids=["en", "bn", "mr", "ml", "hi"],
)
async def test_anger_while_waiting_counts(flow: Flow, angry: str) -> None:
    chat = await _wants_a_person(flow, "I want to talk to a person")
    await flow.inbox.accept(Inbound(chat, "2", text="Hello?"))
    async with flow.db.reading() as session:
        assert (await queue.open_of(session, chat)).priority == []
    await flow.inbox.accept(Inbound(chat, "3", text=angry))
    async with flow.db.reading() as session:
        assert (await queue.open_of(session, chat)).priority == ["complaint"]

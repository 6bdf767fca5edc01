"""What an agent knows before they write: given, asked, tried, before; and what may answer."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.conversations import interactions, log
from bot.conversations.identities import client_of
from bot.conversations.models import Conversation, Identity
from bot.desk.briefing import Asked, Tried, brief
from bot.desk.suggest import last_question, plain
from bot.feedback.models import Rating
from bot.handoff import queue
from bot.handoff.models import Agent

House = Any


async def _understood(session: Any, chat: str, seq: int, intent: str, **given: str) -> None:
    entities = [{"entity": entity, "value": value} for entity, value in given.items()]
    said = {"message": seq, "intent": intent, "confidence": 0.9, "entities": entities}
    await log.append(session, chat, "understood", said)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_what_was_given_asked_and_tried(house: House) -> None:
    chat = await house.chat("Where is my order 48213?")
    async with house.db.transaction() as session:
        await _understood(session, chat, 1, "question", order="48213", language="en")
        for article in ("late", "track"):
            shown = {"article": article, "locale": "en", "confidence": 0.7}
            await log.append(session, chat, "article_shown", shown)
            if article == "late":
                await log.append(session, chat, "helped", {"yes": False})
        seq = await log.say(session, chat, "client", "thanks", "en")
        await _understood(session, chat, seq, "thanks")
        client = await client_of(session, chat)
        found = await brief(
            session, chat, client.id, await interactions.open_of(session, chat), "en"
        )
    assert found.known == (("order", "48213"),)
    assert found.asked == (Asked(1, "Where is my order 48213?", "en"),)
    assert found.tried == (Tried("late", False), Tried("track", None))
    assert found.past == ()


async def test_earlier_interactions_of_the_same_client_on_any_channel(
    house: House, sign_in: Any
) -> None:
    asha = await sign_in("Asha")
    first = await house.chat("An old question", name="Rina")
    async with house.db.transaction() as session:
        done = await interactions.open_of(session, first)
        interactions.note(done, "articles", "late")
        await interactions.close(session, done, "implied")
        rating = Rating(conversation_id=first, interaction_id=done.id, language="en")
        rating.channel, rating.score, rating.asked_seq = "widget", 4, 1
        session.add(rating)
        who = await client_of(session, first)
        again = Identity(channel="telegram", address="7", client_id=who.id)
        session.add(again)
        await session.flush()
        row = Conversation(
            identity_id=again.id, channel="telegram", token_hash="x", locale="en", belief={}
        )
        session.add(row)
        await session.flush()
        chat = str(row.id)
    await house.client_says(chat, "A new one")
    page = (await asha.get(f"/desk/parts/conversation/{chat}")).text
    assert f'href="/desk/c/{first}"' in page and "Rated 4 of 5" in page and "late" in page


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (["Where is my order?", "hello?"], "Where is my order?"),
        (["hello?"], "hello?"),
        (["First question here", "A second question"], "A second question"),
    ],
)
async def test_the_last_question_is_not_an_ok(house: House, said: list[str], question: str) -> None:
    chat = await house.chat(said[0])
    for text in said[1:]:
        await house.client_says(chat, text)
    async with house.db.reading() as session:
        assert await last_question(session, chat) == (question, "en")


async def test_the_wish_for_a_person_is_no_question(house: House) -> None:
    chat = await house.chat("Where is my order?")
    await house.client_says(chat, "I want to talk to a person")
    async with house.db.transaction() as session:
        await _understood(session, chat, 2, "talk_to_human")
    async with house.db.reading() as session:
        assert await last_question(session, chat) == ("Where is my order?", "en")


def test_an_article_becomes_text_as_people_type_it() -> None:
    text = plain("It takes **3 days**.\n\n- one\n- two\n\n[Read](https://nadi.example/x)")
    assert "**" not in text and "3 days" in text and "https://nadi.example/x" in text
    assert "one\n" in text


async def test_suggestions_are_there_for_whoever_has_the_chat(house: House, sign_in: Any) -> None:
    asha = await sign_in("Asha")
    chat = await house.chat("Where is my order?", name="Rina Das")
    handoff = await house.hand_off(chat)
    part = f"/desk/parts/conversation/{chat}"
    assert 'id="suggest"' not in (await asha.get(part)).text
    async with house.db.transaction() as session:
        me = (await session.execute(sa.select(Agent.id))).scalar_one()
        await queue.claim(session, handoff, me)
    page = (await asha.get(part)).text
    assert 'id="suggest"' in page and "Friendly" in page and "Addressed as" in page
    shown = (await asha.get(f"/desk/parts/suggest/{chat}")).text
    assert "Where is my order?" in shown and "No article answers this" in shown


async def test_an_article_in_an_answer_counts_as_seen(house: House, sign_in: Any) -> None:
    asha = await sign_in("Asha")
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    async with house.db.transaction() as session:
        me = (await session.execute(sa.select(Agent.id))).scalar_one()
        await queue.claim(session, handoff, me)
    said = {"id": "m1", "text": "It takes 3 days.", "article": "late-delivery"}
    url = f"/api/desk/conversations/{chat}"
    assert (await asha.post(f"{url}/messages", json=said)).status_code == 202
    assert (await asha.get(url)).json()["interaction"]["articles"] == ["late-delivery"]

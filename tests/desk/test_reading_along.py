"""What of the list and of a conversation the desk shows: filters, unread, pages of history."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from bot.conversations import log
from bot.conversations.reading import CLIENT, mark, read_by
from bot.handoff import queue
from bot.handoff.models import Agent

House = Any


def _rows(text: str) -> list[str]:
    return re.findall(r'id="row-([0-9a-f]{32})"', text)


async def _id_of(house: House, email: str) -> str:
    async with house.db.reading() as session:
        found = await session.execute(sa.select(Agent.id).where(Agent.email == email))
        return str(found.scalar_one())


async def test_the_list_shows_one_language_or_only_what_is_unread(
    house: House, sign_in: Any
) -> None:
    asha = await sign_in("Asha")
    bengali = await house.chat("আমার অর্ডার কোথায়?", "bn")
    english = await house.chat("Where is my order?", "en")
    for chat in (bengali, english):
        await house.hand_off(chat)
    part = "/desk/parts/queue"
    assert _rows((await asha.get(part)).text) == [bengali, english]
    assert _rows((await asha.get(part, params={"lang": "bn"})).text) == [bengali]
    assert _rows((await asha.get(part, params={"lang": "ta"})).text) == []

    assert (
        await asha.post(f"/api/desk/conversations/{bengali}/read", json={"seq": 99})
    ).status_code == 204
    page = (await asha.get(part, params={"unread": "1"})).text
    assert _rows(page) == [english] and "1 new" in page
    # What she reads is unread for others.
    bina = await sign_in("Bina")
    assert _rows((await bina.get(part, params={"unread": "1"})).text) == [bengali, english]
    await house.client_says(bengali, "কেউ আছেন?", "bn")
    assert _rows((await asha.get(part, params={"unread": "1"})).text) == [bengali, english]


async def test_a_long_list_comes_in_windows(house: House, sign_in: Any) -> None:
    asha = await sign_in("Asha")
    chats = [await house.chat(f"Question {n}") for n in range(6)]
    for chat in chats:
        await house.hand_off(chat)
    first = (await asha.get("/desk/parts/queue", params={"rows": 4})).text
    assert _rows(first) == chats[:4] and "more-rows" in first
    whole = (await asha.get("/desk/parts/queue", params={"rows": 8})).text
    assert _rows(whole) == chats and "more-rows" not in whole
    assert (await asha.get("/desk/parts/queue", params={"rows": 100_000})).status_code == 422


async def test_a_long_history_comes_in_pages_and_grows_with_what_is_new(
    house: House, sign_in: Any
) -> None:
    asha = await sign_in("Asha")
    chat = await house.chat("first")
    async with house.db.transaction() as session:
        for n in range(250):
            await log.say(session, chat, "client", f"message {n}", "en")

    def seqs(text: str) -> list[int]:
        return [int(seq) for seq in re.findall(r'data-seq="(\d+)"', text)]

    newest = (await asha.get(f"/desk/parts/conversation/{chat}")).text
    assert len(seqs(newest)) == 100 and "message 249" in newest and "data-earlier" in newest
    first = seqs(newest)[0]
    await house.client_says(chat, "one more")
    grown = (await asha.get(f"/desk/parts/conversation/{chat}", params={"since": first})).text
    assert seqs(grown)[0] == first and len(seqs(grown)) == 101

    before, pages = first, []
    while before:
        page = (await asha.get(f"/desk/parts/earlier/{chat}", params={"before": before})).text
        pages = seqs(page) + pages
        before = seqs(page)[0] if 'data-earlier="yes"' in page else 0
    assert pages == list(range(1, first))


async def test_an_open_page_that_grew_too_long_begins_anew(house: House, sign_in: Any) -> None:
    asha = await sign_in("Asha")
    chat = await house.chat("first")
    async with house.db.transaction() as session:
        for n in range(700):
            await log.say(session, chat, "client", f"message {n}", "en")
    text = (await asha.get(f"/desk/parts/conversation/{chat}", params={"since": 1})).text
    assert text.count("data-seq=") == 100 and "message 699" in text


async def test_an_agent_sees_that_the_client_has_seen_the_answer(
    house: House, sign_in: Any
) -> None:
    asha = await sign_in("Asha")
    me = await _id_of(house, "asha@nadi.example")
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    async with house.db.transaction() as session:
        await queue.claim(session, handoff, me)
    said = {"id": "a1", "text": "I am looking."}
    seq = (await asha.post(f"/api/desk/conversations/{chat}/messages", json=said)).json()["seq"]
    part = f"/desk/parts/conversation/{chat}"
    assert "Sent" in (await asha.get(part)).text
    async with house.db.transaction() as session:
        assert await mark(session, chat, CLIENT, seq)
    page = (await asha.get(part)).text
    assert re.search(r'class="delivery quietly">\s*Seen', page)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_reading_goes_forward_only_and_never_past_the_log(house: House) -> None:
    chat = await house.chat()
    async with house.db.transaction() as session:
        assert await mark(session, chat, CLIENT, 10_000)
        assert (await read_by(session, chat, CLIENT)).seq == 1
        assert not await mark(session, chat, CLIENT, 1)
        assert not await mark(session, chat, CLIENT, 0)
        assert not await mark(session, "0" * 32, CLIENT, 5)
    await house.client_says(chat, "again")
    async with house.db.transaction() as session:
        assert await mark(session, chat, CLIENT, 2)
        assert await read_by(session, chat, "agent:nobody") is None

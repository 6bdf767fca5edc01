"""Client and agent at the same instant: nothing is lost, nobody is answered twice."""

import asyncio
from typing import Any

import httpx
import pytest

from bot.channels.contract import Inbound
from bot.conversations import log
from bot.conversations.models import Conversation
from bot.db import new_id
from bot.flow.inbox import MessageInbox
from bot.handoff.models import Handoff
from bot.languages.detect import detector

House = Any
SignIn = Any


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def due() -> list[str]:
    """Conversations in which the assistant has something to answer."""
    return []


@pytest.fixture
def inbox(house: House, due: list[str]) -> MessageInbox:
    return MessageInbox(house.db, detector("setu"), house.wake, due.append)


async def _held(house: House, desk: httpx.AsyncClient) -> tuple[str, str]:
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    assert (await desk.post(f"/api/desk/handoffs/{handoff}/claim")).is_success
    return chat, handoff


async def _writes(inbox: MessageInbox, chat: str, text: str = "One more thing") -> int:
    return (await inbox.accept(Inbound(chat, new_id(), text=text))).seq


async def _row(house: House, chat: str) -> Conversation:
    async with house.db.reading() as session:
        return await session.get(Conversation, chat)


async def _texts(house: House, chat: str) -> list[str]:
    async with house.db.reading() as session:
        return [m.text for m in await log.messages(session, chat)]


async def test_both_write_at_the_same_instant(
    house: House, sign_in: SignIn, inbox: MessageInbox
) -> None:
    desk = await sign_in("Asha")
    chat, _ = await _held(house, desk)

    async def agent(number: int) -> None:
        body = {"id": new_id(), "text": f"agent {number}"}
        path = f"/api/desk/conversations/{chat}/messages"
        sent = await asyncio.gather(*(desk.post(path, json=body) for _ in range(2)))  # a retry
        assert {reply.status_code for reply in sent} == {202}

    async def client(number: int) -> None:
        await _writes(inbox, chat, f"client {number}")

    await asyncio.gather(*(one(n) for n in range(8) for one in (agent, client)))
    texts = [text for text in await _texts(house, chat) if text[-1].isdigit()]
    assert sorted(texts) == sorted(f"{who} {n}" for n in range(8) for who in ("agent", "client"))
    row = await _row(house, chat)
    assert row.owner.startswith("agent:"), "the assistant kept silent"


async def test_resolving_over_a_message_that_was_not_seen_is_refused(
    house: House, sign_in: SignIn, inbox: MessageInbox
) -> None:
    desk = await sign_in("Asha")
    chat, handoff = await _held(house, desk)
    seen = (await _row(house, chat)).last_seq
    await _writes(inbox, chat)
    path = f"/api/desk/handoffs/{handoff}/resolve"
    refused = await desk.post(path, json={"seen": seen})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "unread")
    assert (await _row(house, chat)).owner.startswith("agent:")
    seen = (await _row(house, chat)).last_seq
    assert (await desk.post(path, json={"seen": seen})).is_success


async def test_a_message_at_the_moment_of_resolving_is_seen_or_answered_by_the_assistant(
    house: House, sign_in: SignIn, inbox: MessageInbox
) -> None:
    desk = await sign_in("Asha", capacity=50)
    for _ in range(6):
        chat, handoff = await _held(house, desk)
        seen = (await _row(house, chat)).last_seq
        reply, seq = await asyncio.gather(
            desk.post(f"/api/desk/handoffs/{handoff}/resolve", json={"seen": seen}),
            _writes(inbox, chat),
        )
        row = await _row(house, chat)
        if reply.status_code == 409:
            assert row.owner.startswith("agent:"), "the agent reads it first"
        else:
            assert row.owner == "bot"
            assert row.handled_seq < seq == row.client_seq, "the assistant's turn is due"


async def test_what_comes_after_resolving_is_the_assistants(
    house: House, sign_in: SignIn, inbox: MessageInbox, due: list[str]
) -> None:
    desk = await sign_in("Asha")
    chat, handoff = await _held(house, desk)
    assert (await desk.post(f"/api/desk/handoffs/{handoff}/resolve")).is_success
    due.clear()
    seq = await _writes(inbox, chat, "And where is my invoice?")
    row = await _row(house, chat)
    assert (row.owner, row.client_seq, due) == ("bot", seq, [chat])
    assert row.handled_seq < seq
    again = await house.hand_off(chat)
    assert again != handoff, "asking again is a new handoff"


async def test_two_tabs_of_one_agent(house: House, sign_in: SignIn) -> None:
    desk = await sign_in("Asha")
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    claims = await asyncio.gather(
        *(desk.post(f"/api/desk/handoffs/{handoff}/claim") for _ in range(2))
    )
    assert [reply.status_code for reply in claims] == [200, 200]
    assert (await _texts(house, chat)).count("Asha has joined the chat.") == 1
    resolved = await asyncio.gather(
        *(desk.post(f"/api/desk/handoffs/{handoff}/resolve") for _ in range(2))
    )
    assert sorted(reply.status_code for reply in resolved) == [200, 409]
    late = await desk.post(
        f"/api/desk/conversations/{chat}/messages", json={"id": "1", "text": "Hello?"}
    )
    assert late.status_code == 409, "the other tab's text is refused, not sent beside the assistant"
    assert "Hello?" not in await _texts(house, chat)


async def test_writing_and_resolving_at_once_leaves_no_word_behind_the_end(
    house: House, sign_in: SignIn
) -> None:
    desk = await sign_in("Asha")
    chat, handoff = await _held(house, desk)
    body = {"id": new_id(), "text": "Goodbye then"}
    said, ended = await asyncio.gather(
        desk.post(f"/api/desk/conversations/{chat}/messages", json=body),
        desk.post(f"/api/desk/handoffs/{handoff}/resolve"),
    )
    assert ended.is_success
    texts = await _texts(house, chat)
    assert ("Goodbye then" in texts) == (said.status_code == 202)


async def test_a_lost_agents_late_word_is_refused_and_they_are_told_who_has_it(
    house: House, sign_in: SignIn
) -> None:
    """A laptop that slept: the conversation went on with somebody else."""
    asha, bina = await sign_in("Asha"), await sign_in("Bina")
    chat, handoff = await _held(house, asha)
    async with house.db.transaction() as session:
        from bot.handoff import queue

        row = await session.get(Handoff, handoff)
        await queue.lost(session, handoff, row.agent_id)
    assert (await bina.post(f"/api/desk/handoffs/{handoff}/claim")).is_success
    late = await asha.post(
        f"/api/desk/conversations/{chat}/messages", json={"id": "1", "text": "Sorry, I slept"}
    )
    assert (late.status_code, late.json()["winner"]) == (409, "Bina")

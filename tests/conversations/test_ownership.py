"""Exactly one owner, whatever races."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations import interactions, log, ownership
from bot.conversations.models import Conversation
from bot.db import Database

OWNERS = st.sampled_from(["bot", "queue", "agent:a", "agent:b"])


@given(OWNERS, OWNERS)
def test_the_machine(before: str, after: str) -> None:
    step = ownership.allowed(before, after)
    if before == after:
        assert not step
    elif before == "bot":
        assert step == (after == "queue")
    else:
        assert step


async def test_of_twenty_claims_one_wins(db: Database, conversation: str) -> None:
    async with db.transaction() as session:
        assert await ownership.change(session, conversation, "bot", "queue", "asked")

    async def claim(agent: int) -> bool:
        async with db.transaction() as session:
            return await ownership.change(
                session, conversation, "queue", ownership.agent_owner(str(agent)), "claimed"
            )

    results = await asyncio.gather(*(claim(agent) for agent in range(20)))

    assert results.count(True) == 1
    async with db.reading() as session:
        winner = await ownership.current(session, conversation)
        row = await session.get(Conversation, conversation)
    assert ownership.agent_of(winner) == str(results.index(True))
    assert row.last_seq == 2  # losers append nothing


async def test_the_bot_cannot_be_overtaken_by_an_agent(db: Database, conversation: str) -> None:
    with pytest.raises(ownership.NotAllowed):
        async with db.transaction() as session:
            await ownership.change(session, conversation, "bot", "agent:a", "grab")


async def test_back_with_the_bot_nothing_old_is_answered(db: Database, conversation: str) -> None:
    async with db.transaction() as session:
        await ownership.change(session, conversation, "bot", "queue", "asked")
        seq = await log.say(session, conversation, "client", "hello?", "en", message_id="1")
        row = await session.get(Conversation, conversation, populate_existing=True)
        row.client_seq = seq
    async with db.transaction() as session:
        assert await ownership.change(session, conversation, "queue", "bot", "returned")
    async with db.reading() as session:
        row = await session.get(Conversation, conversation)
        assert row.handled_seq == row.client_seq == seq


async def test_owners_are_noted_on_the_interaction(db: Database, conversation: str) -> None:
    async with db.transaction() as session:
        await interactions.ensure_open(session, conversation, 1, "bot")
        await ownership.change(session, conversation, "bot", "queue", "asked")
        await ownership.change(session, conversation, "queue", "agent:a", "claimed")
    async with db.reading() as session:
        found = await interactions.open_of(session, conversation)
        assert found is not None
        assert found.owners == ["bot", "queue", "agent:a"]

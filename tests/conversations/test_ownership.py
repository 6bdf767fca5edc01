"""Exactly one owner, whatever races."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations import interactions, log, ownership
from bot.conversations.models import Conversation
from bot.db import Database

OWNERS = st.sampled_from(["bot", "queue", "agent:a", "agent:b"])
ENDS = {"return", "resolve", "abandon", "expire"}


@given(st.sampled_from(sorted(ownership.STEPS)), OWNERS, OWNERS)
def test_the_machine(step: ownership.Step, before: str, after: str) -> None:
    rule = ownership.STEPS[step]
    right = {"bot": "bot", "queue": "queue"}
    expected = (
        before != after
        and right.get(before, "agent") in rule.before
        and right.get(after, "agent") == rule.after
    )
    assert ownership.allowed(step, before, after) == expected
    assert (rule.after == "bot") == (step in ENDS), "a handoff that ends gives the bot its voice"


def test_nothing_leads_from_the_bot_but_the_wish_for_a_person() -> None:
    assert [step for step, rule in ownership.STEPS.items() if "bot" in rule.before] == ["ask"]


@given(st.lists(st.tuples(st.sampled_from(sorted(ownership.STEPS)), OWNERS), max_size=40))
def test_the_owner_tells_how_the_handoff_stands(steps: list[tuple[ownership.Step, str]]) -> None:
    state = ownership.State("bot", None)
    for step, owner in steps:
        if not ownership.allowed(step, state.owner, owner):
            with pytest.raises(ownership.NotAllowed):
                ownership.after(state, step, owner)
            continue
        state = ownership.after(state, step, owner)
        expected = {"bot": None, "queue": "waiting", "agent": "assigned"}
        assert state.handoff == expected[ownership.kind(state.owner)]


async def test_of_twenty_claims_one_wins(db: Database, conversation: str) -> None:
    async with db.transaction() as session:
        assert await ownership.change(session, conversation, "ask", "bot", "queue", "asked")

    async def claim(agent: int) -> bool:
        async with db.transaction() as session:
            return await ownership.change(
                session, conversation, "claim", "queue", ownership.agent_owner(str(agent))
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
            await ownership.change(session, conversation, "claim", "bot", "agent:a")


async def test_back_with_the_bot_nothing_old_is_answered(db: Database, conversation: str) -> None:
    async with db.transaction() as session:
        await ownership.change(session, conversation, "ask", "bot", "queue", "asked")
        seq = await log.say(session, conversation, "client", "hello?", "en", message_id="1")
        row = await session.get(Conversation, conversation, populate_existing=True)
        row.client_seq = seq
    async with db.transaction() as session:
        assert await ownership.change(session, conversation, "return", "queue", "bot")
    async with db.reading() as session:
        row = await session.get(Conversation, conversation)
        assert row.handled_seq == row.client_seq == seq


async def test_owners_are_noted_on_the_interaction(db: Database, conversation: str) -> None:
    async with db.transaction() as session:
        await interactions.ensure_open(session, conversation, 1, "bot")
        await ownership.change(session, conversation, "ask", "bot", "queue", "asked")
        await ownership.change(session, conversation, "claim", "queue", "agent:a")
    async with db.reading() as session:
        found = await interactions.open_of(session, conversation)
        assert found is not None
        assert found.owners == ["bot", "queue", "agent:a"]

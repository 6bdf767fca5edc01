"""The queue: one winner, honest losers, and owners that move with the handoff."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from bot.conversations import log, ownership
from bot.conversations.models import Conversation, Event, Interaction
from bot.db import Base, Database
from bot.handoff import agents, closing, queue
from bot.handoff.models import Agent, Handoff

Opened = Callable[..., Awaitable[str]]
AddAgent = Callable[..., Awaitable[Agent]]


async def _open(db: Database, chat: str, reason: str = "asked") -> str:
    async with db.transaction() as session:
        return (await queue.open_handoff(session, chat, reason)).id


async def _owner(db: Database, chat: str) -> str:
    async with db.reading() as session:
        return await ownership.current(session, chat)


async def test_asking_for_a_person_moves_the_conversation_to_the_queue(
    db: Database, open_chat: Opened
) -> None:
    chat = await open_chat("bn")
    first = await _open(db, chat)
    assert await _open(db, chat) == first, "asking twice is one place in the queue"
    assert await _owner(db, chat) == "queue"
    async with db.reading() as session:
        (place,) = await queue.waiting(session)
        assert (place.position, place.handoff.language, place.handoff.reason) == (1, "bn", "asked")


async def test_longest_waiting_stands_first(db: Database, open_chat: Opened) -> None:
    opened = [await _open(db, await open_chat()) for _ in range(3)]
    async with db.reading() as session:
        places = await queue.waiting(session)
    assert [place.handoff.id for place in places] == opened
    assert [place.position for place in places] == [1, 2, 3]


async def _race(db: Database, handoff: str, racers: list[Agent]) -> list[queue.Won | queue.Lost]:
    async def one(agent: Agent) -> queue.Won | queue.Lost:
        async with db.transaction() as session:
            return await queue.claim(session, handoff, agent.id)

    return list(await asyncio.gather(*(one(agent) for agent in racers)))


async def _check_race(db: Database, chat: str, racers: list[Agent]) -> None:
    handoff = await _open(db, chat)
    results = await _race(db, handoff, racers)
    won = [
        agent
        for agent, result in zip(racers, results, strict=True)
        if isinstance(result, queue.Won)
    ]
    assert len(won) == 1
    assert {result.winner for result in results if isinstance(result, queue.Lost)} == {won[0].name}
    assert await _owner(db, chat) == f"agent:{won[0].id}"
    async with db.reading() as session:
        joined = [m for m in await log.messages(session, chat) if m.author == "system"]
        row = await session.get(Handoff, handoff)
        assert (row.status, row.agent_id) == ("assigned", won[0].id)
    assert [message.text for message in joined] == [f"{won[0].name} has joined the chat."]


async def test_of_twenty_racing_agents_exactly_one_wins(
    db: Database, open_chat: Opened, add_agent: AddAgent
) -> None:
    await _check_race(db, await open_chat(), [await add_agent(f"a{n}") for n in range(20)])


@pytest.mark.slow
async def test_of_twenty_racing_agents_exactly_one_wins_on_postgresql(postgres_url: str) -> None:
    database = Database(postgres_url)
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with database.transaction() as session:
            from bot.conversations import identities

            who = await identities.identity(session, "widget", "x")
            chat, _ = await identities.open_conversation(session, who, locale="en", belief={})
            racers = [
                await agents.add(session, email=f"a{n}@x.example", name=f"a{n}", password_hash="-")
                for n in range(20)
            ]
        await _check_race(database, chat.id, racers)
    finally:
        await database.dispose()


async def test_claiming_again_what_one_holds_wins_again_and_says_nothing_new(
    db: Database, open_chat: Opened, add_agent: AddAgent
) -> None:
    agent, chat = await add_agent("asha"), await open_chat()
    handoff = await _open(db, chat)
    for _ in range(2):
        (result,) = await _race(db, handoff, [agent])
        assert isinstance(result, queue.Won)
    async with db.reading() as session:
        assert len([m for m in await log.messages(session, chat) if m.author == "system"]) == 1


async def test_resolving_gives_the_conversation_back_and_closes_the_interaction(
    db: Database, open_chat: Opened, add_agent: AddAgent
) -> None:
    agent, other, chat = await add_agent("asha"), await add_agent("bina"), await open_chat()
    handoff = await _open(db, chat)
    await _race(db, handoff, [agent])
    async with db.transaction() as session:
        with pytest.raises(queue.NotYours) as refused:
            await closing.resolve(session, handoff, other.id)
    assert refused.value.holder == "asha"
    async with db.transaction() as session:
        row, interaction = await closing.resolve(session, handoff, agent.id)
    assert (row.status, interaction.outcome) == ("resolved", "handed_off")
    assert interaction.owners == ["bot", "queue", f"agent:{agent.id}", "bot"] or set(
        interaction.owners
    ) == {"bot", "queue", f"agent:{agent.id}"}
    assert await _owner(db, chat) == "bot"
    async with db.reading() as session:
        chat_row = await session.get(Conversation, chat)
        assert chat_row.handled_seq == chat_row.client_seq, "the bot must not answer it again"
        closed = await session.execute(
            sa.select(sa.func.count())
            .select_from(Interaction)
            .where(Interaction.closed_at.is_(None))
        )
        assert closed.scalar_one() == 0
    async with db.transaction() as session:
        with pytest.raises(queue.NotYours):
            await closing.resolve(session, handoff, agent.id)


async def test_transfer_to_the_queue_keeps_the_age_and_the_note_private(
    db: Database, open_chat: Opened, add_agent: AddAgent
) -> None:
    agent, chat = await add_agent("asha"), await open_chat()
    handoff = await _open(db, chat)
    await _open(db, await open_chat())
    await _race(db, handoff, [agent])
    async with db.transaction() as session:
        row = await queue.transfer(session, handoff, agent.id, None, "wants a refund")
    assert row.status == "waiting"
    async with db.reading() as session:
        assert (await queue.waiting(session))[0].handoff.id == handoff, "longest waiting is first"
        assert "wants a refund" not in str(await log.messages(session, chat))
        notes = await session.execute(sa.select(Event.payload).where(Event.kind == "note"))
        assert notes.scalar_one()["text"] == "wants a refund"


async def test_transfer_to_a_colleague_and_who_may(
    db: Database, open_chat: Opened, add_agent: AddAgent
) -> None:
    asha, bina, chat = await add_agent("asha"), await add_agent("bina"), await open_chat()
    handoff = await _open(db, chat)
    await _race(db, handoff, [asha])
    async with db.transaction() as session:
        with pytest.raises(queue.NotYours):
            await queue.transfer(session, handoff, bina.id, bina.id)
    async with db.transaction() as session:
        with pytest.raises(queue.Unavailable):
            await queue.transfer(session, handoff, asha.id, "0" * 32)
    async with db.transaction() as session:
        await queue.transfer(session, handoff, bina.id, bina.id, supervising=True)
    assert await _owner(db, chat) == f"agent:{bina.id}"


async def test_back_to_the_bot_from_queue_and_from_agent(
    db: Database, open_chat: Opened, add_agent: AddAgent
) -> None:
    agent = await add_agent("asha")
    for claimed in (False, True):
        chat = await open_chat()
        handoff = await _open(db, chat)
        if claimed:
            await _race(db, handoff, [agent])
        async with db.transaction() as session:
            row = await closing.return_to_bot(session, handoff, agent.id if claimed else None)
        assert row.status == "returned"
        assert await _owner(db, chat) == "bot"
        lost = (await _race(db, handoff, [agent]))[0]
        assert lost == queue.Lost(None), "what is over cannot be claimed"


async def test_unknown_handoffs_and_conversations(db: Database, add_agent: AddAgent) -> None:
    agent = await add_agent("asha")
    async with db.transaction() as session:
        with pytest.raises(queue.UnknownHandoff):
            await queue.claim(session, "nothing", agent.id)
        with pytest.raises(log.UnknownConversation):
            await queue.open_handoff(session, "nothing", "asked")

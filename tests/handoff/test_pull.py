"""Taking the next one, against the database."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from bot.conversations import identities, interactions, log
from bot.conversations.identities import client_of
from bot.conversations.models import Conversation, Event
from bot.db import Base, Database
from bot.handoff import agents, closing, pull, queue
from bot.handoff.models import Agent, Handoff
from bot.knowledge.models import Article

Opened = Callable[..., Awaitable[str]]
AddAgent = Callable[..., Awaitable[Agent]]


async def _ask(db: Database, chat: str, reason: str = "asked") -> Handoff:
    async with db.transaction() as session:
        return await queue.open_handoff(session, chat, reason)


async def _next(db: Database, agent: str, translates: bool = False) -> Handoff:
    async with db.transaction() as session:
        return await pull.take_next(session, agent, translates=translates)


async def _refused(db: Database, agent: str) -> str:
    with pytest.raises(pull.NothingTaken) as refused:
        await _next(db, agent)
    return refused.value.why


async def test_the_best_for_me_comes_first_and_why_is_kept(
    db: Database, open_chat: Opened, add_agent: AddAgent
) -> None:
    asha = await add_agent("asha", languages={"bn": 3})
    await _ask(db, await open_chat("en"))
    bengali = await _ask(db, await open_chat("bn"))
    taken = await _next(db, asha.id)
    assert taken.id == bengali.id
    assert taken.why["how"] == "next"
    assert taken.why["reasons"][0] == {"code": "speaks", "language": "bn"}
    assert await _refused(db, asha.id) == "nothing", "English is none of theirs"


async def test_capacity_and_presence_are_respected(
    db: Database, open_chat: Opened, add_agent: AddAgent
) -> None:
    asha = await add_agent("asha", languages={"en": 3}, capacity=1)
    for _ in range(3):
        await _ask(db, await open_chat())
    await _next(db, asha.id)
    assert await _refused(db, asha.id) == "full"
    bina = await add_agent("bina", languages={"en": 3})
    for word in ("busy", "away"):
        async with db.transaction() as session:
            await agents.set_presence(session, bina.id, word)  # type: ignore[arg-type]
        assert await _refused(db, bina.id) == "not_available"


async def _everybody_at_once(url: str) -> None:
    db = Database(url)
    try:
        async with db.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with db.transaction() as session:
            for number in range(6):
                who = await identities.identity(session, "widget", str(number))
                chat, _ = await identities.open_conversation(session, who, locale="en", belief={})
                await queue.open_handoff(session, chat.id, "asked")
            people = [
                await agents.add(
                    session, email=f"a{n}@x.example", name=f"a{n}", password_hash="-",
                    languages={"en": 3}, capacity=2,
                )
                for n in range(3)
            ]  # fmt: skip
            for agent in people:
                await agents.set_presence(session, agent.id, "available")

        async def one(agent: str) -> str:
            try:
                return str((await _next(db, agent)).conversation_id)
            except pull.NothingTaken as refused:
                return refused.why

        # Each presses three times, in three tabs; each has two places.
        results = await asyncio.gather(*(one(a.id) for a in people for _ in range(3)))
        assert results.count("full") == 3, results
        assert len(set(results)) == 7, "six conversations, each once"
    finally:
        await db.dispose()


async def test_everybody_at_once_gets_another_and_nobody_too_many(sqlite_url: str) -> None:
    await _everybody_at_once(sqlite_url)


async def test_everybody_at_once_on_postgresql(postgres_url: str) -> None:
    await _everybody_at_once(postgres_url)


async def test_priority_and_skill_come_from_what_the_log_tells(
    db: Database, open_chat: Opened
) -> None:
    chat = await open_chat("en")
    async with db.transaction() as session:
        (await client_of(session, chat)).segments = ["vip", "unknown"]
        session.add(Article(id="late-refund", category="refunds", source_locale="en"))
        interaction = await interactions.open_of(session, chat)
        assert interaction is not None
        interactions.note(interaction, "articles", "late-refund")
        await log.append(session, chat, "unanswered", {"text": "?"})
        await log.append(session, chat, "helped", {"yes": False})
        await log.append(session, chat, "understood", {"intent": "complaint"})
    handoff = await _ask(db, chat)
    assert handoff.priority == ["segment:vip", "complaint", "repeated_failure"]
    assert handoff.skill == "payments"
    assert (handoff.opened_at - handoff.rank_at).total_seconds() == (15 + 10 + 5) * 60


async def test_what_went_wrong_in_an_earlier_interaction_does_not_count(
    db: Database, open_chat: Opened
) -> None:
    chat = await open_chat("en")
    async with db.transaction() as session:
        await log.append(session, chat, "understood", {"intent": "complaint"})
        interaction = await interactions.open_of(session, chat)
        assert interaction is not None
        await interactions.close(session, interaction, "implied")
        seq = await log.say(session, chat, "client", "Hello again", "en", message_id="2")
        await interactions.ensure_open(session, chat, seq, "bot")
    assert (await _ask(db, chat)).priority == []


async def test_becoming_upset_while_waiting_moves_the_client_forward(
    db: Database, open_chat: Opened
) -> None:
    first, second = await _ask(db, await open_chat()), await _ask(db, await open_chat())
    async with db.transaction() as session:
        assert await queue.press(session, second.conversation_id, "complaint")
        assert not await queue.press(session, second.conversation_id, "complaint"), "once"
    async with db.reading() as session:
        assert [one.handoff.id for one in await queue.waiting(session)] == [second.id, first.id]


async def test_who_had_the_client_last_is_preferred(
    db: Database, open_chat: Opened, add_agent: AddAgent
) -> None:
    asha, bina = (
        await add_agent("asha", languages={"en": 3}),
        await add_agent("bina", languages={"en": 3}),
    )
    chat = await open_chat()
    handoff = await _ask(db, chat)
    async with db.transaction() as session:
        await queue.claim(session, handoff.id, bina.id)
        await closing.resolve(session, handoff.id, bina.id)
    again = await _ask(db, chat)
    assert again.preferred_agent_id == bina.id
    async with db.reading() as session:
        mine = (await pull.choices(session, bina.id, translates=False))[0]
        theirs = (await pull.choices(session, asha.id, translates=False))[0]
    assert mine.suggested
    assert not theirs.suggested
    assert {"code": "knows_them"} in mine.reasons


async def test_a_language_that_nobody_has_is_told_with_those_they_have(
    db: Database, add_agent: AddAgent
) -> None:
    async with db.reading() as session:
        assert await pull.unspoken(session, "ml", translates=False) == [], "nobody yet: no claim"
    await add_agent("asha", present=False, languages={"en": 3, "bn": 2, "hi": 1})
    async with db.reading() as session:
        assert await pull.unspoken(session, "ml", translates=False) == ["bn", "en"]
        assert await pull.unspoken(session, "ml", translates=True) == []
        assert await pull.unspoken(session, "hi", translates=False) == [], "somebody gets by"
        assert await pull.unspoken(session, "bn-Latn", translates=False) == []


async def test_passing_on_to_a_skill(db: Database, open_chat: Opened, add_agent: AddAgent) -> None:
    asha = await add_agent("asha", languages={"en": 3}, skills=["returns"])
    bina = await add_agent("bina", languages={"en": 3}, skills=["payments"])
    chat = await open_chat()
    handoff = await _ask(db, chat)
    async with db.transaction() as session:
        await queue.claim(session, handoff.id, asha.id)
        row = await queue.transfer(
            session, handoff.id, asha.id, None, "charged twice", skill="payments"
        )
    assert (row.status, row.skill) == ("waiting", "payments")
    async with db.reading() as session:
        assert (await pull.choices(session, bina.id, translates=False))[0].suggested
        assert not (await pull.choices(session, asha.id, translates=False))[0].suggested
        told = await session.execute(
            sa.select(Event.payload)
            .where(Event.conversation_id == chat, Event.kind == "owner_changed")
            .order_by(Event.seq.desc())
            .limit(1)
        )
        assert told.scalar_one()["skill"] == "payments"
        row = await session.get(Conversation, chat)
        assert row.owner == "queue"

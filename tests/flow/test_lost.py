"""Closed browsers, lost networks, crashed processes: the client is not left with nobody."""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import sqlalchemy as sa

from bot.conversations import identities, log, ownership
from bot.conversations.models import Event
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database, now
from bot.flow import lost
from bot.flow.clock import Clock
from bot.handoff import agents, queue
from bot.handoff.models import Agent, Handoff
from bot.settings import Settings

LONG_AGO = now() - dt.timedelta(days=1)
SETTINGS = Settings(_env_file=None)
GRACE = dt.timedelta(seconds=SETTINGS.agent_grace)
Held = Callable[..., Awaitable[tuple[str, str]]]


@pytest.fixture(params=["sqlite", "postgres"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    found = Database(request.getfixturevalue(f"{request.param}_tables"))
    yield found
    await found.dispose()


@pytest.fixture
async def asha(db: Database) -> str:
    return await _agent(db, "Asha")


async def _agent(db: Database, name: str) -> str:
    async with db.transaction() as session:
        agent = await agents.add(session, email=f"{name}@x.example", name=name, password_hash="-")
        await agents.set_presence(session, agent.id, "available")
        return str(agent.id)


async def _hold(db: Database, agent: str, locale: str = "bn") -> tuple[str, str]:
    """A conversation that an agent holds, and its handoff."""
    async with db.transaction() as session:
        who = await identities.identity(session, "widget", agent)
        chat, _ = await identities.open_conversation(session, who, locale=locale, belief={})
        handoff = await queue.open_handoff(session, chat.id, "asked")
        await queue.claim(session, handoff.id, agent)
        return str(chat.id), str(handoff.id)


async def _seen(db: Database, agent: str, moment: dt.datetime) -> None:
    async with db.transaction() as session:
        await session.execute(sa.update(Agent).where(Agent.id == agent).values(seen_at=moment))


async def _texts(db: Database, chat: str) -> list[tuple[str, str]]:
    async with db.reading() as session:
        return [(m.author, m.text) for m in await log.messages(session, chat)]


async def test_after_the_grace_period_the_conversation_waits_again_at_the_front(
    db: Database, asha: str
) -> None:
    chat, handoff = await _hold(db, asha)
    async with db.transaction() as session:
        who = await identities.identity(session, "widget", "earlier")
        other, _ = await identities.open_conversation(session, who, locale="en", belief={})
        waiting = await queue.open_handoff(session, other.id, "asked")
        earlier = now() - dt.timedelta(minutes=20)
        waiting.opened_at = waiting.rank_at = earlier
    moment = now()
    await _seen(db, asha, moment - GRACE - dt.timedelta(seconds=1))
    assert await lost.sweep(db, SETTINGS, moment, LONG_AGO) == [chat]
    async with db.reading() as session:
        assert await ownership.current(session, chat) == "queue"
        first, second = await queue.waiting(session)
        assert (first.handoff.id, second.handoff.conversation_id) == (handoff, other.id)
        assert first.handoff.priority == ["lost"]
        agent = await session.get(Agent, asha)
        assert (agent.presence, agent.present) == ("lost", False)
        told = await session.execute(
            sa.select(Event.payload)
            .where(Event.conversation_id == chat, Event.kind == "owner_changed")
            .order_by(Event.seq)
        )
        steps = [(payload["step"], payload.get("name")) for payload in told.scalars()]
    assert steps == [("ask", None), ("claim", None), ("lost", "Asha")], "the history is kept"
    (_, (author, gone), (_, place)) = await _texts(db, chat)
    assert author == "system"
    assert gone.startswith("Asha এখন আর চ্যাটে নেই"), "in the client's language"
    assert place
    assert await lost.sweep(db, SETTINGS, moment, LONG_AGO) == [], "told once"


async def test_one_tab_less_is_nothing(db: Database, asha: str) -> None:
    chat, _ = await _hold(db, asha)
    moment = now()
    await _seen(db, asha, moment - GRACE + dt.timedelta(seconds=5))  # the other tab's sign of life
    assert await lost.sweep(db, SETTINGS, moment, LONG_AGO) == []
    async with db.reading() as session:
        assert await ownership.current(session, chat) == f"agent:{asha}"


async def test_after_our_own_outage_desks_have_a_grace_period_to_come_back(
    db: Database, asha: str
) -> None:
    await _hold(db, asha)
    started = now()
    await _seen(db, asha, started - dt.timedelta(hours=1))  # while no process ran
    assert await lost.sweep(db, SETTINGS, started + GRACE / 2, started) == []
    assert len(await lost.sweep(db, SETTINGS, started + GRACE * 1.1, started)) == 1


async def test_who_comes_back_in_the_last_moment_keeps_everything(db: Database, asha: str) -> None:
    await _hold(db, asha)
    moment = now()
    before = moment - GRACE
    await _seen(db, asha, before - dt.timedelta(seconds=1))
    async with db.reading() as session:
        from bot.handoff import presence

        (orphan,) = await presence.orphans(session, before)
        await session.rollback()
    await _seen(db, asha, moment)  # between the look and the step
    async with db.transaction() as session:
        assert not await presence.mark_lost(session, orphan.agent, before)


async def test_a_disabled_account_holds_nothing(db: Database, asha: str) -> None:
    chat, _ = await _hold(db, asha)
    async with db.transaction() as session:
        (await session.get(Agent, asha)).disabled = True
    assert await lost.sweep(db, SETTINGS, now(), LONG_AGO) == [chat]


async def test_signing_out_gives_back_at_once_what_the_last_desk_held(
    db: Database, asha: str
) -> None:
    chat, _ = await _hold(db, asha)
    async with db.transaction() as session:
        assert await lost.leave(session, asha, SETTINGS) == [chat]
    async with db.reading() as session:
        assert await ownership.current(session, chat) == "queue"


async def test_two_processes_sweep_at_once_and_the_client_is_told_once(
    db: Database, asha: str
) -> None:
    import asyncio

    chat, _ = await _hold(db, asha)
    moment = now()
    await _seen(db, asha, moment - GRACE * 2)
    both = await asyncio.gather(*(lost.sweep(db, SETTINGS, moment, LONG_AGO) for _ in range(2)))
    assert sorted(both, key=len) == [[], [chat]]
    assert len(await _texts(db, chat)) == 3


async def test_the_clock_sweeps_and_wakes_the_desk(db: Database, asha: str) -> None:
    chat, handoff = await _hold(db, asha)
    wake = Wake()
    clock = Clock(db, wake, SETTINGS)
    later = now() + GRACE * 3
    with wake.listen(DESK) as desk, wake.listen(conversation_topic(chat)) as reader:
        await clock.tick(later)
        assert desk.is_set()
        assert reader.is_set()
    async with db.reading() as session:
        assert (await session.get(Handoff, handoff)).status == "waiting"

"""Through the inbox: another way is arranged, the client leaves, nobody comes."""

import datetime as dt

import pytest
import sqlalchemy as sa

from bot.channels.contract import Inbound
from bot.conversations import interactions, log
from bot.conversations.models import Conversation, Interaction
from bot.db import new_id, now
from bot.feedback.models import FollowUp
from bot.flow import waits
from bot.handoff import office, queue, waiting
from bot.handoff.models import Handoff
from bot.handoff.office import Office
from bot.settings import Settings
from tests.flow.conftest import Flow

MINUTE = dt.timedelta(minutes=1)
GONE = Office.gone_minutes + 10  # minutes


@pytest.fixture
def config() -> Settings:
    return Settings(_env_file=None)


async def _waits(flow: Flow, config: Settings) -> str:
    """A client who asked for a person when nobody was on."""
    chat = await flow.open()
    await flow.inbox.accept(Inbound(chat, new_id(), text="I need somebody to help me, please"))
    await flow.work()
    async with flow.db.transaction() as session:
        handoff = await queue.open_handoff(session, chat, "asked")
        row = await session.get(Conversation, chat)
        await waiting.tell(session, handoff, row, await office.read(session, config))
    return chat


async def _send(flow: Flow, chat: str, **what: str) -> log.Message:
    await flow.inbox.accept(Inbound(chat, new_id(), **what))
    await flow.work()
    return (await flow.messages(chat))[-1]


async def _state(flow: Flow, chat: str) -> tuple[Handoff, list[FollowUp]]:
    async with flow.db.reading() as session:
        handoff = (await session.execute(sa.select(Handoff))).scalars().one()
        return handoff, list((await session.execute(sa.select(FollowUp))).scalars())


async def test_an_address_instead_of_waiting(flow: Flow, config: Settings) -> None:
    chat = await _waits(flow, config)
    assert "Which e-mail" in (await _send(flow, chat, payload="way-email")).text
    said = await _send(flow, chat, text="I also lost my receipt")
    assert said.author == "client", "not an address: for whoever comes, and nobody answers"
    assert "priya@example.com by" in (await _send(flow, chat, text="priya@example.com")).text
    handoff, [owed] = await _state(flow, chat)
    assert (handoff.status, handoff.ended) == ("returned", "email")
    assert (owed.kind, owed.contact, owed.status) == ("email", "priya@example.com", "open")
    assert owed.due_at > now()
    assert (await _send(flow, chat, text="where is my order")).text.startswith("re: ")


async def test_a_call_instead_of_waiting(flow: Flow, config: Settings) -> None:
    chat = await _waits(flow, config)
    offered = (await _send(flow, chat, payload="way-call")).payload["buttons"]
    assert "Which number" in (await _send(flow, chat, payload=offered[0]["payload"])).text
    done = await _send(flow, chat, text="+91 98300 12345")
    assert "+91 98300 12345" in done.text
    handoff, [owed] = await _state(flow, chat)
    assert (handoff.ended, owed.kind, owed.contact) == ("call", "call", "+919830012345")
    assert int(owed.due_at.timestamp()) // 60 == int(offered[0]["payload"][9:])


async def test_a_button_pressed_after_going_back_to_the_assistant(
    flow: Flow, config: Settings
) -> None:
    chat = await _waits(flow, config)
    await _send(flow, chat, payload="back_to_assistant")
    assert "Which e-mail" in (await _send(flow, chat, payload="way-email")).text
    asked = len(flow.engine.turns)
    assert "priya@example.com by" in (await _send(flow, chat, text="priya@example.com")).text
    assert len(flow.engine.turns) == asked, "the engine never saw the address"


async def test_whoever_has_left_gives_up_their_place(flow: Flow, config: Settings) -> None:
    chat = await _waits(flow, config)
    async with flow.db.transaction() as session:
        row = await session.get(Conversation, chat)
        row.seen_at = row.active_at = now() - GONE * MINUTE
        handoff = (await session.execute(sa.select(Handoff))).scalars().one()
        kind, handoff.told_kind = handoff.told_kind, "wait"
    assert kind in ("closed", "nobody")
    async with flow.db.transaction() as session:
        assert await waits.run_out(session, config, now()) == [chat]
    handoff, owed = await _state(flow, chat)
    assert (handoff.status, handoff.ended, owed) == ("abandoned", "gone", [])
    async with flow.db.reading() as session:
        interaction = (await session.execute(sa.select(Interaction))).scalars().one()
        assert (interaction.outcome, bool(interaction.closed_at)) == ("abandoned", True)
    assert "your place in the queue" in (await flow.messages(chat))[-1].text


@pytest.mark.parametrize("why", ["told to leave a message", "still here", "cannot tell", "never"])
async def test_whoever_has_not_left_keeps_it(flow: Flow, config: Settings, why: str) -> None:
    chat = await _waits(flow, config)
    async with flow.db.transaction() as session:
        row = await session.get(Conversation, chat)
        row.active_at = now() - GONE * MINUTE
        row.seen_at = (
            None if why == "cannot tell" else now() - (1 if why == "still here" else GONE) * MINUTE
        )
        handoff = (await session.execute(sa.select(Handoff))).scalars().one()
        handoff.told_kind = "closed" if why == "told to leave a message" else "wait"
        if why == "never":
            await office.change(session, {"gone_minutes": 0}, None)
    async with flow.db.transaction() as session:
        assert await waits.run_out(session, config, now()) == []
    assert (await _state(flow, chat))[0].status == "waiting"


async def test_nobody_came_and_somebody_owes_an_answer(flow: Flow, config: Settings) -> None:
    chat = await _waits(flow, config)
    async with flow.db.transaction() as session:
        handoff = (await session.execute(sa.select(Handoff))).scalars().one()
        handoff.opened_at = now() - dt.timedelta(hours=73)
        assert (await interactions.open_of(session, chat)) is not None
    for ended in ([chat], []):
        async with flow.db.transaction() as session:
            assert await waits.run_out(session, config, now()) == ended
    handoff, [owed] = await _state(flow, chat)
    assert (handoff.status, handoff.ended, owed.kind) == ("expired", "expired", "missed")
    assert "write to you here by" in (await flow.messages(chat))[-1].text


async def test_a_low_rating_is_due_when_the_team_works_where_its_hours_are_set(flow: Flow) -> None:
    async with flow.db.transaction() as session:
        assert await waits.rating_due(session, "bn") is None, "the country's working days"
        tomorrow = (now() + dt.timedelta(days=1)).weekday()
        week = [[] if day == tomorrow else [["10:00", "16:00"]] for day in range(7)]
        await office.save_team(
            session, None, name="Dhaka", time_zone="UTC", languages=["bn"], week=week, free_days=[],
        )  # fmt: skip
        found = await waits.rating_due(session, "bn")
        assert await waits.rating_due(session, "en") is None
    assert found is not None
    due, zone = found
    assert (zone, due.hour) == ("UTC", 16)
    assert (due.date() - now().date()).days == 2, "not on the day on which nobody is there"

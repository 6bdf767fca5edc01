"""What clients are told of waiting: true, in words, or plainly unknown."""

import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from bot.conversations import log
from bot.conversations.models import Conversation
from bot.db import Database, new_id, now
from bot.handoff import agents, office, queue, waiting
from bot.handoff.board import Board
from bot.handoff.models import Agent, Handoff
from bot.handoff.waiting import Estimate
from bot.languages.say import Voice, say
from bot.settings import Settings

Opened = Callable[..., Awaitable[str]]
AddAgent = Callable[..., Awaitable[Agent]]
MINUTE = dt.timedelta(minutes=1)
EN, HERE = Voice("en"), "Asia/Kolkata"


def _at(clock: str, day: str = "2026-11-23") -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{clock}:00+05:30")


def _wait(place: int, minutes: tuple[int, int] | None) -> Estimate:
    return Estimate(place, minutes, attended=True, closed=False, opens_at=None, zone=HERE)


def _shut(opens: dt.datetime | None, closed: bool = True) -> Estimate:
    return Estimate(1, None, attended=False, closed=closed, opens_at=opens, zone=HERE)


@pytest.mark.parametrize(
    ("told", "minutes", "worth"),
    [
        (4, 5, False),
        (4, 7, True),
        (10, 14, False),
        (10, 15, True),
        (4, None, True),
        (None, 9, False),
    ],
)
def test_only_what_matters_is_told_again(
    told: int | None, minutes: int | None, worth: bool
) -> None:
    assert waiting.worth_telling(told, minutes) is worth


@pytest.mark.parametrize(
    ("found", "zone", "said"),
    [
        (_wait(1, (4, 4)), None, "next in the queue. Someone will be with you in about 4 minutes"),
        (
            _wait(3, (5, 10)),
            None,
            "number 3 in the queue. Someone will be with you in about 5 to 10",
        ),
        (_wait(9, (60, 120)), None, "more than an hour"),
        (_wait(1, None), None, "can't say yet how long"),
        (_shut(None, closed=False), None, "though we are open"),
        (_shut(_at("09:00")), None, "back at 9:00"),
        (_shut(_at("09:00")), "Asia/Colombo", "back at 9:00"),
        (_shut(_at("09:00")), "Europe/London", "back at 3:30"),
        (_shut(_at("09:00", "2026-11-26")), None, "back on 26 November 2026 at 9:00"),
        (
            _shut(_at("09:00", "2026-11-26")),
            "America/New_York",
            "back on 25 November 2026 at 10:30",
        ),
        (_shut(None), None, "we'll answer when we're back"),
    ],
)
def test_in_words(
    found: Estimate, zone: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "now", lambda: _at("23:00", "2026-11-22"))
    words = waiting.in_words(found, EN, zone).replace("\u00a0", " ")
    assert said in words
    elsewhere = zone in ("Europe/London", "America/New_York")
    assert ("where we are" in words) is elsewhere


def test_in_bengali_the_range_has_its_own_digits() -> None:
    said = waiting.in_words(_wait(2, (5, 10)), Voice("bn"), None)
    assert "৫ থেকে ১০ মিনিট" in said and "২" in said


@pytest.mark.parametrize(
    ("found", "payloads"),
    [
        (_wait(1, (4, 4)), ["back_to_assistant"]),
        (_wait(1, None), ["back_to_assistant"]),
        (_wait(9, (20, 50)), ["way-email", "way-call", "back_to_assistant"]),
        (_shut(_at("09:00")), ["way-email", "way-call", "back_to_assistant"]),
        (_shut(None, closed=False), ["way-email", "way-call", "back_to_assistant"]),
    ],
)
def test_other_ways_are_offered_where_waiting_is_no_way(
    found: Estimate, payloads: list[str]
) -> None:
    house = office.Office(teams=())
    assert [button["payload"] for button in waiting.ways(found, house, EN)] == payloads
    without = office.Office(teams=(), offer_email=False, offer_call=False)
    assert [b["payload"] for b in waiting.ways(found, without, EN)] == ["back_to_assistant"]


async def _past(db: Database, chat: str, agent: str, pickup: int, handling: int) -> None:
    async with db.transaction() as session:
        opened = now() - dt.timedelta(hours=3)
        session.add(
            Handoff(
                id=new_id(), conversation_id=chat, status="resolved", reason="asked", language="en",
                opened_at=opened, assigned_at=opened + pickup * MINUTE, agent_id=agent,
                resolved_at=opened + (pickup + handling) * MINUTE,
            )
        )  # fmt: skip


async def _told(db: Database, chat: str) -> log.Message:
    async with db.reading() as session:
        return (await log.messages(session, chat))[-1]


async def test_the_estimate_comes_from_the_live_queue(
    db: Database, open_chat: Opened, add_agent: AddAgent, config: Settings
) -> None:
    agent = await add_agent("asha", capacity=1)
    old = await open_chat()
    for _ in range(6):
        await _past(db, old, agent.id, pickup=2, handling=6)
    first, second = await open_chat(), await open_chat("bn", time_zone="Not/AZone")
    async with db.transaction() as session:
        house = await office.read(session, config)
        handoff = await queue.open_handoff(session, first, "asked")
        await waiting.tell(session, handoff, await session.get(Conversation, first), house)
        assert (handoff.told_kind, handoff.told_minutes) == ("wait", 2)
        await queue.claim(session, handoff.id, agent.id)
        behind = await queue.open_handoff(session, second, "asked")
        found = await waiting.estimate(session, behind, house)
        assert (found.position, found.minutes) == (1, (1, 5)), "somewhere within six minutes"
        await waiting.tell(session, behind, await session.get(Conversation, second), house)
    said = await _told(db, second)
    assert said.language == "bn" and "১ থেকে ৫" in said.text


async def test_a_nights_wait_says_nothing_about_the_day(
    db: Database, open_chat: Opened, add_agent: AddAgent
) -> None:
    agent, old = await add_agent("asha"), await open_chat()
    for minutes in (2, 2, 2, 2, 2, 170):
        await _past(db, old, agent.id, pickup=minutes, handling=5)
    async with db.transaction() as session:
        by_wait = sa.select(Handoff).order_by(Handoff.assigned_at.desc())
        longest = (await session.execute(by_wait)).scalars().first()
        longest.told_kind = "closed"
        assert set((await waiting.load(session)).pickups) == {2.0}


async def test_a_wait_that_grows_is_told_once(
    db: Database, open_chat: Opened, add_agent: AddAgent, config: Settings
) -> None:
    await add_agent("asha", capacity=1)
    chat = await open_chat()
    async with db.transaction() as session:
        handoff = await queue.open_handoff(session, chat, "asked")
        handoff.told_minutes, handoff.told_kind = 4, "wait"
        handoff.told_at = now() - 5 * MINUTE
    for told in ([chat], []):
        async with db.transaction() as session:
            assert await waiting.tell_changes(session, config) == told
    last = await _told(db, chat)
    assert last.author == "system" and "longer than I said" in last.text


async def test_whoever_waited_through_the_night_is_told_in_the_morning(
    db: Database, open_chat: Opened, add_agent: AddAgent, config: Settings
) -> None:
    asha = await add_agent("asha", present=False)
    chat = await open_chat("bn")
    async with db.transaction() as session:
        handoff = await queue.open_handoff(session, chat, "asked")
        row = await session.get(Conversation, chat)
        await waiting.tell(session, handoff, row, await office.read(session, config))
        assert handoff.told_kind in ("closed", "nobody")
        handoff.told_at = now() - 600 * MINUTE
    async with db.transaction() as session:
        assert await waiting.tell_changes(session, config) == [], "nobody has come yet"
        await agents.set_present(session, asha.id, True)
    for told in ([chat], []):
        async with db.transaction() as session:
            assert await waiting.tell_changes(session, config) == told
    assert (await _told(db, chat)).text.startswith("আমরা ফিরে এসেছি")


async def test_the_next_in_the_queue_is_told(
    db: Database, open_chat: Opened, add_agent: AddAgent, config: Settings
) -> None:
    asha = await add_agent("asha", capacity=1)
    first, second = await open_chat(), await open_chat()
    async with db.transaction() as session:
        ahead = await queue.open_handoff(session, first, "asked")
        house = await office.read(session, config)
        behind = await queue.open_handoff(session, second, "asked")
        await waiting.tell(session, behind, await session.get(Conversation, second), house)
        assert behind.told_place == 2
        await queue.claim(session, ahead.id, asha.id)
        behind.told_at = now() - 5 * MINUTE
    async with db.transaction() as session:
        assert await waiting.tell_changes(session, config) == [second]
    assert "You are next in the queue" in (await _told(db, second)).text


async def test_the_board_tells_each_how_they_stand(
    db: Database, open_chat: Opened, add_agent: AddAgent, config: Settings
) -> None:
    asha, old = await add_agent("asha", capacity=1), await open_chat()
    for _ in range(6):
        await _past(db, old, asha.id, pickup=2, handling=6)
    first, second, other = await open_chat(), await open_chat("bn"), await open_chat()
    board = Board(config)
    async with db.transaction() as session:
        await queue.open_handoff(session, first, "asked")
        await queue.open_handoff(session, second, "asked")
    async with db.reading() as session:
        assert await board.line(session, first, EN) == "Number 1 in the queue · about 2 minutes"
        assert (await board.line(session, second, Voice("bn")) or "").startswith("লাইনে ২ নম্বরে · ")
        assert await board.line(session, other, EN) is None, "they do not wait"


def test_the_higher_end_of_a_range_chooses_the_plural() -> None:
    assert "دقائق" in say("handoff.short_range", "ar", count=10, low=5)
    assert "دقيقة" in say("handoff.short_range", "ar", count=15, low=10)
    assert say("handoff.short_range", "en", count=10, low=5) == "about 5 to 10 minutes"

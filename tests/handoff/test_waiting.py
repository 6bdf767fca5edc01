"""What clients are told of waiting: true, in words, or plainly unknown."""

import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations import log
from bot.db import Database, new_id, now
from bot.handoff import hours, queue, waiting
from bot.handoff.models import Agent, Handoff
from bot.settings import Settings

Opened = Callable[..., Awaitable[str]]
AddAgent = Callable[..., Awaitable[Agent]]
MINUTE = dt.timedelta(minutes=1)


def _at(clock: str, zone: str = "+05:30") -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-11-23T{clock}:00{zone}")


@pytest.mark.parametrize(
    ("opens", "closes", "clock", "is_open"),
    [
        ("09:00", "21:00", "09:00", True),
        ("09:00", "21:00", "08:59", False),
        ("09:00", "21:00", "21:00", False),
        ("20:00", "04:00", "23:00", True),
        ("20:00", "04:00", "03:59", True),
        ("20:00", "04:00", "12:00", False),
        ("00:00", "00:00", "12:00", True),
    ],
)
def test_opening_hours(
    config: Settings, opens: str, closes: str, clock: str, is_open: bool
) -> None:
    changed = config.copy(update={"opens": opens, "closes": closes})
    assert hours.is_open(_at(clock), changed) is is_open


def test_next_opening_is_today_or_tomorrow_in_the_shops_zone(config: Settings) -> None:
    assert hours.next_opening(_at("07:00"), config) == _at("09:00")
    assert hours.next_opening(_at("22:00"), config) == _at("09:00") + dt.timedelta(days=1)
    assert hours.next_opening(_at("03:00", "+00:00"), config) == _at("09:00"), "08:30 in Kolkata"


@pytest.mark.parametrize(
    ("position", "places", "free", "pickup", "handling", "expected"),
    [
        (1, 4, 2, 0.4, 10.0, 1),  # a free agent: as long as it lately took to be noticed
        (2, 4, 2, 1.2, 10.0, 2),
        (3, 4, 0, 1.0, 10.0, 10),  # three must end, four at once: 3 · 10 / 4 = 7.5, said as 10
        (1, 4, 0, 1.0, 8.0, 2),
        (1, 0, 0, 1.0, 8.0, None),  # nobody on
        (1, 4, 0, None, None, None),  # no experience
        (100, 1, 0, 1.0, 30.0, None),  # fifty hours is not a figure
    ],
)
def test_expected_minutes(
    position: int,
    places: int,
    free: int,
    pickup: float | None,
    handling: float | None,
    expected: int | None,
) -> None:
    load = waiting.Load(places, free, pickup, handling)
    assert waiting.expected_minutes(position, load) == expected


@given(
    st.integers(1, 50), st.integers(1, 20), st.integers(0, 20), st.floats(0.1, 20), st.floats(1, 30)
)
def test_who_stands_further_back_is_never_promised_less(
    position: int, places: int, free: int, pickup: float, handling: float
) -> None:
    load = waiting.Load(places, min(free, places), min(pickup, handling / places), handling)
    here, behind = (waiting.expected_minutes(place, load) for place in (position, position + 1))
    assert behind is None or (here is not None and here <= behind)


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
        (waiting.Estimate(1, 4, True, None), None, "next in the queue. Someone will be with"),
        (waiting.Estimate(3, 10, True, None), None, "with you in about 10 minutes"),
        (waiting.Estimate(1, None, True, None), None, "can't say yet how long"),
        (waiting.Estimate(1, None, False, None), None, "though we are open"),
        (waiting.Estimate(1, None, False, _at("09:00")), None, "back at 9:00"),
        (waiting.Estimate(1, None, False, _at("09:00")), "Asia/Colombo", "back at 9:00"),
        (waiting.Estimate(1, None, False, _at("09:00")), "Europe/London", "back at 3:30"),
    ],
)  # fmt: skip
def test_in_words(config: Settings, found: waiting.Estimate, zone: str | None, said: str) -> None:
    words = waiting.in_words(found, "en", zone, config).replace("\u00a0", " ")
    assert said in words
    assert ("where we are" in words) is (zone == "Europe/London")


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


async def test_the_estimate_comes_from_the_live_queue(
    db: Database, open_chat: Opened, add_agent: AddAgent, config: Settings
) -> None:
    agent = await add_agent("asha", capacity=1)
    old = await open_chat()
    for n in range(5):
        await _past(db, old, agent.id, pickup=2, handling=[6, 6, 6, 6, 300][n])
    first, second = await open_chat(), await open_chat("bn", time_zone="Asia/Dhaka")
    async with db.transaction() as session:
        handoff = await queue.open_handoff(session, first, "asked")
        assert "about 2 minutes" in await waiting.words(session, handoff, "en", None, config)
        await queue.claim(session, handoff.id, agent.id)
        behind = await queue.open_handoff(session, second, "asked")
        found = await waiting.estimate(session, behind, config)
        assert (found.position, found.minutes) == (1, 10), "one must end: the median, six minutes"
        assert await waiting.words(session, behind, "bn", "Not/AZone", config)


async def test_nobody_on_is_said(
    db: Database, open_chat: Opened, add_agent: AddAgent, config: Settings
) -> None:
    await add_agent("asha", present=False)
    around_the_clock = config.copy(update={"opens": "00:00", "closes": "00:00"})
    chat = await open_chat()
    async with db.transaction() as session:
        handoff = await queue.open_handoff(session, chat, "asked")
        said = await waiting.words(session, handoff, "en", None, around_the_clock)
    assert "Nobody is free" in said and handoff.told_minutes is None


async def test_a_wait_that_grows_is_told_once(
    db: Database, open_chat: Opened, add_agent: AddAgent, config: Settings
) -> None:
    await add_agent("asha", capacity=1)
    chat = await open_chat()
    async with db.transaction() as session:
        handoff = await queue.open_handoff(session, chat, "asked")
        handoff.told_minutes, handoff.told_at = 4, now() - 5 * MINUTE
    for told in ([chat], []):
        async with db.transaction() as session:
            assert await waiting.tell_changes(session, config) == told
    async with db.reading() as session:
        last = (await log.messages(session, chat))[-1]
        assert last.author == "system" and "longer than I said" in last.text
        assert (await session.execute(sa.select(Handoff.told_minutes))).scalar_one() is None

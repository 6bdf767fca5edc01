"""When teams are there, and when a client can be called."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff import hours, slots
from bot.handoff.hours import Schedule

HOUR = dt.timedelta(hours=1)
KOLKATA = "Asia/Kolkata"


def week(*intervals: str, free: tuple[str, ...] = (), weekend: tuple[int, ...] = ()) -> Schedule:
    day = tuple(
        (dt.time.fromisoformat(a), dt.time.fromisoformat(b))
        for a, b in (interval.split("-") for interval in intervals)
    )
    return Schedule(
        KOLKATA,
        tuple(() if number in weekend else day for number in range(7)),
        frozenset(map(dt.date.fromisoformat, free)),
    )


def at(clock: str, day: str = "2026-11-23", zone: str = KOLKATA) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("schedule", "moment", "is_open"),
    [
        (week("09:00-21:00"), at("09:00"), True),
        (week("09:00-21:00"), at("08:59"), False),
        (week("09:00-21:00"), at("21:00"), False),
        (week("09:00-13:00", "14:00-18:00"), at("13:30"), False),
        (week("09:00-13:00", "14:00-18:00"), at("14:00"), True),
        (week("20:00-04:00"), at("03:59"), True),
        (week("20:00-04:00"), at("12:00"), False),
        (week("00:00-00:00"), at("12:00"), True),
        (week("09:00-21:00", free=("2026-11-23",)), at("12:00"), False),
        (week("20:00-04:00", free=("2026-11-23",)), at("02:00"), True),  # Sunday's night
        (week("09:00-21:00", weekend=(6,)), at("12:00", "2026-11-22"), False),
    ],
)
def test_opening_hours(schedule: Schedule, moment: dt.datetime, is_open: bool) -> None:
    assert hours.is_open(moment, schedule) is is_open


def test_the_next_opening_passes_over_breaks_and_free_days() -> None:
    split = week("09:00-13:00", "14:00-18:00", free=("2026-11-24",), weekend=(6,))
    assert hours.next_opening(at("07:00"), split) == at("09:00")
    assert hours.next_opening(at("13:10"), split) == at("14:00")
    assert hours.next_opening(at("19:00"), split) == at("09:00", "2026-11-25")
    assert hours.next_opening(at("19:00", "2026-11-28"), split) == at("09:00", "2026-11-30")
    assert hours.next_opening(at("12:00"), week()) is None, "nothing in sight"


def test_clocks_going_back_move_the_opening() -> None:
    london = Schedule("Europe/London", week("09:00-17:00").week)
    saturday = dt.datetime(2026, 10, 24, 20, tzinfo=dt.timezone.utc)
    assert hours.next_opening(saturday, london) == dt.datetime(
        2026, 10, 25, 9, tzinfo=dt.timezone.utc
    )


def test_calls_suit_both_zones() -> None:
    """A team in Kolkata from 9 to 21, a client in Los Angeles: their evening or early morning."""
    found = slots.open_times(
        at("10:00"), week("09:00-21:00"), "America/Los_Angeles", length=HOUR, days=3
    )
    assert found and all(hours.is_open(time, week("09:00-21:00")) for time in found)
    assert {time.hour for time in found} == {19}, "9:00 there is half past seven the evening before"


def test_calls_leave_time_to_notice_them_and_are_not_promised_twice() -> None:
    schedule, moment = week("09:00-12:00"), at("09:30")
    free = slots.open_times(moment, schedule, KOLKATA, length=HOUR, days=2)
    assert free[0] == at("11:00"), "10:00 is too soon"
    full = slots.open_times(
        moment, schedule, KOLKATA, length=HOUR, days=2, taken=[at("11:00")] * 2, places=2
    )
    assert at("11:00") not in full and len(full) == len(free) - 1


def test_a_choice_is_spread_over_the_days() -> None:
    times = slots.open_times(at("07:00"), week("09:00-21:00"), KOLKATA, length=HOUR, days=5)
    first, then = slots.choice(times), slots.choice(times, skip=4)
    assert len({time.date() for time in first}) == 2
    assert not set(first) & set(then), "other times are others"


@given(
    moment=st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1)),
    zone=st.sampled_from(["Asia/Kolkata", "America/New_York", "Pacific/Auckland", "UTC"]),
    minutes=st.sampled_from([15, 30, 60]),
)
def test_every_time_offered_is_within_the_hours(
    moment: dt.datetime, zone: str, minutes: int
) -> None:
    schedule, length = (
        week("09:00-13:00", "14:30-21:00", weekend=(6,)),
        dt.timedelta(minutes=minutes),
    )
    aware = moment.replace(tzinfo=dt.timezone.utc)
    for time in slots.open_times(aware, schedule, zone, length=length, days=4):
        assert time - aware >= slots.NOTICE
        assert hours.is_open(time, schedule)
        assert hours.is_open(time + length - dt.timedelta(seconds=1), schedule)

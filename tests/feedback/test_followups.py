"""When a follow-up is due."""

import datetime as dt

import pytest

from bot.feedback.followups import due_date


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Asia/Kolkata", "2026-11-20"),  # Thursday → Friday, a working day in India
        ("Asia/Dhaka", "2026-11-22"),  # … not in Bangladesh: Sunday
        ("Europe/London", "2026-11-20"),
    ],
)
def test_the_weekend_is_that_of_the_shops_country(zone: str, due: str) -> None:
    thursday = dt.datetime(2026, 11, 19, 9, tzinfo=dt.timezone.utc)
    assert due_date(thursday, zone).isoformat() == due


def test_saturday_is_free_in_london_but_not_in_kolkata() -> None:
    friday = dt.datetime(2026, 11, 20, 9, tzinfo=dt.timezone.utc)
    assert due_date(friday, "Europe/London").isoformat() == "2026-11-23"
    assert due_date(friday, "Asia/Kolkata").isoformat() == "2026-11-21"

"""How the desk behaves: defaults, what an admin changed, teams' hours."""

from typing import Any

import pytest

from bot.db import Database
from bot.handoff import hours, office
from bot.handoff.office import EVERYBODY, OfficeError
from bot.settings import Settings

DAY = [["09:00", "13:00"], ["14:00", "18:00"]]
WEEK = [DAY] * 6 + [[]]


async def _save(db: Database, team: str | None = None, **facts: Any) -> str:
    values = {"name": "Bangla", "time_zone": "Asia/Dhaka", "languages": ["bn"], "week": WEEK,
              "free_days": [{"day": "2026-12-16", "name": "Victory Day"}], **facts}  # fmt: skip
    async with db.transaction() as session:
        return await office.save_team(session, team, **values)


async def test_a_fresh_installation_has_the_environments_hours(
    db: Database, config: Settings
) -> None:
    async with db.reading() as session:
        house = await office.read(session, config)
    assert house.team("bn").schedule == hours.default(config)
    assert house.csat_hours == config.csat_hours and house.offer_call and house.csat


async def test_a_change_counts_and_the_rest_stays(db: Database, config: Settings) -> None:
    async with db.transaction() as session:
        await office.change(session, {"too_long": 15, "offer_call": False}, None)
        await office.change(session, {"too_long": 20}, None)
    async with db.reading() as session:
        house = await office.read(session, config)
    assert (house.too_long, house.offer_call, house.offer_email) == (20, False, True)


@pytest.mark.parametrize(
    "changes", [{"too_long": 1}, {"too_long": True}, {"csat": 1}, {"teams": 1}, {"nothing": 1}]
)
async def test_what_cannot_be_is_not_kept(
    db: Database, config: Settings, changes: dict[str, Any]
) -> None:
    async with db.transaction() as session:
        with pytest.raises(OfficeError):
            await office.change(session, {"offer_call": False, **changes}, None)
    async with db.reading() as session:
        assert (await office.read(session, config)).offer_call


async def test_a_team_answers_its_languages(db: Database, config: Settings) -> None:
    team = await _save(db)
    async with db.reading() as session:
        house = await office.read(session, config)
    assert house.team("bn-BD").id == team and house.team("en").id == EVERYBODY
    found = house.team("bn")
    assert found.schedule.zone == "Asia/Dhaka" and len(found.schedule.week[0]) == 2
    assert [name for _, name in found.free_days] == ["Victory Day"]
    async with db.transaction() as session:
        assert await office.remove_team(session, team)
        assert not await office.remove_team(session, team)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"name": " "}, "no_name"),
        ({"time_zone": "Mars/Base"}, "unknown_zone"),
        ({"time_zone": "../etc/passwd"}, "unknown_zone"),
        ({"languages": []}, "team_without_language"),
        ({"languages": ["xx"]}, "unknown_language"),
        ({"week": [DAY] * 6}, "bad_hours"),
        ({"week": [[["9", "18:00"]]] * 7}, "bad_hours"),
        ({"week": [[["09:00"]]] * 7}, "bad_hours"),
        ({"week": [[["09:00", "14:00"], ["13:00", "18:00"]]] * 7}, "hours_overlap"),
        ({"week": [[["20:00", "04:00"], ["22:00", "23:00"]]] * 7}, "hours_overlap"),
        ({"free_days": [{"day": "2026-02-30"}]}, "bad_day"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    db: Database, facts: dict[str, Any], code: str
) -> None:
    with pytest.raises(OfficeError) as refused:
        await _save(db, **facts)
    assert refused.value.code == code


async def test_a_language_has_one_team(db: Database) -> None:
    await _save(db)
    with pytest.raises(OfficeError, match="language_taken"):
        await _save(db, languages=["bn", "hi"])
    with pytest.raises(OfficeError, match="no_such_team"):
        await _save(db, "0" * 32, languages=["hi"])

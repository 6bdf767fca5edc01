"""Admins set how the desk behaves; everybody else reads."""

from typing import Any

import pytest

from bot.desk.settings_pages import GROUPS
from bot.handoff.office import Office
from tests.desk.conftest import House, SignIn

HOURS: dict[str, Any] = {
    "name": "Bangla", "time_zone": "Asia/Dhaka", "languages": ["bn"],
    "week": [[["10:00", "18:00"]]] * 5 + [[], []],
    "free_days": [{"day": "2026-12-16", "name": "Victory Day"}],
}  # fmt: skip


def test_every_setting_is_on_the_page() -> None:
    shown = [key for keys in GROUPS.values() for key in keys]
    assert sorted(shown) == sorted(Office(teams=()).settings())


async def test_an_admin_changes_a_setting_and_it_counts(sign_in: SignIn) -> None:
    admin = await sign_in("Asha", role="admin")
    changes = {"settings": {"too_long": 12, "offer_call": False}}
    assert (await admin.patch("/api/desk/settings", json=changes)).status_code == 204
    found = (await admin.get("/api/desk/settings")).json()
    assert (found["settings"]["too_long"], found["settings"]["offer_call"]) == (12, False)
    page = (await admin.get("/desk/settings")).text
    assert 'name="too_long" value="12"' in page


@pytest.mark.parametrize("role", ["agent", "author", "supervisor"])
async def test_others_only_read(sign_in: SignIn, role: str) -> None:
    other = await sign_in("Ravi", role=role)
    for method, path, body in [
        ("PATCH", "/api/desk/settings", {"settings": {"too_long": 12}}),
        ("POST", "/api/desk/settings/teams", HOURS),
        ("PUT", "/api/desk/settings/teams/everybody", HOURS),
        ("DELETE", "/api/desk/settings/teams/everybody", None),
    ]:
        answer = await other.request(method, path, json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    page = await other.get("/desk/settings")
    assert page.status_code == 200 and "disabled" in page.text


@pytest.mark.parametrize(
    "settings", [{"too_long": 4}, {"too_long": "12"}, {"too_long": True}, {"csat": 1}, {"x": 1}]
)
async def test_values_out_of_range_are_refused(sign_in: SignIn, settings: dict[str, Any]) -> None:
    admin = await sign_in("Asha", role="admin")
    answer = await admin.patch("/api/desk/settings", json={"settings": settings})
    assert answer.status_code == 422 and answer.json()["error"]["message"]


async def test_a_team_comes_changes_and_goes(house: House, sign_in: SignIn) -> None:
    admin = await sign_in("Asha", role="admin")
    team = (await admin.post("/api/desk/settings/teams", json=HOURS)).json()["team"]
    twice = await admin.post("/api/desk/settings/teams", json=HOURS)
    assert twice.json()["error"]["code"] == "language_taken"
    changed = {**HOURS, "name": "Dhaka", "week": [[["22:00", "04:00"]]] * 7}
    assert (await admin.put(f"/api/desk/settings/teams/{team}", json=changed)).status_code == 200
    found = (await admin.get("/api/desk/settings")).json()["teams"]
    assert [one["name"] for one in found] == ["Nadi", "Dhaka"]
    assert found[1]["week"][0] == [["22:00", "04:00"]] and found[1]["languages"] == ["bn"]
    assert "Dhaka" in (await admin.get("/desk/settings")).text
    assert (await admin.delete(f"/api/desk/settings/teams/{team}")).status_code == 204
    assert (await admin.delete(f"/api/desk/settings/teams/{team}")).status_code == 404


async def test_the_page_in_bengali(sign_in: SignIn) -> None:
    admin = await sign_in("Asha", role="admin")
    await admin.patch("/api/desk/me", json={"locale": "bn"})
    page = (await admin.get("/desk/settings")).text
    assert "সোমবার" in page and "সেটিংস" in page

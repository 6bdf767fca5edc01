"""The settings page and the follow-ups in a real browser: used by hand, and without axe faults."""

import datetime as dt
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.db import now
from bot.feedback import followups
from bot.handoff import agents, office
from bot.settings import Settings

House = Any
Axe = Callable[[Page], Awaitable[list[str]]]

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def _page(
    house: House, browser: Browser, address: str, locale: str, width: int = 1280
) -> Page:
    agent = await house.agent("Asha", role="admin", languages={"en": 3})
    async with house.db.transaction() as session:
        token = (await agents.sign_in(session, agent)).token
        (await session.get(type(agent), agent.id)).locale = locale
    context = await browser.new_context(
        locale=locale, timezone_id="Asia/Kolkata", viewport={"width": width, "height": 900}
    )
    await context.add_cookies([{"name": "setu_desk", "value": token, "url": address}])
    return await context.new_page()


async def _check(page: Page, axe: Axe, folder: Path, name: str) -> None:
    assert await axe(page) == [], name
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"
    await page.screenshot(path=folder / f"office-{name}.png", full_page=True)


async def test_an_admin_sets_hours_and_a_team(
    house: House, browser: Browser, address: str, axe: Axe, tmp_path: Path
) -> None:
    page = await _page(house, browser, address, "en")
    await page.goto(f"{address}/desk/settings")
    await _check(page, axe, tmp_path, "settings-en")
    await page.get_by_label("Offer other ways from").fill("15")
    await page.get_by_label("Clients may ask to be called").uncheck()
    await page.locator("#office button").click()
    await expect(page.get_by_role("alert")).to_have_text("Saved.")

    await page.get_by_text("Add a team", exact=True).first.click()
    form = page.locator("#team-new")
    await form.get_by_label("Name of the team").fill("Bangla")
    await form.get_by_label("Time zone").fill("Asia/Dhaka")
    await form.get_by_label("বাংলা", exact=True).check()
    await form.get_by_label("Friday: opens at").fill("10:00")
    await form.get_by_label("Add hours: Friday").click()
    await form.get_by_label("Friday: closes at").first.fill("12:00")
    await form.get_by_label("Friday: opens at").last.fill("14:30")
    await form.get_by_label("Remove these hours: Saturday").click()
    await form.get_by_role("button", name="Add a free day").click()
    await form.get_by_label("Day", exact=True).fill("2026-12-16")
    await form.get_by_label("What for").fill("Victory Day")
    await _check(page, axe, tmp_path, "settings-new-team")
    async with page.expect_navigation():
        await form.get_by_role("button", name="Save").click()
    async with house.db.reading() as session:
        found = await office.read(session, Settings(_env_file=None))
    assert (found.too_long, found.offer_call) == (15, False)
    team = found.team("bn")
    assert team.name == "Bangla" and not team.schedule.week[5]
    assert [opens.strftime("%H:%M") for opens, _ in team.schedule.week[4]] == ["10:00", "14:30"]
    assert dt.date(2026, 12, 16) in team.schedule.free

    await page.set_viewport_size({"width": 320, "height": 800})
    await _check(page, axe, tmp_path, "settings-narrow")


async def test_what_is_owed(
    house: House, browser: Browser, address: str, axe: Axe, tmp_path: Path
) -> None:
    page = await _page(house, browser, address, "en")
    rina = await house.chat("আমার অর্ডার আসেনি", "bn", name="রিনা দাস", zone="Asia/Dhaka")
    sneha = await house.chat("पैसे परत पाहिजेत", "mr", name="स्नेहा पाटील")
    async with house.db.transaction() as session:
        for chat, kind, days, contact, note in [
            (rina, "call", 1, "+8801712345678", ""),
            (sneha, "email", -1, "sneha@example.com", ""),
            (rina, "promise", 2, None, "Send the invoice for order 48213 again"),
            (sneha, "missed", 1, None, ""),
        ]:
            await followups.promise(
                session, chat, kind=kind, due=now() + dt.timedelta(days=days), contact=contact,
                note=note, language="bn" if chat == rina else "mr",
            )  # fmt: skip
    await page.goto(f"{address}/desk/follow-ups")
    await expect(page.get_by_text("1 is overdue")).to_be_visible()
    await _check(page, axe, tmp_path, "owed-en")
    card = page.locator(".card", has_text="+880 1712-345678")
    await card.get_by_text("Change", exact=True).click()
    await card.get_by_label("Owner").select_option(label="You")
    await _check(page, axe, tmp_path, "owed-change")
    await card.get_by_role("button", name="Save").click()
    await expect(card.locator(".facts dd")).to_have_text("You")
    await card.get_by_role("button", name="Done").click()
    await expect(card).to_have_count(0)
    await page.set_viewport_size({"width": 320, "height": 800})
    await _check(page, axe, tmp_path, "owed-narrow")


async def test_both_pages_in_bengali(
    house: House, browser: Browser, address: str, axe: Axe, tmp_path: Path
) -> None:
    page = await _page(house, browser, address, "bn")
    for name in ("settings", "follow-ups"):
        await page.goto(f"{address}/desk/{name}")
        await _check(page, axe, tmp_path, f"{name}-bn")

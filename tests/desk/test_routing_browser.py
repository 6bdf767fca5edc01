"""Who gets which conversation, as agents see it; signs of life from a real browser."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, expect

from bot.conversations.identities import client_of
from bot.db import now
from bot.flow import lost
from bot.handoff import agents
from bot.handoff.models import Agent, Handoff
from bot.settings import Settings
from tests.patience import PATIENCE

House = Any
Axe = Callable[[Page], Awaitable[list[str]]]
LONG_AGO = now() - dt.timedelta(days=1)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def _open(house: House, browser: Browser, address: str, agent: Agent, **more: Any) -> Page:
    async with house.db.transaction() as session:
        opened = await agents.sign_in(session, agent)
    context = await browser.new_context(locale="en-GB", **more)
    await context.add_cookies([{"name": "setu_desk", "value": opened.token, "url": address}])
    page = await context.new_page()
    await page.goto(f"{address}/desk")
    return page


async def _check(page: Page, axe: Axe, folder: Path, name: str) -> None:
    assert await axe(page) == [], name
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"
    await page.screenshot(path=folder / f"routing-{name}.png")


async def _wait(house: House, chat: str, minutes: int, **facts: Any) -> None:
    handoff = await house.hand_off(chat, facts.pop("reason", "asked"))
    async with house.db.transaction() as session:
        row = await session.get(Handoff, handoff)
        row.opened_at -= dt.timedelta(minutes=minutes)
        row.rank_at -= dt.timedelta(minutes=minutes)
        for key, value in facts.items():
            setattr(row, key, value)


async def _seed(house: House) -> str:
    rina = await house.chat("টাকা দুবার কেটেছে, একটু দেখবেন?", "bn", name="রিনা দাস")
    async with house.db.transaction() as session:
        (await client_of(session, rina)).segments = ["vip"]
    await _wait(house, rina, 4, skill="payments")
    sneha = await house.chat("माझी ऑर्डर खराब निघाली", "mr", name="स्नेहा पाटील")
    await _wait(house, sneha, 9, reason="complaint")
    await _wait(house, await house.chat("Where is my parcel?", "en", name="Tom Hill"), 6)
    anil = await house.chat("ഓർഡർ ക്യാൻസൽ ചെയ്യാൻ പറ്റുന്നില്ല", "ml", name="അനിൽകുമാർ കെ.")
    await _wait(house, anil, 20)
    return str(rina)


async def test_the_next_one_is_the_best_for_me(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    asha = await house.agent("Asha", languages={"en": 3, "bn": 3}, capacity=2)
    async with house.db.transaction() as session:
        (await session.get(Agent, asha.id)).skills = ["payments"]
    rina = await _seed(house)
    page = await _open(house, browser, address, asha, viewport={"width": 1360, "height": 860})
    rows = page.locator(".rows li")
    await expect(rows).to_have_count(4)
    await expect(rows.first).to_contain_text("রিনা দাস")
    await expect(rows.first.locator(".why")).to_have_text(
        "Suggested for you: speaks Bangla · skill: Payments · client group: VIP"
    )
    await expect(rows.nth(1)).to_contain_text("Tom Hill")
    await expect(rows.last).to_contain_text("not spoken")  # neither Marathi nor Malayalam is theirs
    await _check(page, axe, screenshots, "suggested")

    await page.get_by_role("button", name="Take the next chat").click()
    await page.wait_for_url(f"{address}/desk/c/{rina}?tab=mine")
    await expect(page.locator(".came")).to_contain_text("Taken as the next one: speaks Bangla")
    await _check(page, axe, screenshots, "taken")

    await page.get_by_label("Your status").select_option("busy")
    await expect(page.locator(".presence.busy")).to_be_visible()
    await page.goto(f"{address}/desk")
    await expect(page.get_by_label("Your status")).to_have_value("busy")
    assert await page.get_by_text("Suggested for you").count() == 0
    await page.get_by_role("button", name="Take the next chat").click()
    await expect(page.locator("#alert")).to_contain_text("You are not available")

    await page.get_by_label("Your status").select_option("available")
    await expect(page.locator(".presence.available")).to_be_visible()
    await page.get_by_role("button", name="Take the next chat").click()
    await page.wait_for_url("**/desk/c/**")
    await page.goto(f"{address}/desk")
    await page.get_by_role("button", name="Take the next chat").click()
    await expect(page.locator("#alert")).to_contain_text("as many chats as you can take")


async def test_who_is_disconnected_is_told_and_comes_back(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    asha = await house.agent("Asha", languages={"bn": 3})
    async with house.db.transaction() as session:
        (await session.get(Agent, asha.id)).locale = "bn"
    rina = await _seed(house)
    page = await _open(house, browser, address, asha, viewport={"width": 390, "height": 780})
    await page.locator("#take-next").click()
    await page.wait_for_url(f"{address}/desk/c/{rina}?tab=mine")
    settings = Settings(_env_file=None)
    later = now() + dt.timedelta(seconds=settings.agent_grace + 1)
    assert await lost.sweep(house.db, settings, later, LONG_AGO) == [rina]
    await page.goto(f"{address}/desk")
    await expect(page.locator("#lost")).to_contain_text("সাড়া পাওয়া যায়নি")
    first = page.locator(".rows li").first
    await expect(first).to_contain_text("রিনা দাস")
    await _check(page, axe, screenshots, "lost")
    await page.locator("#presence").select_option("available")
    await expect(page.locator("#lost")).to_have_count(0)
    await expect(first.locator(".why strong")).to_be_visible()


async def test_an_open_page_gives_signs_of_life(
    house: House, address: str, browser: Browser
) -> None:
    asha = await house.agent("Asha")
    page = await _open(house, browser, address, asha)
    async with page.expect_request("**/api/desk/here"):
        await page.evaluate("document.body.dispatchEvent(new Event('setu:ping'))")
        # At most one in ten seconds: pages shown again ask too.
        await page.clock.install()
        await page.clock.fast_forward(60_000)
        await page.evaluate("document.body.dispatchEvent(new Event('setu:ping'))")
    stale = now() - dt.timedelta(minutes=5)
    async with house.db.transaction() as session:
        await session.execute(sa.update(Agent).values(seen_at=stale))
        from bot.handoff.models import AgentSession

        await session.execute(sa.update(AgentSession).values(seen_at=stale))
    await page.clock.fast_forward(60_000)
    async with page.expect_response("**/api/desk/here") as answered:
        await page.evaluate("document.body.dispatchEvent(new Event('setu:ping'))")
    assert (await answered.value).status == 204

    async def seen() -> bool:  # the answer may have been the one to an earlier sign
        async with house.db.reading() as session:
            return bool((await session.get(Agent, asha.id)).seen_at > stale)

    with anyio.fail_after(PATIENCE):
        while not await seen():  # noqa: ASYNC110  (the database is asked)
            await asyncio.sleep(0.02)

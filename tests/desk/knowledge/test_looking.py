"""What helps authors, in a real browser: probe, check-up, gaps; narrow, and in their language."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.handoff.models import Agent
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from tests.desk.browsing import Axe, check, sign_in, signed_in

House = Any
PWNED = '<img src=x onerror="window.__pwned=1"><script>window.__pwned=1</script>'

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def test_wordings_are_probed_while_they_are_typed(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="author")
    page, faults = await signed_in(
        browser, address, color_scheme="light", viewport={"width": 1440, "height": 900}
    )
    await page.goto(f"{address}/desk/knowledge/return-item?locale=en")
    await expect(page.locator("#live")).to_contain_text("Live")
    await page.get_by_label("How clients ask").fill(
        "how do I send an item back?\nwhere is my refund money?\nzebra quantum fjord"
    )
    lines = page.locator("#kb-variants li")
    await expect(lines).to_have_count(4)
    await expect(lines.nth(1)).to_contain_text("This article")
    await expect(lines.nth(2)).to_contain_text("Another article: When a refund arrives")
    await expect(lines.nth(3)).to_contain_text("No article answers it yet")
    await check(page, axe, screenshots, "kb-variants")
    async with house.db.reading() as session:
        assert (await articles.entry(session, "return-item", "en")).version == 2  # nothing saved
    assert faults == []


async def test_the_check_up_leads_to_each_fault(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="author")
    async with house.db.transaction() as session:
        hours = await articles.entry(session, "opening-hours", "en")
        body = f"From 9 am. See [the map](/map) for our consignment desk.{PWNED}"
        await articles.write(session, dataclasses.replace(hours, body=body), "t")
        await articles.write(
            session,
            Entry("opening-hours", "bn", "কখন খোলা", "সকাল ১০টা থেকে।", source_locale="en",
                  source_version=2, category="contact"),
            "t",
        )  # fmt: skip
        for locale, name in (("hi", "help"), ("mr", "care")):
            written = Entry("opening-hours", locale, "?", f"{name}@shop.example",
                            source_locale="en", source_version=2)  # fmt: skip
            await articles.write(session, written, "t")
    page, faults = await signed_in(
        browser, address, color_scheme="light", viewport={"width": 1440, "height": 900}
    )
    await page.goto(f"{address}/desk/knowledge/check")
    first = page.locator(".check-list section").first
    await expect(first).to_contain_text("Other figures than the source")
    await expect(first).to_contain_text("10 ≠ 9")
    second = page.locator(".check-list section").nth(1)
    await expect(second).to_contain_text("help@shop.example ≠ care@shop.example मराठी")
    await expect(page.locator(".check-list")).to_contain_text("/map")
    await expect(page.locator(".check-list")).to_contain_text("consignment → parcel")
    await check(page, axe, screenshots, "kb-check")
    await first.get_by_role("link", name="opening-hours").click()
    await expect(page.get_by_label("Title")).to_have_value("কখন খোলা")
    assert faults == [] and await page.evaluate("window.__pwned") is None


async def test_from_a_gap_to_a_draft(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="author")
    for text, language in [
        ("Do you have a shop in Pune that I can visit?", "en"),
        ("is there any store in pune", "en"),
        ("पुणे में आपकी दुकान कहाँ है?", "hi"),
        ("मेरा फोन नंबर 98765 43210 बदलना है", "hi"),
    ]:
        await house.unanswered(text, language)
    page, faults = await signed_in(
        browser, address, color_scheme="light", viewport={"width": 1440, "height": 900}
    )
    await page.goto(f"{address}/desk/knowledge/gaps")
    first = page.locator(".gap-list > li").first
    await expect(first).to_contain_text("3")
    await expect(page.locator(".gap-list")).not_to_contain_text("98765")
    await check(page, axe, screenshots, "kb-gaps")
    await first.get_by_role("button", name="Draft a new article").click()
    await page.wait_for_url("**/desk/knowledge/*?locale=en")
    await expect(page.get_by_label("How clients ask")).to_have_value(
        "is there any store in pune\nDo you have a shop in Pune that I can visit?"
    )
    await expect(page.locator(".locales")).to_contain_text("हिन्दी")
    await check(page, axe, screenshots, "kb-drafted")
    assert faults == []


async def test_on_a_narrow_screen(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="agent")
    await house.unanswered("Do you have a shop in Pune?", "en")
    page, _ = await signed_in(browser, address, viewport={"width": 320, "height": 640})
    await check(page, axe, screenshots, "kb-narrow-desk")
    await page.goto(f"{address}/desk/knowledge")
    await check(page, axe, screenshots, "kb-narrow-list")
    await page.goto(f"{address}/desk/knowledge/return-item?locale=bn")
    await expect(page.get_by_label("Answer", exact=True)).not_to_be_editable()
    await expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    await check(page, axe, screenshots, "kb-narrow-article")
    await page.goto(f"{address}/desk/knowledge/gaps")
    await expect(page.locator(".gap-list > li")).to_have_count(1)
    await check(page, axe, screenshots, "kb-narrow-gaps")
    await page.goto(f"{address}/desk/knowledge/check")
    await expect(page.locator(".check-list section").first).to_be_visible()
    await check(page, axe, screenshots, "kb-narrow-check")


@pytest.mark.parametrize("locale", ["bn", "hi"])
async def test_in_the_author_s_language(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path, locale: str
) -> None:
    author = await house.agent("Asha", role="author")
    async with house.db.transaction() as session:
        (await session.get(Agent, author.id)).locale = locale
    context = await browser.new_context(
        locale="en-GB", color_scheme="dark", viewport={"width": 1280, "height": 800}
    )
    page = await context.new_page()
    await sign_in(page, address)
    await page.goto(f"{address}/desk/knowledge/return-item?locale=es")
    await page.locator("[data-kb-machine]").click()
    await expect(page.locator(".waiting-note")).to_be_visible()
    await expect(page.locator("#kb-variants li").first).to_be_visible()
    await check(page, axe, screenshots, f"kb-machine-{locale}")
    await page.goto(f"{address}/desk/knowledge/check")
    await expect(page.locator(".check-list section").first).to_be_visible()
    await check(page, axe, screenshots, f"kb-check-{locale}")

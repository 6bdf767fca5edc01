"""Writing to a client in a real browser: kept replies by keyboard, earlier messages, long lists."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.conversations import log
from bot.desk import canned
from bot.handoff import queue
from tests.desk.browsing import sign_in
from tests.desk.test_browser import _check

House = Any
SAMPLES = Path(__file__).parents[2] / "data" / "canned.yml"

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def _held(house: House, **facts: Any) -> str:
    """A Bengali client whom Asha has, who reads English."""
    asha = await house.agent("Asha", languages={"en": 3}, **facts)
    chat = await house.chat("আমার অর্ডার কোথায়?", "bn", name="রিনা দাস", zone="Asia/Dhaka")
    handoff = await house.hand_off(chat)
    async with house.db.transaction() as session:
        await queue.claim(session, handoff, asha.id)
    return str(chat)


async def _open(browser: Browser, house: House, where: str, chat: str, **options: Any) -> Page:
    options = {"viewport": {"width": 1360, "height": 860}, "locale": "en-GB", **options}
    page = await (await browser.new_context(**options)).new_page()
    await sign_in(page, where)
    await page.goto(f"{where}/desk/c/{chat}?tab=mine")
    return page


async def test_kept_replies_by_keyboard(
    house: House, address: str, browser: Browser, axe: Any, screenshots: Path
) -> None:
    await canned.import_samples(house.db, canned.read_samples(SAMPLES))
    chat = await _held(house, role="author")
    page = await _open(browser, house, address, chat)
    box = page.get_by_label("Your message")
    await box.press_sequentially("/")
    options = page.locator("#canned").get_by_role("option")
    await expect(options).to_have_count(5)
    await _check(page, axe, screenshots, "replies-open")
    await box.press_sequentially("gr")
    await expect(options).to_have_count(1)
    await expect(options).to_contain_text("this is Asha from Nadi")
    await page.keyboard.press("Enter")
    await expect(box).to_have_value("হ্যালো রিনা, Nadi থেকে Asha বলছি। কীভাবে সাহায্য করতে পারি?")
    await expect(page.locator("#canned")).to_be_hidden()
    await box.press_sequentially(" /")
    await page.keyboard.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Escape")
    await expect(page.locator("#canned")).to_be_hidden()
    await expect(box).to_be_focused()
    # A slash inside a word is no question for a reply.
    await box.fill("")
    await box.press_sequentially("3/4")
    await expect(page.locator("#canned")).to_be_hidden()
    await box.fill("")
    # From anywhere on the page.
    await page.locator("#history").focus()
    await page.keyboard.press("/")
    await expect(box).to_be_focused()
    await expect(options).to_have_count(5)
    await options.nth(2).click()
    await page.keyboard.press("Enter")
    await expect(page.locator("#thread .message.agent")).to_have_count(1)

    await page.get_by_role("link", name="Replies").click()
    await _check(page, axe, screenshots, "replies")
    await page.get_by_role("link", name="/greet").click()
    await _check(page, axe, screenshots, "reply")
    await page.get_by_label("Shortcut").fill("hello")
    await page.get_by_role("button", name="Save").click()
    await page.wait_for_url(f"{address}/desk/replies")
    await expect(page.locator("main")).to_contain_text("/hello")


async def test_earlier_messages_come_on_request_and_stay(
    house: House, address: str, browser: Browser, axe: Any, screenshots: Path
) -> None:
    chat = await _held(house)
    async with house.db.transaction() as session:
        for n in range(230):
            await log.say(session, chat, "client", f"line {n}", "en")
    page = await _open(browser, house, address, chat)
    lines = page.locator(".thread [data-seq]")
    await expect(lines).to_have_count(100)
    earlier = page.get_by_role("button", name="Show earlier messages")
    await earlier.click()
    await expect(lines).to_have_count(200)
    # What the reader looks at stays where it is, and live messages leave the earlier ones alone.
    place = await page.evaluate("document.querySelector('#history').scrollTop")
    assert place > 500
    await house.client_says(chat, "hello again")
    await expect(page.locator("#thread .message.client").last).to_contain_text("hello again")
    await expect(lines).to_have_count(201)
    named = "[...document.querySelectorAll('.day:not([hidden])')].map(day => day.dataset.day)"
    days: list[str] = await page.evaluate(named)
    assert days and len(days) == len(set(days))  # at midnight there are two
    await earlier.click()
    await expect(page.locator("#older")).to_contain_text("line 0")
    await expect(earlier).to_be_hidden()
    await _check(page, axe, screenshots, "earlier")


async def test_the_filter_keeps_focus_and_stays_in_the_address(
    house: House, address: str, browser: Browser
) -> None:
    await house.agent("Asha")
    bengali = await house.chat("আমার অর্ডার?", "bn")
    for chat in (bengali, await house.chat("My order?", "en")):
        await house.hand_off(chat)
    page = await (await browser.new_context(locale="en-GB")).new_page()
    await sign_in(page, address)
    rows = page.locator(".row")
    await expect(rows).to_have_count(2)
    choice = page.get_by_label("Language", exact=True).first
    await choice.focus()
    await choice.select_option("bn")
    await expect(rows).to_have_count(1)
    await expect(choice).to_be_focused()
    await house.hand_off(await house.chat("എന്റെ ഓർഡർ?", "ml"))
    await expect(page.locator("#filter-lang option[value=ml]")).to_have_count(1)
    await expect(choice).to_have_value("bn")
    await page.reload()
    await expect(rows).to_have_count(1)
    await rows.first.click()
    await page.wait_for_url(f"{address}/desk/c/{bengali}?tab=waiting&lang=bn")
    await expect(page.locator("#filter-lang")).to_have_value("bn")

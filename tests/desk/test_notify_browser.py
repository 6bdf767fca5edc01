"""Sound and browser notifications: when they come, and when they must not."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.conversations.models import Conversation
from bot.handoff import queue
from tests.desk.browsing import sign_in

House = Any

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# What the browser would show and play, written down instead.
_BOUNDARY = """
window.shown = []; window.rung = 0;
window.Notification = class extends EventTarget {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, { body }) { super(); window.shown.push(`${title}: ${body}`); }
  close() {}
};
window.AudioContext = class {
  state = "running"; currentTime = 0; destination = {};
  resume() {}
  createGain() {
    const gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
    return { gain, connect: (next) => next };
  }
  createOscillator() {
    const start = () => { window.rung += 1; };
    return { frequency: {}, connect: (next) => next, start, stop() {} };
  }
};
"""
TONES = 2  # in one sound


async def _desk(
    house: House, address: str, browser: Browser, *, sound: bool, notice: bool
) -> tuple[Page, BrowserContext]:
    context = await browser.new_context(locale="en-GB", permissions=["notifications"])
    await context.add_init_script(_BOUNDARY)
    page = await context.new_page()
    await sign_in(page, address)
    await page.get_by_text("Asha", exact=True).click()
    if sound:
        await page.get_by_label("By a sound").check()
        await page.wait_for_function(f"() => window.rung === {TONES}")  # how it sounds
        await page.evaluate("window.rung = 0")
    if notice:
        await page.get_by_label("By a notification").check()
    await page.keyboard.press("Escape")
    return page, context


async def _look_away(page: Page, context: BrowserContext) -> None:
    """Another tab is in front, as with somebody who works elsewhere."""
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    await (await context.new_page()).bring_to_front()
    await page.wait_for_function("() => !document.hasFocus()")


async def _counted(page: Page, number: int) -> None:
    """Wait until the title counts so many: it does when notices are given, in the same breath."""
    await expect(page).to_have_title(re.compile(rf"^\({number}\) "))


async def _said(page: Page) -> tuple[list[str], int]:
    return await page.evaluate("window.shown"), await page.evaluate("window.rung")


async def _arrives(house: House, page: Page, text: str, locale: str = "en") -> str:
    chat = await house.chat(text, locale)
    await house.hand_off(chat)
    await expect(page.locator(f"#row-{chat}")).to_have_count(1)
    await _counted(page, 1)
    return str(chat)


async def test_somebody_new_is_heard_and_seen_by_whoever_looks_away(
    house: House, address: str, browser: Browser
) -> None:
    await house.agent("Asha", languages={"en": 3})
    page, context = await _desk(house, address, browser, sound=True, notice=True)
    await _look_away(page, context)
    chat = await _arrives(house, page, "My secret is 4411")
    shown, rung = await _said(page)
    assert rung == TONES
    assert len(shown) == 1
    assert "4411" not in shown[0]
    # Who leaves the queue makes no noise, and neither does who writes on while they wait.
    await house.client_says(chat, "Hello?")
    await expect(page.locator(f"#row-{chat} .last")).to_have_text("Hello?")
    assert await _said(page) == (shown, TONES)


async def test_whoever_looks_at_the_desk_is_not_shown_what_they_see(
    house: House, address: str, browser: Browser
) -> None:
    await house.agent("Asha", languages={"en": 3})
    page, _ = await _desk(house, address, browser, sound=True, notice=True)
    assert await page.evaluate("document.hasFocus()")
    await _arrives(house, page, "Hello")
    assert await _said(page) == ([], TONES)


async def test_muted_is_muted(house: House, address: str, browser: Browser) -> None:
    await house.agent("Asha", languages={"en": 3})
    page, context = await _desk(house, address, browser, sound=False, notice=False)
    await _look_away(page, context)
    await _arrives(house, page, "Hello")
    assert await _said(page) == ([], 0)


async def test_who_is_not_for_me_is_not_told(house: House, address: str, browser: Browser) -> None:
    asha = await house.agent("Asha", languages={"en": 3})
    bina = await house.agent("Bina", languages={"bn": 3, "en": 3})
    page, context = await _desk(house, address, browser, sound=True, notice=True)
    await _look_away(page, context)
    theirs = await _arrives(house, page, "আমার অর্ডার কোথায়?", "bn")
    assert await _said(page) == ([], 0), "nobody can answer a language that they do not speak"
    async with house.db.transaction() as session:
        standing = await queue.open_of(session, theirs)
        assert standing is not None
        await queue.claim(session, standing.id, bina.id)
    await house.client_says(theirs, "শুনছেন?", "bn")
    await expect(page.locator(f"#row-{theirs}")).to_have_count(0)
    assert await _said(page) == ([], 0), "what a colleague's client writes"

    mine = await _arrives(house, page, "Where is it?")
    before = await _said(page)
    async with house.db.transaction() as session:
        standing = await queue.open_of(session, mine)
        assert standing is not None
        await queue.claim(session, standing.id, asha.id)
        row = (
            await session.execute(sa.select(Conversation).where(Conversation.id == mine))
        ).scalar_one()
        assert row.owner == f"agent:{asha.id}"
    await house.client_says(mine, "Are you there?")
    await expect(page.locator("[data-unread='1']")).to_have_count(1)
    await _counted(page, 1)
    shown, rung = await _said(page)
    assert (len(shown), rung) == (len(before[0]) + 1, before[1] + TONES), "my client writes"

"""The desk alone in a real browser: sign in, claim, answer, resolve, follow up; no axe faults."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.conversations import log
from bot.desk import events
from bot.feedback import csat
from bot.handoff import invitations, queue
from bot.languages.say import say
from tests.desk.browsing import sign_in
from tests.patience import until

House = Any
Axe = Callable[[Page], Awaitable[list[str]]]
PASSWORD = "a long enough sentence"

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def _check(page: Page, axe: Axe, folder: Path, name: str) -> None:
    assert await axe(page) == [], name
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"
    await page.screenshot(path=folder / f"desk-{name}.png")


async def _seed(house: House) -> tuple[str, str]:
    """Several people wait; the first is Rina, in Bengali."""
    chat = await house.chat("নমস্কার", "bn", name="রিনা দাস", zone="Asia/Dhaka")
    async with house.db.transaction() as session:
        await log.say(session, chat, "bot", "নমস্কার! Nadi-এ স্বাগতম। কীভাবে সাহায্য করতে পারি?", "bn")
    await house.client_says(chat, "আমার অর্ডার ৪৮২১৩ এখনও আসেনি। কবে পাব?", "bn")
    async with house.db.transaction() as session:
        await log.append(
            session, chat, "understood",
            {"intent": "question", "entities": [{"entity": "order_number", "value": "48213"}]},
        )  # fmt: skip
        await log.say(
            session, chat, "bot",
            "অর্ডার দেওয়ার পর সাধারণত **৩ থেকে ৫ দিন** লাগে।\n\n- ট্র্যাকিং লিংক এসএমএসে যায়\n- দেরি হলে জানাই",
            "bn", buttons=[{"title": "হ্যাঁ", "payload": "a"}, {"title": "না", "payload": "b"}],
        )  # fmt: skip
        await log.append(
            session, chat, "article_shown",
            {"article": "late-delivery", "locale": "bn", "confidence": 0.8},
        )  # fmt: skip
    await house.client_says(chat, "না, একজন মানুষের সঙ্গে কথা বলতে চাই", "bn")
    handoff = await house.hand_off(chat)
    for text, locale, name, reason in [
        ("माझी ऑर्डर खराब निघाली, पैसे परत पाहिजेत", "mr", "स्नेहा पाटील", "complaint"),
        ("I was charged twice for the lamp, please check", "en", None, "unanswered"),
        ("ഓർഡർ ക്യാൻസൽ ചെയ്യാൻ പറ്റുന്നില്ല", "ml", "അനിൽകുമാർ കെ.", "asked"),
    ]:
        await house.hand_off(await house.chat(text, locale, name=name), reason)
    await house.chat("मेरा ऑर्डर कब आएगा?", "hi", name="रमेश")
    return chat, handoff


async def typing_is_seen(house: House, chat: str, page: Page) -> None:
    """The client types until the agent's page shows it: a few seconds after each key it fades."""
    seen = asyncio.create_task(expect(page.locator("#typing")).to_be_visible())
    while not seen.done():
        house.composing.mark(chat, "client")
        house.wake.call("desk")
        await asyncio.wait([seen], timeout=1)
    await seen


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_working_day(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path, scheme: Any
) -> None:
    async with house.db.transaction() as session:
        code = await invitations.first_login(session)
    chat, _ = await _seed(house)
    context = await browser.new_context(
        color_scheme=scheme, locale="en-GB", viewport={"width": 1360, "height": 860}
    )
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)

    await page.goto(f"{address}/desk/welcome?code={code}")
    await page.get_by_label("Name").fill("Asha Rao")
    await page.get_by_label("E-mail").fill("asha@nadi.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("বাংলা").check()
    await _check(page, axe, screenshots, f"welcome-{scheme}")
    await page.get_by_role("button", name="Create the account").click()
    await page.wait_for_url(f"{address}/desk")
    await _check(page, axe, screenshots, f"queue-{scheme}")

    # By keyboard: down the list to the longest waiting, open, claim.
    await page.keyboard.press("j")
    await expect(page.locator(".row").first).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{address}/desk/c/{chat}*")
    await _check(page, axe, screenshots, f"waiting-{scheme}")
    await page.keyboard.press("t")
    box = page.get_by_label("Your message")
    await expect(box).to_be_focused()

    # The client writes while the agent types: it appears, and what was typed stays with its focus.
    told: list[tuple[str, str, bool]] = []
    house.composing.relay = lambda *what: told.append(what)
    await box.type("নমস্কার রিনা, ")
    await house.client_says(chat, "কেউ আছেন?", "bn")
    await expect(page.locator("#thread .message.client").last).to_contain_text("কেউ আছেন?")
    await expect(box).to_be_focused()
    await expect(box).to_have_value("নমস্কার রিনা, ")
    await until(lambda: (chat, "agent", True) in told)
    await typing_is_seen(house, chat, page)
    await box.type("আমি দেখছি।")
    await _check(page, axe, screenshots, f"conversation-{scheme}")
    await page.keyboard.press("Enter")
    await expect(page.locator("#thread .message.agent").last).to_contain_text("আমি দেখছি।")
    await expect(box).to_have_value("")
    await expect(box).to_be_focused()

    await page.get_by_label("Note", exact=False).check()
    await box.fill("Courier says tomorrow")
    await page.get_by_role("button", name="Save note").click()
    await expect(page.locator(".note")).to_contain_text("Courier says tomorrow")
    await _check(page, axe, screenshots, f"note-{scheme}")

    await page.locator("#pass-on summary").click()
    await page.get_by_label("What should the next one know?").fill("half a note")
    await house.client_says(chat, "হ্যালো?", "bn")
    await expect(page.locator("#thread .message.client").last).to_contain_text("হ্যালো?")
    await expect(page.get_by_label("What should the next one know?")).to_have_value("half a note")
    await _check(page, axe, screenshots, f"pass-on-{scheme}")
    await page.keyboard.press("Escape")
    await page.locator("#pass-on summary").blur()
    await page.keyboard.press("e")
    await expect(page.locator("#wrap-done")).to_be_focused()
    await page.get_by_label("Topic").fill("delivery")
    await page.get_by_label("Anything promised?").fill("Write again when the parcel is there")
    await _check(page, axe, screenshots, f"wrap-up-{scheme}")
    await page.locator("#wrap-done").click()
    await expect(page.locator("#composer")).to_have_count(0)
    await expect(page.locator("#thread .message.bot").last).to_contain_text(
        say("csat.label_5", "bn")
    )

    async with house.db.transaction() as session:
        await log.say(session, chat, "client", "২", "bn", message_id="r1")
        await csat.claim(session, chat, text="২")
        await log.say(session, chat, "client", "উত্তর পেতে অনেক দেরি হয়েছে", "bn", message_id="r2")
        await csat.claim(session, chat, text="উত্তর পেতে অনেক দেরি হয়েছে")
    house.wake.call("desk", f"conversation:{chat}")
    await expect(page.locator("#thread")).to_contain_text("Rated 2 of 5")
    await _check(page, axe, screenshots, f"rated-{scheme}")

    await page.get_by_role("link", name="Follow-ups").first.click()
    promised = page.locator(".owed .card").filter(has_text="Write again when the parcel is there")
    await promised.get_by_role("button", name="Done").click()
    await expect(promised).to_have_count(0)
    card = page.locator(".owed .card")
    await expect(card).to_contain_text("উত্তর পেতে অনেক দেরি হয়েছে")
    await _check(page, axe, screenshots, f"follow-ups-{scheme}")
    await card.get_by_role("link", name="Open the conversation").click()
    await page.get_by_role("button", name="Write to the client").click()
    await box.fill("রিনা, আপনার পার্সেল আজ বিকেলে পৌঁছাবে।")
    await page.keyboard.press("Enter")
    await expect(page.locator("#thread .message.agent").last).to_contain_text("পার্সেল")
    await page.locator("#resolve").click()
    await expect(page.locator("#wrap-done")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#composer")).to_have_count(0)
    await expect(page.locator("#thread .message.agent").last).to_contain_text("পার্সেল")
    await page.get_by_role("link", name="Follow-ups").first.click()
    await card.get_by_role("button", name="Done").click()
    await expect(card).to_have_count(0)
    await _check(page, axe, screenshots, f"follow-ups-none-{scheme}")
    await page.keyboard.press("?")
    await _check(page, axe, screenshots, f"keys-{scheme}")
    assert faults == []


async def test_on_a_narrow_screen_and_zoomed(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    agent = await house.agent("Asha")
    chat, handoff = await _seed(house)
    context = await browser.new_context(viewport={"width": 320, "height": 640}, locale="en-GB")
    page = await context.new_page()
    await page.goto(f"{address}/desk/login")
    await _check(page, axe, screenshots, "narrow-login")
    await sign_in(page, address)
    await _check(page, axe, screenshots, "narrow-queue")
    await page.locator(".row").first.click()
    await page.get_by_role("button", name="Take this chat").click()
    await page.get_by_label("Your message").fill("নমস্কার, দেখছি")
    await _check(page, axe, screenshots, "narrow-conversation")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#thread .message.agent")).to_contain_text("দেখছি")
    await page.get_by_role("link", name="Back to the queue").click()
    await expect(page.locator(".row")).to_be_visible()
    assert agent.id and handoff and chat


async def test_the_loser_of_a_claim_is_told_who_has_it(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(events, "_LOOK_EVERY", 600.0)
    await house.agent("Asha")
    bina = await house.agent("Bina")
    chat, handoff = await _seed(house)
    context = await browser.new_context(
        viewport={"width": 1360, "height": 860}, locale="en-GB", color_scheme="light"
    )
    page = await context.new_page()
    await sign_in(page, address)
    await page.goto(f"{address}/desk/c/{chat}")
    claim = page.get_by_role("button", name="Take this chat")
    await expect(claim).to_be_visible()
    # Without a wake-up, nor a look for its own sake: the page does not know yet.
    async with house.db.transaction() as session:
        await queue.claim(session, handoff, bina.id)
    await claim.click()
    await expect(page.get_by_role("alert")).to_have_text("Bina has this chat.")
    await expect(page.locator("#foot-other")).to_contain_text("Bina has this chat")
    await _check(page, axe, screenshots, "lost-claim")


async def test_drafts_survive_leaving_the_page(
    house: House, address: str, browser: Browser
) -> None:
    asha = await house.agent("Asha")
    chat, handoff = await _seed(house)
    async with house.db.transaction() as session:
        await queue.claim(session, handoff, asha.id)
    page = await (await browser.new_context(locale="en-GB")).new_page()
    await sign_in(page, address)
    await page.goto(f"{address}/desk/c/{chat}")
    await page.get_by_label("Your message").type("half a thou")
    await page.goto(f"{address}/desk/follow-ups")
    await page.goto(f"{address}/desk/c/{chat}")
    await expect(page.get_by_label("Your message")).to_have_value("half a thou")

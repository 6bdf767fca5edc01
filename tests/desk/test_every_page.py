"""Every page of the desk in a real browser: axe, 320 pixels and 400 % zoom, language, skip link,
focus; and the keys, which nobody has to have.

A page that is missing from the table fails: whoever adds one says here how to open it.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from playwright.async_api import Browser, Page, expect

from bot.conversations import log
from bot.db import new_id, now
from bot.desk.models import Canned, CannedText
from bot.feedback import csat
from bot.handoff import agents, closing, invitations, queue
from bot.knowledge.models import Article, Body

House = Any
Axe = Callable[[Page], Awaitable[list[str]]]

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

# 400 % of 1280 by 800 pixels are 320 by 200 (WCAG 1.4.10).
SIZES = {"wide": (1280, 800), "narrow": (320, 640), "zoomed": (320, 200)}
OPEN_TO_ALL = {"/desk/login", "/desk/welcome", "/desk/forgot", "/desk/recover"}
PAGES = {
    "/desk/login": ["/desk/login"],
    "/desk/welcome": ["/desk/welcome?code={invited}", "/desk/welcome?code=gone"],
    "/desk/forgot": ["/desk/forgot"],
    "/desk/recover": ["/desk/recover?code={recovery}", "/desk/recover?code=gone"],
    "/desk": ["/desk", "/desk?tab=mine", "/desk?tab=all"],
    "/desk/c/{chat}": [
        "/desk/c/{mine}?tab=mine", "/desk/c/{waiting}", "/desk/c/{rated}?tab=all",
        "/desk/c/{nobody}",
    ],
    "/desk/follow-ups": ["/desk/follow-ups", "/desk/follow-ups?done=true"],
    "/desk/knowledge": ["/desk/knowledge", "/desk/knowledge?q=nothing"],
    "/desk/knowledge/new": ["/desk/knowledge/new"],
    "/desk/knowledge/gaps": ["/desk/knowledge/gaps"],
    "/desk/knowledge/check": ["/desk/knowledge/check"],
    "/desk/knowledge/{article}": [
        "/desk/knowledge/late-delivery?locale=en", "/desk/knowledge/late-delivery?locale=bn",
        "/desk/knowledge/late-delivery?locale=en&view=history", "/desk/knowledge/none",
    ],
    "/desk/replies": ["/desk/replies"],
    "/desk/replies/new": ["/desk/replies/new"],
    "/desk/replies/{reply}": ["/desk/replies/{reply}"],
    "/desk/reports": [
        "/desk/reports", "/desk/reports?agent={me}", "/desk/reports?first=2100-01-01",
        "/desk/reports?first=2026-02-02&last=2026-02-01",
    ],
    "/desk/settings": ["/desk/settings"],
    "/desk/account": ["/desk/account"],
    "/desk/people": ["/desk/people"],
    "/desk/people/{agent}": [
        "/desk/people/{agent}", "/desk/people/{gone}", "/desk/people/{nobody}",
    ],
    "/desk/audit": ["/desk/audit", "/desk/audit?action=none"],
}  # fmt: skip
NOWHERE = {
    "outside": ["/desk/nothing", "/desk?rows=0"],
    "inside": ["/desk/nothing", "/desk?rows=0&tab=theirs", "/desk/parts/knowledge/preview"],
}
"""Addresses that are no page's: what is said of them is a page, too."""


def test_every_page_is_looked_at(house: House) -> None:
    there = {
        route.path.replace(":path", "")
        for route in house.app.routes
        if isinstance(route, APIRoute)
        and "GET" in route.methods
        and route.path.startswith("/desk")
        and not route.path.startswith(("/desk/parts", "/desk/static", "/desk/attachments"))
    }
    assert (there - set(PAGES), set(PAGES) - there) == (set(), set())


async def _furnished(house: House) -> dict[str, str]:
    """A desk with something in every list; gives what the addresses hold."""
    asha = await house.agent(
        "Asha", role="admin", languages={"bn": 3, "en": 2}, skills=["payments"]
    )
    bina = await house.agent("Bina")
    found = {"nobody": "0" * 32, "agent": bina.id, "me": asha.id}
    for name, text, locale in (
        ("mine", "আমার অর্ডার এখনও আসেনি", "bn"),
        ("waiting", "माझी ऑर्डर खराब निघाली", "mr"),
        ("rated", "I was charged twice", "en"),
    ):
        found[name] = await house.chat(text, locale, name="রিনা দাস", zone="Asia/Dhaka")
    mine, rated = await house.hand_off(found["mine"]), await house.hand_off(found["rated"])
    await house.hand_off(found["waiting"], "complaint")
    async with house.db.transaction() as session:
        session.add(Article(id="late-delivery", category="delivery", source_locale="en"))
        await session.flush()
        for locale, title in (("en", "My order is late"), ("bn", "অর্ডার আসতে দেরি হচ্ছে")):
            body = Body(
                article="late-delivery", locale=locale, title=title, body="Three to five days.",
                questions=["Where is my order?"], tags=["late"], state="published", version=1,
                source_version=1, updated_at=now(), updated_by=asha.id,
            )  # fmt: skip
            session.add(body)
        for handoff in (mine, rated):
            await queue.claim(session, handoff, asha.id)
        await queue.add_note(session, found["mine"], asha.id, "Courier says tomorrow")
        row, interaction = await closing.resolve(session, rated, asha.id)
        await csat.ask(session, row.conversation_id, interaction, asha.id, asha.name)
        await log.say(session, found["rated"], "client", "1", "en", message_id=new_id())
        await csat.claim(session, found["rated"], text="1")
        reply = Canned(shortcut="hello")
        session.add(reply)
        await session.flush()
        session.add(CannedText(canned_id=reply.id, locale="en", register="", text="Hello"))
        found["reply"] = reply.id
        found["invited"] = await invitations.invite(session, "cora@nadi.example")
        found["recovery"] = await invitations.recovery(session, asha)
        gone = await agents.add(
            session, email="gone@nadi.example", name="Dipu", password_hash="-"
        )  # fmt: skip
        gone.disabled = True
        found["gone"] = gone.id
    return found


async def _enter(house: House, browser: Browser, agent: str, address: str, **facts: Any) -> Page:
    """A page of a browser in which an agent is signed in."""
    context = await browser.new_context(**facts)
    async with house.db.transaction() as session:
        opened = await agents.sign_in(session, await session.get(agents.Agent, agent))
    assert opened is not None
    await context.add_cookies([{"name": "setu_desk", "value": opened.token, "url": address}])
    return await context.new_page()


@pytest.mark.parametrize("locale", ["en", "bn"])
async def test_a_page_can_be_used_by_everybody(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path, locale: str
) -> None:
    names = await _furnished(house)
    outside = await (await browser.new_context(locale=locale)).new_page()
    inside = await _enter(house, browser, names["me"], address, locale=locale)
    wrong: list[str] = []
    for route, urls in {**PAGES, **NOWHERE}.items():
        page = outside if route in OPEN_TO_ALL | {"outside"} else inside
        for number, url in enumerate(urls):
            await page.goto(address + url.format(**names))
            if await page.evaluate("document.documentElement.lang") != locale:
                wrong.append(f"{url}: not in {locale}")
            if await page.locator("h1").count() != 1 or await page.locator("main").count() != 1:
                wrong.append(f"{url}: not one heading and one main part")
            if page is inside:
                first = "document.querySelector('a[href], button, input, select, summary')"
                if not await page.evaluate(f"{first}?.matches('.skip') ?? false"):
                    wrong.append(f"{url}: the first stop is no link to the content")
            name = "-".join(["page", *route.strip("/").split("/"), str(number), locale])
            name = name.replace("{", "").replace("}", "")
            for size, (width, height) in SIZES.items():
                await page.set_viewport_size({"width": width, "height": height})
                wrong += [f"{url}, {size}: {fault}" for fault in await axe(page)]
                over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                if over > 0:
                    wrong.append(f"{url}, {size}: scrolls sideways by {over} px")
                await page.screenshot(path=screenshots / f"{name}-{size}.png")
    assert "\n".join(wrong) == ""


async def test_everything_in_a_chat_goes_by_keys(
    house: House, address: str, browser: Browser
) -> None:
    names = await _furnished(house)
    page = await _enter(house, browser, names["me"], address, locale="en")
    await page.goto(f"{address}/desk")
    await page.keyboard.press("j")
    await expect(page.locator(".rows a.row").first).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{address}/desk/c/{names['waiting']}*")
    await page.keyboard.press("t")
    box = page.get_by_label("Your message")
    await expect(box).to_be_focused()
    await box.press_sequentially("jkt e?n")
    await expect(box).to_have_value("jkt e?n")
    assert not await page.locator("dialog[open]").count(), "no key fires while somebody types"
    await box.press("Control+Enter")
    await expect(page.locator("#thread .message.agent").last).to_contain_text("jkt e?n")
    await expect(box).to_have_value("")
    await page.keyboard.press("Escape")
    await expect(page.locator(".rows a.row").first).to_be_focused()
    await page.keyboard.press("n")
    await expect(page.locator("#as-note")).to_be_checked()
    await box.fill("only for us")
    await box.press("Control+Enter")
    await expect(page.locator(".note")).to_contain_text("only for us")
    await expect(box).to_have_value("")
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await expect(page.locator("#as-note")).not_to_be_checked()
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.keyboard.press("e")
    await expect(page.locator("#resolve")).to_have_count(1)
    await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    await expect(page.locator("#wrap-done")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#composer")).to_have_count(0)


async def test_keys_can_be_moved_and_switched_off(
    house: House, address: str, browser: Browser
) -> None:
    names = await _furnished(house)
    page = await _enter(house, browser, names["me"], address, locale="en")
    first = page.locator(".rows a.row").first

    async def choose(label: str) -> None:
        await page.goto(f"{address}/desk/account")
        await page.get_by_label(label).check()
        async with page.expect_navigation():
            await page.get_by_role("button", name="Save", exact=True).click()
        await page.goto(f"{address}/desk")

    await choose("Keys together with Alt")
    await page.keyboard.press("j")
    await expect(first).not_to_be_focused()
    await page.keyboard.press("Alt+j")
    await expect(first).to_be_focused()
    await page.keyboard.press("Alt+?")
    await expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Alt+t")
    await choose("No shortcuts")
    for key in ("j", "Alt+j", "?"):
        await page.keyboard.press(key)
    await expect(first).not_to_be_focused()
    assert not await page.locator("dialog[open]").count()
    await page.locator(".me summary").click()
    await page.get_by_role("button", name="Keys").click()
    await expect(page.get_by_role("dialog", name="Keys")).to_contain_text("switched off")


async def test_keys_work_on_a_keyboard_of_another_script(
    house: House, address: str, browser: Browser
) -> None:
    names = await _furnished(house)
    page = await _enter(house, browser, names["me"], address, locale="en")
    await page.goto(f"{address}/desk")
    await page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'ব', code: 'KeyJ', bubbles: true, cancelable: true}))"
    )
    await expect(page.locator(".rows a.row").first).to_be_focused()

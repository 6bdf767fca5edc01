"""The chat widget in a real browser, on the sample shop, against a real server."""

import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import jwt
import pytest
from playwright.async_api import Browser, Page, expect

from tests.channels.widget.shop_app import RATINGS, SECRET
from tests.e2e.shop import Server, Visit, log_of, open_chat, said, send

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

Axe = Callable[[Page], Awaitable[list[str]]]


async def test_by_keyboard_alone(visit: Visit, axe: Axe) -> None:
    page = await visit()
    assert await axe(page) == []
    launcher = page.get_by_role("button", name="Open chat")
    await page.locator("footer").click()
    await page.keyboard.press("Tab")
    await expect(launcher).to_be_focused()
    await page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="Your message")
    await expect(field).to_be_focused()
    assert await axe(page) == []
    await page.keyboard.type("first line")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second")
    await page.keyboard.press("Enter")
    await expect(said(page, "client")).to_contain_text("first line\nsecond")
    await expect(said(page, "bot")).to_contain_text("You said: first line")
    await expect(field).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name="Attach a picture or a PDF")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("log")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(launcher).to_be_focused()


async def test_every_state_is_accessible(visit: Visit, axe: Axe, screenshots: Path) -> None:
    page = await visit(width=420, height=760)
    await open_chat(page)
    await send(page, "hello")
    await expect(said(page, "bot")).to_have_count(1)
    for number, word in enumerate(("refund", "menu", "rate"), 2):
        await send(page, word)
        await expect(said(page, "bot")).to_have_count(number)
        assert await axe(page) == [], word
        await page.screenshot(path=screenshots / f"widget-{word}.png")
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.get_by_role("log")).to_be_focused()
    await expect(page.get_by_role("status").first).to_have_text("Waiting for one of our team")
    assert await axe(page) == []
    await send(page, "an agent comes")
    await expect(said(page, "agent")).to_contain_text("Asha")
    await expect(said(page, "agent").get_by_role("link")).to_have_attribute(
        "href", "https://shop.example/orders"
    )
    assert await axe(page) == []
    await page.get_by_role("textbox").fill("a" * 4001)
    await expect(page.locator("#excess")).to_have_text("Too long by 1")
    assert await axe(page) == []


async def test_a_code_makes_one_of_two_chats(visit: Visit, axe: Axe, screenshots: Path) -> None:
    page = await visit(width=420, height=760)
    await open_chat(page)
    toggle = page.get_by_role("button", name="Continue from another chat")
    await toggle.click()
    field = page.get_by_role("textbox", name="Code from your other chat / Your e-mail address")
    await expect(field).to_be_focused()
    await page.get_by_role("button", name="Get a code for the other chat").click()
    form = page.locator("form.linking")
    await expect(form.get_by_role("status")).to_contain_text("Your code is link-")
    assert await axe(page) == []
    await page.screenshot(path=screenshots / "widget-link.png")

    await field.fill("nobody")
    await page.keyboard.press("Enter")
    await expect(form.get_by_role("status")).not_to_contain_text("Your code")
    await expect(form.get_by_role("status")).not_to_be_empty()
    await field.fill("Rina@Example.com")
    await page.keyboard.press("Enter")
    await expect(form.get_by_role("status")).to_contain_text("A code is on its way to that address")
    assert await axe(page) == []

    await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    await expect(toggle).to_be_focused()
    await page.keyboard.press("Enter")
    await field.fill("LINK-abcd2345")
    await page.keyboard.press("Enter")
    await expect(said(page, "client")).to_contain_text("LINK-abcd2345")
    await expect(toggle).to_be_focused()


@pytest.mark.parametrize("lang", ["bn", "ar", "ml"])
async def test_the_way_to_link_fits_a_phone_in_any_script(
    visit: Visit, axe: Axe, screenshots: Path, lang: str
) -> None:
    page = await visit(lang, width=360, height=640)
    await open_chat(page)
    await page.locator(".header .icon").first.click()
    form = page.locator("form.linking")
    await form.get_by_role("button").first.click()
    await expect(form.get_by_role("status")).to_contain_text("link-")
    wide = "() => document.documentElement.scrollWidth <= innerWidth"
    assert await page.evaluate(wide)
    assert await axe(page) == []
    # The ring of the field that has the focus leaves its label alone.
    gap = """label => {
      const range = document.createRange();
      range.selectNodeContents(label.firstChild);
      const field = label.querySelector("input");
      const { outlineWidth, outlineOffset } = getComputedStyle(field);
      const ring = parseFloat(outlineWidth) + parseFloat(outlineOffset);
      return field.getBoundingClientRect().top - ring - range.getBoundingClientRect().bottom;
    }"""
    await form.get_by_role("textbox").focus()
    assert await form.locator("label").evaluate(gap) >= 0
    await page.screenshot(path=screenshots / f"widget-link-{lang}.png")


async def test_quick_replies_are_used_once(visit: Visit, server: Server) -> None:
    page = await visit()
    await open_chat(page)
    await page.get_by_role("button", name="Where is my parcel now?").click()
    await expect(said(page, "client")).to_contain_text("Where is my parcel now?")
    await expect(said(page, "bot")).to_contain_text("You said: article:track-order")
    await expect(page.get_by_role("button", name="Where is my parcel now?")).to_have_count(0)
    await send(page, "menu")
    choice = page.get_by_role("button", name="Yes, thank you")
    await choice.click()
    await expect(said(page, "client").last).to_contain_text("Yes, thank you")
    await expect(choice).to_be_disabled()
    await expect(page.get_by_role("log")).to_be_focused()
    await expect(choice).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_role("button", name="No", exact=True)).to_be_disabled()
    assert (await log_of(page, server))[4]["button"].endswith("-yes")


async def test_what_was_offered_while_waiting_ends_when_somebody_comes(
    visit: Visit, server: Server
) -> None:
    page = await visit()
    await open_chat(page)
    await page.get_by_role("button", name="Talk to a person").click()
    back = page.get_by_role("button", name="Back to the assistant")
    await expect(back).to_be_enabled()
    # Nothing is written in the chat: only who holds it has changed.
    kept = await page.evaluate("() => JSON.parse(Object.values(localStorage)[0])")
    answer = await page.request.post(
        f"{server.url}/test/claim", data={"conversation": kept["conversation"]}
    )
    assert answer.ok
    await expect(page.get_by_role("status").first).to_have_text("You're talking to Asha")
    await expect(back).to_be_disabled()


async def test_a_rating_is_one_row_and_can_be_changed(visit: Visit) -> None:
    page = await visit(width=320, height=640)
    await open_chat(page)
    await send(page, "rate")
    buttons = page.get_by_role("group", name="Your rating").get_by_role("button")
    await expect(buttons).to_have_count(5)
    for number, title in enumerate(RATINGS, 1):
        button = page.get_by_role("button", name=f"{number}. {title}", exact=True)
        await expect(button).to_have_text(str(number))
    boxes = [await buttons.nth(index).bounding_box() for index in range(5)]
    assert len({(round(box["y"]), round(box["width"])) for box in boxes if box}) == 1
    for number in (2, 4):
        await buttons.nth(number - 1).click()
        await expect(buttons.nth(number - 1)).to_have_attribute("aria-pressed", "true")
    await expect(buttons.nth(1)).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize(
    ("lang", "direction", "text", "time"),
    [
        ("bn", "ltr", "আমার অর্ডার কোথায়?", r"[০-৯]{1,2}:[০-৯]{2}"),
        ("ml", "ltr", "എന്റെ ഓർഡർ എവിടെയാണ്?", r"[0-9]{1,2}:[0-9]{2}"),
        ("ar", "rtl", "أين طلبي رقم 10423؟", r"[0-9]{1,2}:[0-9]{2}"),
    ],
    ids=["bn", "ml", "ar"],
)
@pytest.mark.parametrize("width", [320, 1100])
async def test_it_speaks_the_language_of_the_page(
    visit: Visit,
    axe: Axe,
    screenshots: Path,
    lang: str,
    direction: str,
    text: str,
    time: str,
    width: int,
) -> None:
    page = await visit(lang, width, 640)
    await open_chat(page)
    await expect(page.locator(".setu")).to_have_attribute("lang", lang)
    await expect(page.locator(".setu")).to_have_attribute("dir", direction)
    await send(page, text)
    await expect(said(page, "bot")).to_have_count(1)
    await expect(said(page, "client").locator(".plain")).to_have_attribute("lang", lang)
    await expect(said(page, "client").locator("time")).to_have_text(re.compile(time))
    assert await axe(page) == []
    await page.screenshot(path=screenshots / f"widget-{lang}-{width}.png")
    overflow = await page.evaluate(
        """() => { const root = document.querySelector('setu-chat').shadowRoot;
            return [...root.querySelectorAll('*')]
                .filter(e => !e.closest('svg, .hidden, select'))
                .filter(e => { const r = e.getBoundingClientRect();
                    return r.left < -1 || r.right > innerWidth + 1; })
                .map(e => e.className); }"""
    )
    assert overflow == []
    panel = await page.get_by_role("dialog").bounding_box()
    assert panel is not None
    if width == 320:
        assert (panel["x"], panel["width"]) == (0, 320)
    else:
        assert (panel["x"] < width / 2) == (direction == "rtl")


async def test_the_interface_follows_the_conversation(visit: Visit) -> None:
    page = await visit("en")
    await open_chat(page)
    await send(page, "আমার অর্ডার কোথায়?")
    await expect(page.locator(".setu")).to_have_attribute("lang", "bn")
    async with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        await page.get_by_role("combobox").select_option("ar")
    await expect(page.locator(".setu")).to_have_attribute("dir", "rtl")
    await page.reload()
    await page.locator(".launcher").click()
    await expect(page.locator(".setu")).to_have_attribute("lang", "ar")


async def test_hostile_text_stays_text(visit: Visit) -> None:
    page = await visit()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await open_chat(page)
    hostile = (
        "<img src=x onerror=alert(1)> [x](javascript:alert(1)) \ud83d <script>alert(1)</script>"
    )
    await page.get_by_role("textbox").evaluate(
        "(field, text) => { field.value = text; field.dispatchEvent(new InputEvent('input')); }",
        hostile.encode("utf-8", "replace").decode() + "\0",
    )
    await page.keyboard.press("Enter")
    await expect(said(page, "bot")).to_contain_text("<img src=x onerror=alert(1)>")
    assert await said(page, "bot").locator("img, script, a").count() == 0
    assert dialogs == []


EMBEDDING = """<!doctype html>
<html lang="en"><title>Elsewhere</title>
<style>* { color: red !important; display: none } html, body, setu-chat { display: block }</style>
<h1>Elsewhere</h1>
<script>
  window.setu = window.setu || function () { (setu.q = setu.q || []).push(arguments) };
  window.heard = [];
  addEventListener("setu:ready", () => heard.push("ready"));
  addEventListener("setu:message", ({ detail }) => heard.push(detail.text));
  setu("open");
</script>
<script src="SERVER/widget.js" data-setu async></script>"""


async def test_a_shop_elsewhere_embeds_and_steers_it(
    browser: Browser, server: Server, elsewhere: tuple[str, Path]
) -> None:
    origin, folder = elsewhere
    (folder / "index.html").write_text(EMBEDDING.replace("SERVER", server.url))
    page = await (await browser.new_context(locale="en")).new_page()
    await page.goto(origin)
    field = page.get_by_role("textbox")
    await expect(field).to_be_visible()
    claims = {"sub": "7", "name": "Anjali", "exp": int(time.time()) + 600}
    token = jwt.encode(claims, SECRET, algorithm="HS256")
    await page.evaluate("token => setu('identify', { token })", token)
    async with page.expect_response("**/identify") as identified:
        await send(page, "hello")
    assert (await identified.value).status == 204
    await expect(said(page, "bot")).to_contain_text("You said: hello")
    await page.wait_for_function("heard.length >= 3")
    assert await page.evaluate("heard") == ["ready", "hello", "You said: hello"]
    await page.evaluate("setu('locale', 'bn')")
    await expect(page.locator(".setu")).to_have_attribute("lang", "bn")
    await page.evaluate("setu('forget')")
    await expect(said(page, "client")).to_have_count(0)
    await page.evaluate("setu('close')")
    await expect(page.locator(".launcher")).to_be_visible()


async def test_at_four_times_the_size_the_newest_and_the_field_are_seen(
    visit: Visit, axe: Axe
) -> None:
    page = await visit("ml", width=320, height=256, device_scale_factor=4)
    await open_chat(page)
    for number in (1, 2, 3):
        await send(page, f"message {number}")
        await expect(said(page, "bot")).to_have_count(number)
    await expect(said(page, "bot").last).to_be_in_viewport()
    await expect(page.get_by_role("textbox")).to_be_in_viewport(ratio=1)
    assert await axe(page) == []


async def test_at_twice_the_size_everything_is_in_reach(visit: Visit, axe: Axe) -> None:
    page = await visit(width=640, height=400, device_scale_factor=2)
    await open_chat(page)
    for name in ("Talk to a person", "Close chat", "Send"):
        box = await page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None
        assert box["y"] >= 0 and box["y"] + box["height"] <= 400
        assert min(box["width"], box["height"]) >= 24
    log = await page.get_by_role("log").bounding_box()
    assert log is not None and log["height"] >= 150
    assert await axe(page) == []

"""The chat widget in a real browser, on the sample shop, against a real server."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, Request, Route, expect

from tests.channels.widget.shop_app import RATINGS, SECRET

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
Axe = Callable[[Page], Awaitable[list[str]]]
Visit = Callable[..., Awaitable[Page]]


class Server:
    """The widget's server in a process of its own, which can go and come back."""

    def __init__(self, database: Path, origin: str) -> None:
        self._origin = origin
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._database = f"sqlite+aiosqlite:///{database}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        module = "tests.channels.widget.shop_app"
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, self._database, str(self.port)],
            cwd=ROOT,
            env={**os.environ, "SETU_WIDGET_ORIGINS": self._origin},
        )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/widget.js").is_success:
                    return
            time.sleep(0.05)
        raise AssertionError("the widget's server did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Another site: its origin, and the folder of its pages."""
    folder = tmp_path_factory.mktemp("elsewhere")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}", folder
        site.shutdown()


@pytest.fixture(scope="module")
def server(
    elsewhere: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("widget") / "setu.db", elsewhere[0])
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def visit(browser: Browser, server: Server) -> AsyncIterator[Visit]:
    """Opens the sample shop as a new person; fails the test when a script fails."""
    faults: list[str] = []

    async def go(lang: str = "en", width: int = 1100, height: int = 800, **options: Any) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            locale=lang,
            timezone_id="Asia/Kolkata",
            reduced_motion="reduce",
            **options,
        )
        page = await tab(context)
        await page.goto(f"{server.url}/?lang={lang}")
        await expect(page.locator(".launcher")).to_be_visible()
        return page

    async def tab(context: BrowserContext) -> Page:
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield go
    assert faults == []


def said(page: Page, author: str) -> Locator:
    """The messages of an author, oldest first."""
    return page.locator(f".entry .said.{author}:not(.pending)")


async def open_chat(page: Page) -> None:
    await page.locator(".launcher").click()
    await expect(page.get_by_role("textbox")).to_be_focused()


async def send(page: Page, text: str) -> None:
    await page.get_by_role("textbox").fill(text)
    await page.keyboard.press("Enter")


async def log_of(page: Page, server: Server) -> list[dict[str, Any]]:
    """What the server's log has of the page's conversation, over the client API."""
    kept = await page.evaluate("() => JSON.parse(Object.values(localStorage)[0])")
    answer = await page.request.get(
        f"{server.url}/api/conversations/{kept['conversation']}/messages",
        headers={"Authorization": f"Bearer {kept['token']}"},
    )
    messages: list[dict[str, Any]] = (await answer.json())["messages"]
    return messages


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
    await expect(form.get_by_role("status")).to_contain_text("A code is on its way there")
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
    await page.screenshot(path=screenshots / f"widget-link-{lang}.png")


async def test_quick_replies_are_used_once(visit: Visit, server: Server) -> None:
    page = await visit()
    await open_chat(page)
    await page.get_by_role("button", name="Where is my order?").click()
    await expect(said(page, "bot")).to_contain_text("You said: Where is my order?")
    await expect(page.get_by_role("button", name="Where is my order?")).to_have_count(0)
    await send(page, "menu")
    choice = page.get_by_role("button", name="Yes, thank you")
    await choice.click()
    await expect(said(page, "client").last).to_contain_text("Yes, thank you")
    await expect(choice).to_be_disabled()
    await expect(page.get_by_role("log")).to_be_focused()
    await expect(choice).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_role("button", name="No", exact=True)).to_be_disabled()
    assert (await log_of(page, server))[4]["button"].endswith("-yes")


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


async def test_history_is_there_after_a_reload_and_is_not_announced(visit: Visit) -> None:
    page = await visit()
    await open_chat(page)
    for number in range(3):
        await send(page, f"message {number}")
        await expect(said(page, "bot")).to_have_count(number + 1)
    await page.reload()
    await open_chat(page)
    await expect(said(page, "client")).to_have_count(3)
    await expect(said(page, "bot").last).to_contain_text("message 2")
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")


async def test_nothing_is_lost_or_doubled_over_a_restart(
    visit: Visit, server: Server, axe: Axe
) -> None:
    page = await visit()
    await open_chat(page)
    await send(page, "before")
    await expect(said(page, "bot")).to_have_count(1)
    server.stop()
    await expect(page.locator(".lost")).to_have_text("Connection lost. Trying again…")
    for text in ("meanwhile one", "meanwhile two"):
        await send(page, text)
    await expect(page.locator(".pending .meta").first).to_have_text(
        "Will be sent when you're back online"
    )
    assert await axe(page) == []
    server.start()
    await expect(said(page, "bot")).to_have_count(3, timeout=40_000)
    await expect(page.locator(".lost")).to_be_empty()
    texts = [m["text"] for m in await log_of(page, server) if m["author"] == "client"]
    assert texts == ["before", "meanwhile one", "meanwhile two"]
    shown = await said(page, "client").locator(".plain").all_inner_texts()
    assert shown == texts


async def test_what_waits_survives_a_reload(visit: Visit, server: Server) -> None:
    page = await visit()
    await open_chat(page)
    await page.route("**/messages", lambda route: route.abort())
    await send(page, "hold on to this")
    await expect(page.locator(".pending")).to_have_count(1)
    await page.unroute("**/messages")
    await page.reload()
    await open_chat(page)
    await expect(said(page, "bot")).to_contain_text("hold on to this")
    assert len(await log_of(page, server)) == 2


async def test_an_answer_that_got_lost_doubles_nothing(visit: Visit, server: Server) -> None:
    page = await visit()
    await open_chat(page)
    lost = 0

    async def lose(route: Route) -> None:
        nonlocal lost
        if route.request.method == "POST" and lost < 2:
            lost += 1
            await route.fetch()
            await route.abort()
        else:
            await route.fallback()

    await page.route(re.compile(r"/api/conversations(/\w+/messages)?$"), lose)
    await send(page, "once")
    await expect(said(page, "bot")).to_have_count(1, timeout=20_000)
    await send(page, "and again")
    await expect(said(page, "bot")).to_have_count(2)
    assert lost == 2
    assert [message["seq"] for message in await log_of(page, server)] == [1, 2, 3, 4]


async def test_a_refused_message_can_be_sent_again(visit: Visit, axe: Axe) -> None:
    page = await visit()
    await open_chat(page)
    refusal = {"error": {"code": "too_long", "message": "This message is too long."}}
    await page.route("**/messages", lambda route: route.fulfill(status=422, json=refusal), times=1)
    await send(page, "try me")
    await expect(page.locator(".refused")).to_contain_text("This message is too long.")
    assert await axe(page) == []
    await page.get_by_role("button", name="Try again").click()
    await expect(said(page, "bot")).to_contain_text("try me")


async def test_a_conversation_that_is_gone_begins_anew(visit: Visit) -> None:
    page = await visit()
    await open_chat(page)
    await send(page, "hello")
    await expect(said(page, "bot")).to_have_count(1)
    await page.evaluate(
        """() => { const [key] = Object.keys(localStorage);
            const kept = JSON.parse(localStorage[key]);
            localStorage[key] = JSON.stringify({...kept, token: 'nobodys'}); }"""
    )
    await page.reload()
    await open_chat(page)
    await expect(said(page, "client")).to_have_count(0)
    await send(page, "hello again")
    await expect(said(page, "bot")).to_contain_text("hello again")


async def test_two_tabs_are_one_chat(visit: Visit, server: Server) -> None:
    first = await visit()
    second = await first.context.new_page()
    await second.goto(f"{server.url}/?lang=en")
    await open_chat(first)
    await open_chat(second)
    for number, page in enumerate((first, second, first), 1):
        await page.bring_to_front()
        await send(page, f"message {number}")
        await expect(said(page, "client")).to_have_count(number)
        await expect(said(page, "bot")).to_have_count(number)
    assert len(await log_of(first, server)) == 6


async def test_the_stream_ends_when_the_window_closes(visit: Visit) -> None:
    page = await visit()
    urls: list[str] = []
    ended: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.on("requestfailed", lambda request: ended.append(request.url))
    await open_chat(page)
    async with page.expect_request("**/events?after=0"):
        await send(page, "hello")
    await expect(said(page, "bot")).to_have_count(1)
    token = await page.evaluate("() => JSON.parse(Object.values(localStorage)[0]).token")

    def is_stream(request: Request) -> bool:
        return "/events?" in request.url

    async with page.expect_event("requestfailed", is_stream):
        await page.keyboard.press("Escape")
    async with page.expect_request("**/events?after=2"):
        await page.locator(".launcher").click()
    assert not [url for url in urls if token in url]


async def test_a_message_that_came_while_closed_is_announced(visit: Visit, server: Server) -> None:
    page = await visit()
    await open_chat(page)
    await send(page, "hello")
    await expect(said(page, "bot")).to_have_count(1)
    await page.keyboard.press("Escape")
    kept = await page.evaluate("() => JSON.parse(Object.values(localStorage)[0])")
    await page.request.post(
        f"{server.url}/api/conversations/{kept['conversation']}/messages",
        headers={"Authorization": f"Bearer {kept['token']}"},
        data={"id": "elsewhere", "text": "from another device"},
    )
    await page.reload()
    launcher = page.get_by_role("button", name="Open chat, there are new messages")
    await launcher.click()
    await expect(said(page, "bot")).to_have_count(2)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Open chat", exact=True)).to_be_focused()


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

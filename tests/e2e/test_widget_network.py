"""The chat widget where connections break, answers get lost and pages are opened anew."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, Request, Route, expect

from tests.e2e.shop import Server, Visit, log_of, open_chat, said, send

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

Axe = Callable[[Page], Awaitable[list[str]]]


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
    await expect(said(page, "bot")).to_have_count(3)
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


async def test_whoever_is_quicker_than_the_first_answer_is_heard(
    visit: Visit, server: Server
) -> None:
    page = await visit()
    held: list[Route] = []
    await page.route("**/widget/config*", lambda route: held.append(route))
    await page.reload()
    await page.locator(".launcher").click()
    await send(page, "are you there")
    await expect(page.locator(".pending")).to_contain_text("are you there")
    await expect(page.get_by_role("textbox")).to_have_value("")
    assert held
    for route in held:
        await route.continue_()
    await expect(said(page, "bot")).to_contain_text("are you there")
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
    await expect(said(page, "bot")).to_have_count(1)
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

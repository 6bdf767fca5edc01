"""Strangers, broken input and random requests at the desk's door of the running product."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from bot.languages.say import say
from tests.e2e.hostile import HUGE, MARKDOWN, SCRIPT, answers, body, refused
from tests.e2e.product import DeskClient, Product
from tests.patience import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def desk(product: Product) -> Iterator[DeskClient]:
    desk = product.desk()
    yield desk
    desk.http.close()


def test_the_desk_lets_nobody_in(product: Product, desk: DeskClient) -> None:
    client = product.client(locale="en")
    client.say("I want to talk to a person")
    chat = f"/api/desk/conversations/{client.conversation}"
    posts: list[tuple[str, Any]] = [
        (f"{chat}/messages", {"id": "a", "text": "a"}),
        (f"{chat}/reach-out", None),
        (f"{chat}/typing", None),
        (f"/api/desk/handoffs/{'0' * 32}/claim", None),
        ("/api/desk/logout", None),
    ]
    cookie = desk.http.cookies["setu_desk"]
    strangers: list[tuple[dict[str, str | bytes], int]] = [
        ({}, 401),
        ({"Cookie": "setu_desk=" + "0" * 43}, 401),
        ({"Cookie": b"setu_desk=\xff"}, 401),
        ({"Authorization": f"Bearer {client.token}"}, 401),
        ({"Cookie": f"setu_desk={cookie}"}, 403),  # another site's page has the cookie sent
        ({"Cookie": f"setu_desk={cookie}", "X-CSRF-Token": "0" * 43}, 403),
        ({"Cookie": f"setu_desk={cookie}", "X-CSRF-Token": b"\xff"}, 403),
    ]
    for headers, status in strangers:
        for path, content in posts:
            refused(product.request("POST", path, headers=headers, json=content), status)
    for path in (chat, "/api/desk/queue", "/api/desk/me", "/api/desk/follow-ups"):
        refused(product.request("GET", path), 401)
    for path in ("/desk", f"/desk/c/{client.conversation}", "/desk/follow-ups"):
        reply = product.request("GET", path)
        assert (reply.status_code, reply.headers["location"]) == (303, "/desk/login")
    used = {"code": product.welcome.partition("code=")[2], "email": "x@x.example"}
    used |= {"name": "X", "password": "a" * 20}
    # From an address of its own: other tests here use up what one address may try in a minute.
    elsewhere_from = httpx.HTTPTransport(local_address="127.0.0.9")
    with httpx.Client(transport=elsewhere_from, timeout=PATIENCE) as elsewhere:
        again = elsewhere.post(f"{product.url}/api/desk/welcome", json=used)
    assert refused(again, 403) == "code_used"
    assert client.state()["owner"] == "queue"


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"null", b"[]", b"x", b'{"id": "a"}', b'{"text": "a"}', body(text="")),
        *(body(text=" \n "), body(text="x" * 4001), body(text="x" * 200_000), body(id="\n")),
        *(
            b'{"id": "a", "text": "\xff"}',
            b"[" * 50_000,
            body(text="a", as_="admin"),
            body(text=[]),
        ),
    ],
    ids=lambda content: ascii(content[:24]),
)
def test_an_agents_message_that_is_none(product: Product, desk: DeskClient, content: bytes) -> None:
    client = product.client(locale="en")
    client.say("I want to talk to a person")
    handoff = desk.claim(client.conversation)
    before = client.state()["messages"]
    headers = {"Content-Type": "application/json"}
    chat = f"/api/desk/conversations/{client.conversation}"
    refused(desk.http.post(f"{chat}/messages", content=content, headers=headers), 400, 413, 422)
    assert client.state()["messages"] == before
    refused(
        desk.http.post(f"/api/desk/handoffs/{handoff}/transfer", content=content, headers=headers),
        *(400, 413, 422),
    )
    desk.do(f"{chat.removeprefix('/api/desk')}/messages", id="fine", text="Hello")
    assert client.wait(before[-1]["seq"])[-1]["text"] == "Hello"
    desk.do(f"/handoffs/{handoff}/resolve")


def test_what_no_database_holds_is_taken_out_of_an_agents_text(
    product: Product, desk: DeskClient
) -> None:
    client = product.client(locale="en")
    client.say("I want to talk to a person")
    handoff = desk.claim(client.conversation)
    desk.http.post(
        f"/api/desk/conversations/{client.conversation}/messages",
        content=body(text="a\0b\ud800c"),
        headers={"Content-Type": "application/json"},
    ).raise_for_status()
    assert client.state()["messages"][-1]["text"] == "ab\ufffdc"
    desk.do(f"/handoffs/{handoff}/resolve")


@pytest.mark.parametrize(
    "path",
    [
        *("/?lang=%22%3E%3Cscript%3Ewindow.__pwned%3D1%3C/script%3E", "/?lang=%00", "/%ff", "/%00"),
        *("/desk?tab=%3Cscript%3E", "/desk/c/x", "/desk/c/%00", f"/desk/c/{'0' * 32}", "/desk/x"),
        *("/desk/welcome?code=%00", "/desk/welcome?code=%22%3E%3Cscript%3E", "/desk/../../etc"),
        *(f"/desk/c/{'0' * 32}?limit={HUGE}", "/desk/parts/queue?c=x", "/desk/static/../desk.py"),
        *("/widget.js?v=%00", "/static/..%2f..%2fsettings.py", "/desk/follow-ups?done=%00"),
    ],
)
def test_a_page_that_is_none(product: Product, desk: DeskClient, path: str) -> None:
    for http in (httpx.Client(base_url=product.url, timeout=PATIENCE), desk.http):
        reply = http.get(path)
        assert reply.status_code < 500, reply.text[:300]
        assert "window.__pwned" not in reply.text.replace("&lt;script", "")
        assert "<script>window" not in reply.text
        assert "import " not in reply.text[:200]


@pytest.mark.last  # a random request may change what the others count on, as the desk's language
def test_its_own_description_holds_under_random_requests(
    product: Product, desk: DeskClient, tmp_path: Path
) -> None:
    client = product.client(locale="en")
    client.say("I want to talk to a person")
    handoff = desk.claim(client.conversation)
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(
        f"""
        [parameters]
        "path.conversation" = "{client.conversation}"
        "path.chat" = "{client.conversation}"
        "path.handoff" = "{handoff}"
        """
    )
    headers = {
        "Authorization": f"Bearer {client.token}",
        "X-CSRF-Token": desk.http.headers["X-CSRF-Token"],
        "Cookie": f"setu_desk={desk.http.cookies['setu_desk']}",
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", settings),
            *("run", f"{product.url}/api/openapi.json"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", "12"),
            *("--max-time", "40", "--seed", "1", "--request-timeout", "60"),
            *("--checks", "not_a_server_error,status_code_conformance,response_schema_conformance"),
            # Streams do not end, and the others would sign out whom the next tests need.
            *("--exclude-path-regex", "/(events|logout|sessions|password)$"),
            *(option for name, value in headers.items() for option in ("-H", f"{name}: {value}")),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    fresh = product.client(locale="en")
    answers(fresh)
    assert product.request("GET", "/health").status_code == httpx.codes.OK


async def test_what_is_typed_is_shown_as_text_and_never_runs(
    product: Product, desk: DeskClient, browser: Browser
) -> None:
    shop = await (await browser.new_context(locale="en-GB")).new_page()
    await shop.goto(f"{product.url}/?lang=en")
    await shop.locator(".launcher").click()
    for text in (SCRIPT, MARKDOWN):
        await shop.get_by_role("textbox").fill(text)
        await shop.keyboard.press("Enter")
        await expect(shop.locator(".entry .said.client").last).to_contain_text(text)
    await shop.get_by_role("button", name=say("widget.talk_to_person", "en")).first.click()
    await expect(shop.get_by_role("status").first).to_have_text(say("widget.waiting", "en"))
    await shop.get_by_role("textbox").fill(SCRIPT)
    await shop.keyboard.press("Enter")
    await expect(shop.locator(".entry .said.client").last).to_contain_text(SCRIPT)

    context = await browser.new_context(locale="en-GB")
    cookie = {"name": "setu_desk", "value": desk.http.cookies["setu_desk"], "url": product.url}
    await context.add_cookies([cookie])  # type: ignore[list-item]
    page = await context.new_page()
    await page.goto(f"{product.url}/desk")
    row = page.locator(".row").filter(has_text="<script>")
    await expect(row).to_have_count(1)  # as text, in the queue
    await row.click()
    await page.get_by_role("button", name=say("desk.claim", "en")).click()
    await expect(page.locator("#thread .client").first).to_contain_text(SCRIPT)
    await page.get_by_label(say("desk.message", "en")).fill(f"{SCRIPT} {MARKDOWN}")
    await page.keyboard.press("Enter")
    await expect(shop.locator(".entry .said.agent").last).to_contain_text(SCRIPT)
    await page.locator("#resolve").click()
    await page.locator("#wrap-done").click()
    await (
        shop.get_by_role("group", name=say("widget.rating", "en"))
        .get_by_role("button")
        .first.click()
    )
    await expect(shop.locator(".entry .said.bot").last).to_contain_text(
        say("csat.ask_better", "en")
    )
    await shop.get_by_role("textbox").fill(SCRIPT)
    await shop.keyboard.press("Enter")
    await expect(shop.locator(".entry .said.bot").last).to_contain_text(
        say("csat.comment_thanks", "en")
    )
    await _clean(page)
    await page.goto(f"{product.url}/desk/follow-ups")
    await expect(page.locator(".card blockquote").filter(has_text="<script>")).to_have_count(1)
    for one in (page, shop):
        await _clean(one)


async def _clean(page: Page) -> None:
    assert await page.evaluate("window.__pwned") is None
    assert await page.locator("img[src=x], a[href^='javascript:']").count() == 0

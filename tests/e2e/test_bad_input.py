"""Broken, oversized, forged and hostile input at every door of the running product.

Each is refused with a clear error, nothing is lost by it, and the conversation goes on.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from bot.languages.say import say
from tests.e2e.product import ROOT, ApiClient, DeskClient, Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(180)]

SCRIPT = "<script>window.__pwned=1</script><img src=x onerror='window.__pwned=1'>"
MARKDOWN = "[click](javascript:window.__pwned=1) ![x](x' onerror='window.__pwned=1)"
HUGE = 10**30


@pytest.fixture(scope="module")
def desk(product: Product) -> Iterator[DeskClient]:
    desk = product.desk()
    yield desk
    desk.http.close()


def refused(reply: httpx.Response, *allowed: int) -> str:
    """The code of a refusal that a person can read too."""
    assert reply.status_code in allowed, f"{reply.status_code}: {reply.text[:300]}"
    error = reply.json()["error"]
    assert error["message"].strip() and error["message"] != error["code"]
    assert "Traceback" not in reply.text
    code: str = error["code"]
    return code


def answers(client: ApiClient) -> None:
    """The conversation goes on."""
    replies = client.say("What is your return policy?")
    assert any(message["author"] == "bot" for message in replies)


# Seeded: parallel workers must collect the same tests.
_CHANCE = random.Random(0)


def body(**content: Any) -> bytes:
    return json.dumps({"id": f"{_CHANCE.getrandbits(128):032x}", **content}).encode()


BODIES = {
    "200 kB": (body(text="x" * 200_000), 413, 422),
    "200 kB of Bengali": (body(text="অ" * 70_000), 413, 422),
    "one character too long": (body(text="x" * 4001), 422),
    "empty": (body(text=""), 422),
    "only blanks": (body(text=" \n\u200b\u3000\t"), 422),
    "nothing": (b"", 422),
    "null": (b"null", 422),
    "NUL": (body(text="a\0b"), 422),
    "lone surrogate": (body(text="a\ud800b"), 422),
    "lone surrogate as id": (body(id="\udfff", text="a"), 422),
    "invalid UTF-8": (b'{"id": "a", "text": "\xff\xfe\x80"}', 400, 422),
    "no JSON": (b"hello", 422),
    "half": (b'{"id": "a", "text": "he', 422),
    "list": (b"[]", 422),
    "number as text": (body(text=5), 422),
    "object as text": (body(text={"a": 1}), 422),
    "null as text": (body(text=None), 422),
    "number as id": (body(id=5, text="a"), 422),
    "huge number": (b'{"id": "a", "text": 1' + b"0" * 5000 + b"}", 400, 422),
    "infinity": (b'{"id": "a", "text": 1e999}', 422),
    "NaN": (b'{"id": "a", "text": NaN}', 400, 422),
    "id with a line break": (body(id="a\nb", text="a"), 422),
    "no id": (b'{"text": "a"}', 422),
    "text and payload": (body(text="a", payload="b"), 422),
    "unknown payload": (body(payload="nobody-showed-this"), 422),
    "an intent as payload": (body(payload="/talk_to_human"), 422),
    "another's rating": (body(payload=f"csat-{'0' * 32}-5"), 422),
    "unknown field": (body(text="a", owner="agent"), 422),
    "deep JSON": (b'{"id": "a", "text": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400, 413, 422),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_message_that_is_none(product: Product, name: str) -> None:
    client = product.client(locale="en")
    answers(client)
    before = client.state()
    content, *allowed = BODIES[name]
    refused(client.send(content), *allowed)
    assert client.state() == before
    answers(client)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "\xff"])
def test_another_content_type(product: Product, kind: str) -> None:
    client = product.client(locale="en")
    refused(client.send(body(text="hello"), kind.encode("latin-1")), 400, 415, 422)
    answers(client)


@pytest.mark.parametrize(
    "text",
    [
        *("/restart", "/session_start", '/question{"article": "refund-time"}'),
        *("/", "//", "/back", "/restart\n/restart", "\u2060/restart", "@rasa", "EXTERNAL: x"),
        *("{shop}", "%s%n", "{{7*7}}", "'; DROP TABLE event; --", "\u202egnirts", "a\u0301" * 900),
        *("😡" * 2000, "ক্ষ" * 1300, "\ufeff.", "1" * 4000, "﷽" * 50, SCRIPT, MARKDOWN),
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_a_hostile_text_is_a_text(product: Product, text: str) -> None:
    client = product.client(locale="en")
    client.say("hello")
    replies = client.say(text)
    assert all(SCRIPT not in (m["html"] or "") for m in replies)
    state = client.state()
    assert [m["text"] for m in state["messages"] if m["author"] == "client"] == ["hello", text]
    assert state["owner"] == "bot"  # it is no command
    answers(client)


def test_the_same_id_is_the_same_message(product: Product) -> None:
    client = product.client(locale="en")
    first = client.post("hello", id="mine")
    assert client.post("hello", id="mine").json() == first.json()
    assert refused(client.post("something else", id="mine"), 409) == "id_taken"
    client.wait(first.json()["seq"])
    assert [m["text"] for m in client.state()["messages"] if m["author"] == "client"] == ["hello"]


def test_only_its_own_token_opens_a_conversation(product: Product) -> None:
    mine, others = product.client(locale="bn"), product.client(locale="bn")
    mine.say("গোপন কথা")
    path = f"/api/conversations/{mine.conversation}"
    wrong: list[dict[str, str | bytes]] = [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {others.token}"},
        {"Authorization": f"Bearer {mine.token}x"},
        {"Authorization": f"Basic {mine.token}"},
        {"Authorization": mine.token},
        {"Authorization": f"Bearer {'x' * 6000}"},
        {"Authorization": b"Bearer \xff\xfe"},
        {"Cookie": f"token={mine.token}"},
    ]
    with httpx.Client(base_url=product.url) as http:
        for headers in wrong:
            for method, where, content in (
                ("GET", "/messages", None),
                ("GET", "/events", None),
                ("POST", "/messages", {"id": "a", "text": "a"}),
                ("PATCH", "", {"locale": "en"}),
                ("POST", "/typing", None),
                ("POST", "/identify", {"token": "a"}),
            ):
                reply = http.request(method, path + where, headers=headers, json=content)
                assert refused(reply, 401) == "unauthorized"
                assert "গোপন" not in reply.text
        assert refused(http.get(f"{path}/messages?token={mine.token}"), 401)
    assert [m["text"] for m in mine.state()["messages"] if m["author"] == "client"] == ["গোপন কথা"]


@pytest.mark.parametrize(
    "path",
    [
        *("/api/conversations/../messages", "/api/conversations/%00/messages", "/api/%ff%fe"),
        *(f"/api/conversations/{'0' * 32}/messages", f"/api/conversations/{'x' * 5000}/messages"),
        *("/api/conversations/%F0%9F%98%A1/messages", "/api/nothing", "/api/desk/conversations/1"),
        *(f"/api/desk/conversations/{'0' * 32}", "/api/desk/queue", "/api/desk/events"),
        "/api/desk/follow-ups?done=maybe",
    ],
    ids=lambda path: ascii(path[:40]),
)
def test_an_address_that_is_nobodys(product: Product, path: str) -> None:
    refused(httpx.get(product.url + path), 401, 404, 405, 422)


@pytest.mark.parametrize("after", [HUGE, -1, "x", "1e3", "", "\0", 2**31, 2**63])
def test_a_number_that_is_none(product: Product, after: Any) -> None:
    client = product.client(locale="en")
    for where in ("messages", "events"):
        reply = client.http.get(
            f"/api/conversations/{client.conversation}/{where}", params={"after": after}
        )
        refused(reply, 422)
    answers(client)


@pytest.mark.parametrize(
    "opening",
    [
        *({"locale": 5}, {"locale": "<script>"}, {"locale": "x" * 4000}, {"visitor": "short"}),
        *({"visitor": "a" * 5000}, {"request_id": "\ud800"}, {"page": "javascript:alert(1)"}),
        *({"page": "http://a\0"}, {"time_zone": ["a"]}, {"owner": "agent"}, [], "a", 5, None),
    ],
    ids=lambda opening: ascii(opening)[:30],
)
def test_an_opening_that_is_none(product: Product, opening: Any) -> None:
    content = json.dumps(opening).encode()
    headers = {"Content-Type": "application/json"}
    reply = httpx.post(f"{product.url}/api/conversations", content=content, headers=headers)
    refused(reply, 422)


def test_headers_that_are_none(product: Product) -> None:
    client = product.client(locale="en")
    answers(client)
    path = f"/api/conversations/{client.conversation}/messages"
    for name, value in (
        ("Accept-Language", b"\xff, ;q=1, en;q=nan, " + b"a" * 3000),
        ("Accept-Language", b"-,--,q=,*;q=1e999"),
        ("If-None-Match", b"\xff" * 200),
        ("Origin", b"null\xff"),
        ("X-Forwarded-For", b"1.2.3.4, \xff"),
    ):
        for where in (path, "/api/widget/config", "/", "/desk/login"):
            reply = client.http.get(where, headers={name: value})  # type: ignore[dict-item]
            assert reply.status_code < 400, (name, where, reply.text[:200])


@pytest.mark.parametrize("last", ["x", str(HUGE), "-1", ""])
def test_a_last_event_id_that_is_none(product: Product, last: str) -> None:
    client = product.client(locale="en")
    path = f"/api/conversations/{client.conversation}/events"
    refused(client.http.get(path, headers={"Last-Event-ID": last}), 422)


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
            refused(httpx.post(product.url + path, headers=headers, json=content), status)
    for path in (chat, "/api/desk/queue", "/api/desk/me", "/api/desk/follow-ups"):
        refused(httpx.get(product.url + path), 401)
    for path in ("/desk", f"/desk/c/{client.conversation}", "/desk/follow-ups"):
        reply = httpx.get(product.url + path)
        assert (reply.status_code, reply.headers["location"]) == (303, "/desk/login")
    used = {"code": product.welcome.partition("code=")[2], "email": "x@x.example"}
    used |= {"name": "X", "password": "a" * 20}
    # From an address of its own: other tests here use up what one address may try in a minute.
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.9")) as elsewhere:
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
    for http in (httpx.Client(base_url=product.url), desk.http):
        reply = http.get(path)
        assert reply.status_code < 500, reply.text[:300]
        assert "window.__pwned" not in reply.text.replace("&lt;script", "")
        assert "<script>window" not in reply.text
        assert "import " not in reply.text[:200]


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
            *("--max-time", "40", "--seed", "1", "--request-timeout", "10"),
            *("--checks", "not_a_server_error,response_schema_conformance"),
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
    assert httpx.get(f"{product.url}/health").status_code == httpx.codes.OK


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


@pytest.mark.parametrize("command", ["detect", "kb search", "parse"])
def test_lines_that_are_none(stocked: Path, command: str) -> None:
    long = b"x" * 20_000
    lines = [b"", b" ", b"\xff\xfe\x80", b"a\0b", long, b"/restart", b"\xed\xa0\x80", b"ok"]
    done = _setu(stocked, *command.split(), stdin=b"\n".join(lines) + b"\n")
    assert done.returncode == 0, done.stderr[-2000:]
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == len(lines)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("kb", "import", "/nowhere/at/all"), "/nowhere/at/all"),
        (("kb", "import", "broken.jsonl"), "broken.jsonl"),
        (("kb", "import", "binary.md"), "binary.md"),
        (("kb", "search", "--limit", "0"), "limit"),
        (("agents", "add", "not-an-address", "--name", "X"), "e-mail"),
        (("agents", "add", "a@b.example", "--name", "X", "--languages", "tlh"), "tlh"),
        (("eval", "language", "/nowhere"), "/nowhere"),
        (("eval", "knowledge", "/nowhere"), "/nowhere"),
        (("nonsense",), "nonsense"),
    ],
    ids=" ".join,
)
def test_a_command_that_cannot_be_done_says_why(
    stocked: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "broken.jsonl").write_bytes(b'{"id": "a", "lang": \xff\n[[[\n')
    (tmp_path / "binary.md").write_bytes(bytes(range(256)))
    given = [str(tmp_path / one) if (tmp_path / one).exists() else one for one in arguments]
    done = _setu(stocked, *given, stdin=b"a long enough password\n")
    assert done.returncode in (1, 2), done.stdout
    assert says in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("SETU_PORT", "eighty"), ("SETU_DATABASE_URL", "mysql://a"), ("SETU_OPENS", "9")],
)
def test_a_setting_that_is_none(tmp_path: Path, name: str, value: str) -> None:
    done = _setu(tmp_path, "serve", **{name: value})
    assert done.returncode == 2
    assert name.encode() in done.stderr
    assert b"Traceback" not in done.stderr


def _setu(
    data: Path, *arguments: str, stdin: bytes = b"", **settings: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "SETU_DATA_DIR": str(data), **settings},
        input=stdin,
        capture_output=True,
        timeout=120,
    )

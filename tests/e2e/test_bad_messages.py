"""Broken, oversized, forged and hostile input at the clients' door of the running product.

Each is refused with a clear error, nothing is lost by it, and the conversation goes on.
"""

import json
from typing import Any

import httpx
import pytest

from tests.e2e.hostile import HUGE, MARKDOWN, SCRIPT, answers, body, refused
from tests.e2e.product import Product
from tests.patience import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

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
    with httpx.Client(base_url=product.url, timeout=PATIENCE) as http:
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
    refused(product.request("GET", path), 401, 404, 405, 422)


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
    reply = product.request("POST", "/api/conversations", content=content, headers=headers)
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

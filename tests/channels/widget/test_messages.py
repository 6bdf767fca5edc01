"""Messages in and out over the client API, and what it does with bad ones."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.contract import MAX_TEXT
from bot.channels.limits import MAX_BODY
from bot.channels.widget.views import PAGE
from bot.conversations import log, ownership
from bot.conversations.models import Conversation
from bot.conversations.reading import CLIENT, read_by
from tests.channels.widget.conftest import Open, code_of


async def test_a_message_and_its_answer(open_conversation: Open) -> None:
    client = await open_conversation()
    answer = await client.send("hello **you**", "m1")
    assert (answer.status_code, answer.json()) == (202, {"seq": 1, "id": "m1"})
    history = await client.history()
    mine, reply = history["messages"]
    assert (mine["author"], mine["id"], mine["text"], mine["html"]) == (
        "client",
        "m1",
        "hello **you**",
        None,
    )
    assert (reply["author"], reply["seq"]) == ("bot", 2)
    assert reply["html"] == "<p>You said: hello <strong>you</strong></p>"
    assert (history["owner"], history["agent"], history["more"]) == ("bot", None, False)
    assert (await client.history(after=1))["messages"] == [reply]
    assert (await client.history(after=2))["messages"] == []


async def test_a_repeated_message_stands_once(open_conversation: Open) -> None:
    client = await open_conversation()
    answers = await asyncio.gather(*(client.send("hello", "m1") for _ in range(5)))
    assert {answer.json()["seq"] for answer in answers} == {1}
    assert len((await client.history())["messages"]) == 2
    other = await client.send("something else", "m1")
    assert other.status_code == 409 and code_of(other) == "id_taken"


async def test_buttons_travel_without_their_meaning(open_conversation: Open) -> None:
    client = await open_conversation()
    await client.send("rate")
    rating = (await client.history())["messages"][-1]
    assert rating["layout"] == "rating" and len(rating["buttons"]) == 5
    assert "secret" not in json.dumps(rating)
    payload = rating["buttons"][1]["payload"]
    assert (await client.press(payload)).status_code == 202
    chosen = (await client.history(after=rating["seq"]))["messages"][0]
    assert (chosen["text"], chosen["button"]) == ("Dissatisfied", payload)
    refused = await client.press("/restart")
    assert refused.status_code == 422 and code_of(refused) == "unknown_payload"


async def test_a_person_takes_over(open_conversation: Open, app: FastAPI) -> None:
    client = await open_conversation()
    await client.press("talk_to_human")
    assert (await client.history())["owner"] == "queue"
    await client.send("an agent comes")
    history = await client.history()
    assert (history["owner"], history["agent"]) == ("agent", "Asha")
    assert history["messages"][-1]["name"] == "Asha"
    assert "agent:asha" not in json.dumps(history)
    assert not history["composing"]
    app.state.composing.mark(client.id, "agent")
    assert (await client.history())["composing"]


async def test_the_assistant_is_writing_while_a_message_waits_for_its_turn(
    open_conversation: Open, app: FastAPI
) -> None:
    client = await open_conversation()
    async with app.state.db.transaction() as session:
        (await session.get(Conversation, client.id)).client_seq = 1
    assert (await client.history())["composing"]
    async with app.state.db.transaction() as session:
        await ownership.change(session, client.id, "ask", "bot", "queue", "asked")
    assert not (await client.history())["composing"]


async def test_typing_is_seen_until_the_message_comes(
    open_conversation: Open, app: FastAPI
) -> None:
    client = await open_conversation()
    assert (await client.call("POST", "/typing")).status_code == 204
    assert app.state.composing.active(client.id, "client")
    await client.send("hello")
    assert not app.state.composing.active(client.id, "client")


async def test_a_long_history_comes_in_pages(open_conversation: Open, app: FastAPI) -> None:
    client = await open_conversation()
    async with app.state.db.transaction() as session:
        for number in range(PAGE + 5):
            await log.say(session, client.id, "bot", str(number), "en")
    first = await client.history()
    rest = await client.history(after=first["messages"][-1]["seq"])
    assert (len(first["messages"]), first["more"]) == (PAGE, True)
    assert (len(rest["messages"]), rest["more"]) == (5, False)


GOOD: dict[str, Any] = {"id": "m1", "text": "hello"}
TAGGED = "".join(chr(0xE0000 + ord(char)) for char in "hidden")


@pytest.mark.parametrize(
    "text",
    [
        "a" * MAX_TEXT,
        "😀" * MAX_TEXT,
        "<script>alert(1)</script>",
        "/restart",
        "/talk_to_human{}",
        "' OR 1=1; DROP TABLE event; --",
        "{{7*7}} ${7*7} %s %n {0}",
        "\u202eevil\u202c \u200b\u200d\ufeff",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
        "\x01\x1b[31m\x7f\r\n\u2028\u2029\u0085",
        TAGGED,
        "র‍্যাম ക്ഷ്മി",
    ],
)
async def test_hostile_text_is_text(open_conversation: Open, text: str) -> None:
    client = await open_conversation()
    assert (await client.send(text)).status_code == 202
    mine, reply = (await client.history())["messages"]
    assert mine["text"] == text
    assert "<script" not in reply["html"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**GOOD, "text": ""}, 422, "empty"),
        ({**GOOD, "text": " \n\u3000"}, 422, "empty"),
        ({**GOOD, "text": "a" * (MAX_TEXT + 1)}, 422, "too_long"),
        ({**GOOD, "text": "a\0b"}, 422, "bad_text"),
        ({**GOOD, "text": "a\ud800b"}, 422, "bad_text"),
        ({**GOOD, "text": 7}, 422, "invalid"),
        ({**GOOD, "text": ["hello"]}, 422, "invalid"),
        ({**GOOD, "text": None}, 422, "invalid"),
        ({**GOOD, "payload": "x"}, 422, "invalid"),
        ({**GOOD, "extra": 1}, 422, "invalid"),
        ({**GOOD, "\ud800": 1}, 422, "invalid"),
        ({**GOOD, "id": ""}, 422, "invalid"),
        ({**GOOD, "id": "x" * 65}, 422, "invalid"),
        ({**GOOD, "id": "a\n"}, 422, "invalid"),
        ({**GOOD, "id": "a\0"}, 422, "invalid"),
        ({**GOOD, "id": 1}, 422, "invalid"),
        ({**GOOD, "id": True}, 422, "invalid"),
        ({"text": "hello"}, 422, "invalid"),
        ({"id": "x", "payload": "y" * 201}, 422, "invalid"),
        ({"id": "x", "payload": "y\ud800"}, 422, "bad_text"),
        ({"id": "x", "payload": 7}, 422, "invalid"),
        ({"id": "x", "payload": "nobody offered this"}, 422, "unknown_payload"),
        ([], 422, "invalid"),
        ("hello", 422, "invalid"),
        (None, 422, "invalid"),
        (7, 422, "invalid"),
    ],
)
async def test_a_bad_body_is_refused(
    open_conversation: Open, body: object, status: int, code: str
) -> None:
    client = await open_conversation()
    answer = await client.call("POST", "/messages", content=json.dumps(body).encode())
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert (await client.history())["messages"] == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"id": "x", "text": "\xff\xfe"}',
        b"\xff\xfe{\x00}\x00",
        b"[" * 60_000,
        b"1" * 60_000,
        b'{"id": "x", "text": NaN}',
        b"id=x&text=hello",
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", "x", ""])
async def test_what_is_no_json_is_refused(
    open_conversation: Open, content: bytes, kind: str
) -> None:
    client = await open_conversation()
    headers = {**client.headers, "Content-Type": kind}
    answer = await client.call("POST", "/messages", content=content, headers=headers)
    assert 400 <= answer.status_code < 500
    assert code_of(answer) == "invalid"


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_limit_is_refused_unread(
    open_conversation: Open, declared: bool
) -> None:
    client = await open_conversation()
    large = json.dumps({"id": "x", "text": "a" * 200_000}).encode()

    async def parts() -> Any:
        for start in range(0, len(large), 10_000):
            yield large[start : start + 10_000]

    content = large if declared else parts()
    answer = await client.call("POST", "/messages", content=content)
    assert (answer.status_code, code_of(answer)) == (413, "too_large")
    assert len(large) > MAX_BODY
    assert (await client.history())["messages"] == []


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "after=1e3", "after=99999999999999999999", "after=%00"]
)
async def test_a_bad_cursor_is_refused(open_conversation: Open, query: str) -> None:
    client = await open_conversation()
    for path in ("/messages", "/events"):
        answer = await client.call("GET", f"{path}?{query}")
        assert answer.status_code == 422 and code_of(answer) == "invalid"


@pytest.mark.parametrize(
    "path",
    [
        "/api/conversations/x/messages",
        "/api/conversations/%00/messages",
        "/api/conversations/..%2f..%2fetc/messages",
        f"/api/conversations/{'f' * 5000}/messages",
        f"/api/conversations/{'F' * 32}/messages",
        f"/api/conversations/{'f' * 32}%0a/messages",
    ],
)
async def test_an_address_that_is_nobodys_is_refused(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path, headers={"Authorization": "Bearer x"})
    assert 400 <= answer.status_code < 500
    assert code_of(answer) in ("unauthorized", "not_found")


async def test_errors_speak_the_readers_language(
    http: httpx.AsyncClient, open_conversation: Open
) -> None:
    client = await open_conversation(locale="bn")
    headers = {**client.headers, "Accept-Language": "ml"}
    answer = await client.call("POST", "/messages", json={"id": "x", "text": ""}, headers=headers)
    assert answer.headers["content-language"] == "bn"
    answer = await http.post("/api/conversations", json={"x": 1}, headers={"Accept-Language": "ml"})
    assert answer.headers["content-language"] == "ml"
    answer = await http.get("/api/nowhere", headers={"Accept-Language": "hi"})
    assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert answer.headers["content-language"] == "hi"
    answer = await http.put("/api/conversations")
    assert (answer.status_code, code_of(answer)) == (405, "method_not_allowed")


async def test_a_failure_of_ours_is_told_in_the_same_shape(
    open_conversation: Open, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise RuntimeError("with a secret in it")

    client = await open_conversation()
    monkeypatch.setattr(app.state.inbox, "accept", fail)
    answer = await client.send("hello")
    assert (answer.status_code, code_of(answer)) == (500, "internal")
    assert "secret" not in answer.text


async def test_too_many_messages_are_slowed_down(open_conversation: Open) -> None:
    client, other = await open_conversation(), await open_conversation()
    for _ in range(50):
        assert (await client.send("hello", "same")).status_code == 202
    answer = await client.send("one too many")
    assert (answer.status_code, code_of(answer)) == (429, "too_many")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert (await other.send("hello")).status_code == 202


async def test_too_many_conversations_are_slowed_down(http: httpx.AsyncClient) -> None:
    codes = [(await http.post("/api/conversations", json={})).status_code for _ in range(52)]
    assert codes == [201] * 50 + [429] * 2


async def test_only_the_shops_pages_may_read_from_elsewhere(http: httpx.AsyncClient) -> None:
    asked = {
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization",
    }
    allowed = {**asked, "Origin": "https://shop.example"}
    answer = await http.options(f"/api/conversations/{'f' * 32}", headers=allowed)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    answer = await http.get("/api/widget/config", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    answer = await http.get("/", headers={"Origin": "https://shop.example"})
    assert "access-control-allow-origin" not in answer.headers
    answer = await http.post("/api/conversations", content=b"x" * 99_999, headers=allowed)
    assert answer.status_code == 413
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"


async def test_what_the_client_has_seen_is_kept(open_conversation: Open, app: FastAPI) -> None:
    client = await open_conversation()
    await client.send("Where is my parcel, please tell me")
    assert (await client.call("POST", "/read", json={"seq": 1})).status_code == 204
    async with app.state.db.reading() as session:
        assert (await read_by(session, client.id, CLIENT)).seq == 1
    assert (await client.call("POST", "/read", json={"seq": -1})).status_code == 422
    stranger = {"Authorization": "Bearer nobody"}
    refused = await client.call("POST", "/read", json={"seq": 1}, headers=stranger)
    assert refused.status_code == 401

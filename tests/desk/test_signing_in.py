"""Signing in, and what nobody gets who has not."""

import json
from typing import Any

import httpx
import pytest

from bot.handoff import invitations

House = Any
PASSWORD = "a long enough sentence"


def _error(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


async def test_signing_in_gives_a_hidden_cookie_and_a_token(
    house: House, visitor: httpx.AsyncClient
) -> None:
    await house.agent("Asha")
    given = {"email": "Asha@nadi.example", "password": PASSWORD}
    answer = await visitor.post("/api/desk/login", json=given)
    assert answer.status_code == 200 and answer.json()["agent"]["name"] == "Asha"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie
    me = await visitor.get("/api/desk/me")
    assert me.json()["csrf"] == answer.json()["csrf"]


async def test_over_https_the_cookie_is_secure(house: House) -> None:
    await house.agent("Asha")
    transport = httpx.ASGITransport(app=house.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://desk") as visitor:
        given = {"email": "asha@nadi.example", "password": PASSWORD}
        answer = await visitor.post("/api/desk/login", json=given)
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_a_wrong_password_and_an_unknown_address_look_alike(
    house: House, visitor: httpx.AsyncClient
) -> None:
    await house.agent("Asha")
    answers = [
        await visitor.post("/api/desk/login", json={"email": email, "password": "nothing right"})
        for email in ("asha@nadi.example", "nobody@nadi.example", "\ud800", "")
        if email != "\ud800"
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


async def test_guessing_is_slowed_for_known_and_unknown_accounts(
    house: House, visitor: httpx.AsyncClient
) -> None:
    await house.agent("Asha")
    for email in ("asha@nadi.example", "nobody@nadi.example"):
        statuses = []
        for _ in range(6):
            given = {"email": email, "password": "nothing right"}
            answer = await visitor.post("/api/desk/login", json=given)
            statuses.append(answer.status_code)
        # The network's limit comes first for the second address.
        assert statuses[0] == 401 and statuses[-1] == 429
        assert int(answer.headers["retry-after"]) > 0


async def test_the_first_account_and_only_one(house: House, visitor: httpx.AsyncClient) -> None:
    async with house.db.transaction() as session:
        code = await invitations.first_login(session)
    page = await visitor.get("/desk/welcome", params={"code": code})
    assert code in page.text
    given = {
        "code": code, "email": "a@nadi.example", "name": "Asha", "password": PASSWORD,
        "languages": ["bn", "en"],
    }  # fmt: skip
    refused = await visitor.post("/api/desk/welcome", json={**given, "password": "short"})
    assert (refused.status_code, _error(refused)) == (422, "short_password")
    refused = await visitor.post("/api/desk/welcome", json={**given, "email": "nothing"})
    assert (refused.status_code, _error(refused)) == (422, "bad_email")
    made = await visitor.post("/api/desk/welcome", json=given)
    assert made.status_code == 200 and made.json()["agent"]["role"] == "admin"
    again = await visitor.post("/api/desk/welcome", json={**given, "email": "b@nadi.example"})
    assert (again.status_code, _error(again)) == (403, "code_used")
    assert (await visitor.get("/desk")).status_code == 200, "signed in at once"
    page = await visitor.get("/desk/welcome", params={"code": code})
    assert "no longer works" in page.text


WRITES = [
    ("POST", "/api/desk/handoffs/{h}/claim", None),
    ("POST", "/api/desk/handoffs/{h}/resolve", None),
    ("POST", "/api/desk/handoffs/{h}/transfer", {"to": "queue"}),
    ("POST", "/api/desk/handoffs/{h}/note", {"text": "x"}),
    ("POST", "/api/desk/conversations/{c}/messages", {"id": "1", "text": "x"}),
    ("POST", "/api/desk/conversations/{c}/typing", None),
    ("POST", "/api/desk/follow-ups/{h}/take", None),
    ("POST", "/api/desk/follow-ups/{h}/done", None),
    ("POST", "/api/desk/logout", None),
    ("PATCH", "/api/desk/me", {"present": False}),
]


@pytest.mark.parametrize(("method", "path", "content"), WRITES)
async def test_nothing_is_written_without_session_and_token(
    house: House, visitor: httpx.AsyncClient, sign_in: Any, method: str, path: str, content: Any
) -> None:
    chat = await house.chat()
    url = path.format(h=await house.hand_off(chat), c=chat)
    answer = await visitor.request(method, url, json=content)
    assert (answer.status_code, _error(answer)) == (401, "signed_out")
    agent = await sign_in("Asha")
    for token in ("", "x", "é"):
        agent.headers["X-CSRF-Token"] = token
        answer = await agent.request(method, url, json=content)
        assert (answer.status_code, _error(answer)) == (403, "bad_csrf")


@pytest.mark.parametrize("path", ["/desk", "/desk/follow-ups", "/desk/parts/queue"])
async def test_pages_send_strangers_to_the_door(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/login")
    part = await visitor.get(path, headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/desk/login")


async def test_reading_needs_a_session(visitor: httpx.AsyncClient) -> None:
    for path in ("queue", "events", "me", "follow-ups", f"conversations/{'0' * 32}"):
        assert (await visitor.get(f"/api/desk/{path}")).status_code == 401


async def test_another_site_cannot_sign_anybody_in(
    house: House, visitor: httpx.AsyncClient
) -> None:
    """A form on another site can send text, not JSON."""
    await house.agent("Asha")
    content = json.dumps({"email": "asha@nadi.example", "password": PASSWORD})
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = await visitor.post(
            "/api/desk/login", content=content, headers={"Content-Type": kind}
        )
        assert answer.status_code == 422 and "set-cookie" not in answer.headers

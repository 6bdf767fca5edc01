"""Opening a conversation, its token, its language, and who may do what with it."""

import asyncio
import datetime as dt

import httpx
import jwt
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from bot.conversations.models import Client, Conversation, Identity
from bot.db import new_id
from tests.channels.widget.conftest import Open, code_of
from tests.channels.widget.shop_app import SECRET


async def test_the_token_opens_its_own_conversation_only(open_conversation: Open) -> None:
    mine, other = await open_conversation(), await open_conversation()
    assert (await mine.call("GET", "/messages")).status_code == 200
    for id, token in ((mine.id, other.token), (other.id, mine.token), (new_id(), mine.token)):
        mine.id, mine.token = id, token
        for method, path in (
            ("GET", "/messages"),
            ("GET", "/events"),
            ("POST", "/messages"),
            ("POST", "/typing"),
            ("POST", "/identify"),
            ("PATCH", ""),
        ):
            body = {"json": {"id": "x", "text": "hello"}} if path == "/messages" else {}
            answer = await mine.call(method, path, **(body if method == "POST" else {}))
            assert answer.status_code == 401, (method, path)
            assert code_of(answer) == "unauthorized"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "bearer \xff", "x" * 9000]
)
async def test_a_malformed_token_is_refused(open_conversation: Open, header: str) -> None:
    client = await open_conversation()
    raw = [(b"authorization", header.encode("latin-1"))]
    answer = await client.call("GET", "/messages", headers=raw)
    assert answer.status_code == 401


async def test_the_token_is_not_taken_from_the_address(open_conversation: Open) -> None:
    client = await open_conversation()
    answer = await client.call("GET", f"/messages?token={client.token}", headers={})
    assert answer.status_code == 401


async def test_a_repeated_request_gets_the_empty_conversation_with_a_new_token(
    open_conversation: Open,
) -> None:
    first = await open_conversation(request_id="a" * 32)
    again = await open_conversation(request_id="a" * 32)
    assert again.id == first.id and again.token != first.token
    assert (await first.call("GET", "/messages")).status_code == 401
    assert (await again.send("hello")).status_code == 202


async def test_a_request_id_of_a_conversation_in_use_is_refused(
    open_conversation: Open, http: httpx.AsyncClient
) -> None:
    client = await open_conversation(request_id="b" * 32)
    await client.send("hello")
    answer = await http.post("/api/conversations", json={"request_id": "b" * 32})
    assert answer.status_code == 409 and code_of(answer) == "conversation_used"
    assert (await client.call("GET", "/messages")).status_code == 200


async def test_one_browser_is_one_client(open_conversation: Open, app: FastAPI) -> None:
    visitor = "v" * 20
    conversations = await asyncio.gather(*(open_conversation(visitor=visitor) for _ in range(5)))
    async with app.state.db.reading() as session:
        found = await session.execute(
            sa.select(Conversation.identity_id).where(
                Conversation.id.in_([each.id for each in conversations])
            )
        )
        assert len(set(found.scalars())) == 1


@pytest.mark.parametrize(
    ("fields", "header", "locale", "territory"),
    [
        ({"locale": "bn-BD"}, "en", "bn", "BD"),
        ({"locale": "xx"}, "ml-IN, en;q=0.5", "ml", "IN"),
        ({}, "en;q=0.1, mr;q=0.9", "mr", None),
        ({}, "*, ;q=, x;q=z, \xff", "en", None),
        ({}, ",".join(["q"] * 500), "en", None),
    ],
)
async def test_the_first_language_is_the_browsers(
    http: httpx.AsyncClient,
    app: FastAPI,
    fields: dict[str, str],
    header: str,
    locale: str,
    territory: str | None,
) -> None:
    raw = [(b"accept-language", header.encode("latin-1"))]
    answer = await http.post("/api/conversations", json=fields, headers=raw)
    async with app.state.db.reading() as session:
        found = await session.get(Conversation, answer.json()["conversation"])
    assert (found.locale, found.territory) == (locale, territory)


async def test_an_unknown_time_zone_is_left_aside_at_the_start_only(
    open_conversation: Open,
) -> None:
    client = await open_conversation(time_zone="Mars/Olympus")
    answer = await client.call("PATCH", json={"time_zone": "Mars/Olympus"})
    assert answer.status_code == 422 and code_of(answer) == "unknown_time_zone"
    answer = await client.call("PATCH", json={"time_zone": "Asia/Dhaka"})
    assert answer.json() == {"locale": "en", "time_zone": "Asia/Dhaka"}


async def test_a_chosen_language_is_spoken(open_conversation: Open) -> None:
    client = await open_conversation(locale="en")
    assert (await client.call("PATCH", json={"locale": "ml"})).json()["locale"] == "ml"
    assert (await client.history())["locale"] == "ml"
    answer = await client.call("PATCH", json={"locale": "tlh", "time_zone": "Asia/Dhaka"})
    assert answer.status_code == 422 and code_of(answer) == "unknown_locale"
    assert answer.headers["content-language"] == "ml"
    assert (await client.call("PATCH", json={})).json() == {"locale": "ml", "time_zone": None}


def token_for(
    sub: object = "42", secret: str = SECRET, minutes: int = 600, **claims: object
) -> str:
    """A token as the shop's server would sign it."""
    exp = dt.datetime.now(dt.timezone.utc) + dt.timedelta(minutes=minutes)
    return jwt.encode({"sub": sub, "exp": exp, **claims}, secret, algorithm="HS256")


async def test_the_shop_vouches_for_a_client(open_conversation: Open, app: FastAPI) -> None:
    client = await open_conversation(locale="en", visitor="w" * 20)
    token = token_for(
        name="Anjali Rao", email="anjali@example.org", locale="mr-IN", segments=["vip"]
    )
    answer = await client.call("POST", "/identify", json={"token": token})
    assert answer.status_code == 204
    async with app.state.db.reading() as session:
        conversation = await session.get(Conversation, client.id)
        identity = await session.get(Identity, conversation.identity_id)
        profile = await session.get(Client, identity.client_id)
    assert (identity.address, identity.verified) == ("verified:42", True)
    assert profile.segments == ["vip"]
    assert (profile.name, profile.email) == ("Anjali Rao", "anjali@example.org")
    assert conversation.locale == "mr"


async def test_a_chat_does_not_pass_from_one_person_to_another(open_conversation: Open) -> None:
    client = await open_conversation()
    for _ in range(2):
        answer = await client.call("POST", "/identify", json={"token": token_for("1")})
        assert answer.status_code == 204
    answer = await client.call("POST", "/identify", json={"token": token_for("2")})
    assert answer.status_code == 409 and code_of(answer) == "other_person"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        token_for(secret="another secret that is long enough to be one"),
        token_for(minutes=-1),
        token_for(sub=7),
        token_for(sub=""),
        token_for(sub="x" * 181),
        token_for(name=["Anjali"]),
        token_for(name="A\0"),
        token_for(email="not an address"),
        jwt.encode({"sub": "42"}, SECRET, algorithm="HS256"),
        jwt.encode({"sub": "42", "exp": 9999999999}, None, algorithm="none"),
        jwt.encode({"exp": 9999999999}, SECRET, algorithm="HS256"),
        jwt.encode({"sub": "42", "exp": 9999999999}, SECRET * 2, algorithm="HS512"),
    ],
    ids=str.__len__,
)
async def test_a_token_that_proves_nothing_is_refused(open_conversation: Open, token: str) -> None:
    client = await open_conversation()
    answer = await client.call("POST", "/identify", json={"token": token})
    assert answer.status_code == 403 and code_of(answer) == "bad_identity"


async def test_a_visitor_cannot_pose_as_a_verified_person(http: httpx.AsyncClient) -> None:
    answer = await http.post("/api/conversations", json={"visitor": "verified:0000000000000042"})
    assert answer.status_code == 422


async def test_the_database_has_no_token(open_conversation: Open, app: FastAPI) -> None:
    client = await open_conversation()
    async with app.state.db.reading() as session:
        row = (await session.execute(sa.select(Conversation))).scalar_one()
    assert client.token not in str(vars(row))


async def test_another_language_begins_with_its_own_form_of_address(
    app: FastAPI, open_conversation: Open
) -> None:
    client = await open_conversation(locale="hi")
    async with app.state.db.transaction() as session:
        found = await session.get(Conversation, client.id)
        found.register = "informal"
    assert (await client.call("PATCH", json={"locale": "bn"})).status_code == 200
    async with app.state.db.reading() as session:
        assert (await session.get(Conversation, client.id)).register is None


async def test_the_country_is_that_of_any_of_the_browsers_tags(
    app: FastAPI, http: httpx.AsyncClient
) -> None:
    raw = [(b"accept-language", b"en-US,en;q=0.9,bn-BD;q=0.8")]
    answer = await http.post("/api/conversations", json={"locale": "bn"}, headers=raw)
    async with app.state.db.reading() as session:
        found = await session.get(Conversation, answer.json()["conversation"])
    assert (found.locale, found.territory) == ("bn", "BD")

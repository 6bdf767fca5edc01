"""The desk's API: who may, what happens, what the loser hears."""

import asyncio
import json
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.conversations import log
from bot.db import new_id
from bot.desk.models import Audit
from bot.feedback import csat

House = Any
PASSWORD = "a long enough sentence"


def _error(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
async def test_from_queue_to_rating(house: House, sign_in: Any) -> None:
    chat = await house.chat("আমার অর্ডার কোথায়?", "bn", name="Rina")
    handoff = await house.hand_off(chat)
    asha, bina = await sign_in("Asha"), await sign_in("Bina")
    (waiting,) = (await asha.get("/api/desk/queue")).json()["waiting"]
    assert (waiting["handoff"], waiting["language"], waiting["position"]) == (handoff, "bn", 1)
    claims = await asyncio.gather(
        *(agent.post(f"/api/desk/handoffs/{handoff}/claim") for agent in (asha, bina))
    )
    assert sorted(claim.status_code for claim in claims) == [200, 409]
    winner, loser = (asha, bina) if claims[0].status_code == 200 else (bina, asha)
    name = "Asha" if winner is asha else "Bina"
    refused = next(claim for claim in claims if claim.status_code == 409)
    assert refused.json()["winner"] == name and name in refused.json()["error"]["message"]

    message = {"id": "m1", "text": "নমস্কার, দেখছি।"}
    url = f"/api/desk/conversations/{chat}/messages"
    first, again = [await winner.post(url, json=message) for _ in range(2)]
    assert first.status_code == 202 and first.json() == again.json()
    other_text = await winner.post(url, json={"id": "m1", "text": "something else"})
    assert (other_text.status_code, _error(other_text)) == (409, "id_taken")
    refused = await loser.post(url, json={"id": "m2", "text": "me too"})
    assert refused.status_code == 409 and refused.json()["winner"] == name
    for action in ("resolve", "transfer"):
        content = {"to": "queue"} if action == "transfer" else None
        refused = await loser.post(f"/api/desk/handoffs/{handoff}/{action}", json=content)
        assert refused.status_code == 409

    assert (await winner.post(f"/api/desk/handoffs/{handoff}/resolve")).status_code == 200
    assert (await winner.post(f"/api/desk/handoffs/{handoff}/resolve")).status_code == 409
    shown = (await winner.get(f"/api/desk/conversations/{chat}")).json()
    assert shown["owner"] == "bot" and shown["interaction"]["outcome"] == "handed_off"
    assert [m["text"] for m in shown["messages"] if m["author"] == "agent"] == [message["text"]]
    assert [m["name"] for m in shown["messages"] if m["author"] == "agent"] == [name]
    late = await winner.post(url, json={"id": "m3", "text": "one more thing"})
    assert (late.status_code, late.json()["winner"]) == (409, None)

    async with house.db.transaction() as session:
        claimed = await csat.claim(session, chat, text="২")
        assert claimed is not None and claimed.score == 2
    for page in (
        "/desk?tab=waiting",
        "/desk?tab=all",
        f"/desk/c/{chat}?tab=mine",
        "/desk/follow-ups",
    ):
        assert (await winner.get(page)).status_code == 200
    (owed,) = (await winner.get("/api/desk/follow-ups")).json()["follow_ups"]
    assert (owed["owner"], owed["score"], owed["language"]) == (name, 2, "bn")
    done = await winner.post(f"/api/desk/follow-ups/{owed['id']}/done")
    assert done.status_code == 200
    assert (await winner.post(f"/api/desk/follow-ups/{owed['id']}/done")).status_code == 404


async def test_the_same_message_sent_at_once_is_one(house: House, sign_in: Any) -> None:
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    asha = await sign_in("Asha")
    await asha.post(f"/api/desk/handoffs/{handoff}/claim")
    url = f"/api/desk/conversations/{chat}/messages"
    answers = await asyncio.gather(
        *(asha.post(url, json={"id": "same", "text": "Hello"}) for _ in range(8))
    )
    assert {(answer.status_code, answer.json()["seq"]) for answer in answers} == {
        (202, answers[0].json()["seq"])
    }
    async with house.db.reading() as session:
        sent = [m for m in await log.messages(session, chat) if m.author == "agent"]
    assert len(sent) == 1


async def test_notes_stay_at_the_desk(house: House, sign_in: Any) -> None:
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    asha = await sign_in("Asha")
    answer = await asha.post(f"/api/desk/handoffs/{handoff}/note", json={"text": "VIP, careful"})
    assert answer.status_code == 200
    async with house.db.reading() as session:
        assert "VIP" not in str(await log.messages(session, chat))
    assert "VIP, careful" in (await asha.get(f"/desk/c/{chat}")).text


async def test_supervisors_take_over_and_agents_do_not(house: House, sign_in: Any) -> None:
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    asha, bina = await sign_in("Asha"), await sign_in("Bina")
    chief = await sign_in("Chitra", role="supervisor")
    await asha.post(f"/api/desk/handoffs/{handoff}/claim")
    url = f"/api/desk/handoffs/{handoff}/transfer"
    mine = (await bina.get("/api/desk/me")).json()["id"]
    assert (await bina.post(url, json={"to": mine})).status_code == 409
    chiefs = (await chief.get("/api/desk/me")).json()["id"]
    assert (await chief.post(url, json={"to": chiefs})).status_code == 200
    shown = (await chief.get(f"/api/desk/conversations/{chat}")).json()
    assert shown["agent"] == "Chitra"
    assert (await chief.post(url, json={"to": "f" * 32})).status_code == 422
    assert (await chief.post(url, json={"to": "bot", "note": "done"})).status_code == 200


async def test_reading_is_written_down_once_a_while(house: House, sign_in: Any) -> None:
    chat = await house.chat()
    asha = await sign_in("Asha")
    for _ in range(3):
        await asha.get(f"/desk/c/{chat}")
        await asha.get(f"/desk/parts/conversation/{chat}")
    await asha.get(f"/api/desk/conversations/{chat}")
    async with house.db.reading() as session:
        found = await session.execute(
            sa.select(Audit.conversation_id).where(Audit.action == "read")
        )
        assert found.scalars().all() == [chat]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"id": "1"}', b'{"id": 1, "text": []}',
        b'{"id": "1", "text": "x", "more": 1}', b'{"id": "a b", "text": "x"}',
        json.dumps({"id": "1", "text": " \n "}).encode(),
        json.dumps({"id": "1", "text": "x" * 4001}).encode(),
        json.dumps({"id": "1" * 65, "text": "x"}).encode(),
    ],
)  # fmt: skip
async def test_hostile_bodies_get_a_clear_no(house: House, sign_in: Any, content: bytes) -> None:
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    asha = await sign_in("Asha")
    await asha.post(f"/api/desk/handoffs/{handoff}/claim")
    answer = await asha.post(
        f"/api/desk/conversations/{chat}/messages",
        content=content,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 422) and answer.json()["error"]["message"]


async def test_text_that_no_database_holds_is_mended(house: House, sign_in: Any) -> None:
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    asha = await sign_in("Asha")
    await asha.post(f"/api/desk/handoffs/{handoff}/claim")
    answer = await asha.post(
        f"/api/desk/conversations/{chat}/messages",
        content=b'{"id": "1", "text": "a\\u0000b\\ud800c"}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 202
    async with house.db.reading() as session:
        assert (await log.messages(session, chat))[-1].text == "ab\ufffdc"


@pytest.mark.parametrize("identifier", ["0" * 32, "x", "%00", "..%2f..", "0" * 5000])
async def test_addresses_of_nothing(sign_in: Any, identifier: str) -> None:
    asha = await sign_in("Asha")
    for path in ("conversations/{}", "handoffs/{}/claim", "conversations/{}/messages"):
        url = f"/api/desk/{path.format(identifier)}"
        content = {"id": "1", "text": "x"} if url.endswith("messages") else None
        method = "GET" if path == "conversations/{}" else "POST"
        answer = await asha.request(method, url, json=content)
        assert answer.status_code in (404, 422, 405), (path, answer.text)
    assert (await asha.get(f"/desk/c/{identifier}")).status_code in (200, 404, 422)


EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"{{7*7}}"


async def test_what_clients_type_is_never_markup(house: House, sign_in: Any) -> None:
    chat = await house.chat(EVIL, name=EVIL)
    handoff = await house.hand_off(chat, EVIL[:30])
    asha = await sign_in("Asha")
    await asha.post(f"/api/desk/handoffs/{handoff}/claim")
    await asha.post(f"/api/desk/handoffs/{handoff}/note", json={"text": EVIL})
    async with house.db.transaction() as session:
        await log.say(session, chat, "bot", EVIL, "en")
        await log.append(
            session, chat, "understood", {"entities": [{"entity": EVIL, "value": EVIL}]}
        )
    for path in ("/desk", f"/desk/c/{chat}?tab=all", f"/desk/c/{chat}?tab=mine"):
        page = await asha.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text and "<img src=x" not in page.text
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"


async def test_presence_language_and_leaving(house: House, sign_in: Any) -> None:
    asha = await sign_in("Asha")
    assert (await asha.patch("/api/desk/me", json={"present": False})).status_code == 204
    assert (await asha.get("/api/desk/me")).json()["present"] is False
    assert (await asha.patch("/api/desk/me", json={"locale": "bn"})).status_code == 204
    assert '<html lang="bn"' in (await asha.get("/desk")).text
    assert (await asha.patch("/api/desk/me", json={"locale": "xx"})).status_code == 422
    assert (await asha.post("/api/desk/logout")).status_code == 204
    assert (await asha.get("/api/desk/me")).status_code == 401


async def test_places_are_called_in_the_agents_language(house: House, sign_in: Any) -> None:
    chat = await house.chat(zone="Asia/Kolkata")
    asha = await sign_in("Asha")
    assert "Kolkata" in (await asha.get(f"/desk/c/{chat}?tab=all")).text
    await asha.patch("/api/desk/me", json={"locale": "bn"})
    page = (await asha.get(f"/desk/c/{chat}?tab=all")).text
    assert "কলকাতা" in page and "Kolkata" not in page
    settings = (await asha.get("/desk/settings")).text
    assert '<option value="Asia/Dhaka">ঢাকা</option>' in settings


async def test_static_files_are_what_the_manifest_says(visitor: httpx.AsyncClient) -> None:
    from bot.desk import assets

    page = await visitor.get("/desk/login")
    for name in ("desk.js", "desk.css", "htmx-4.0.1.min.js", "icon.svg"):
        assert assets.url(name) in page.text
        answer = await visitor.get(assets.url(name))
        assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert (await visitor.get("/desk/static/manifest.json")).status_code == 404
    assert (await visitor.get("/desk/static/../router.py")).status_code == 404


async def test_an_unknown_conversation_page_says_so_gently(sign_in: Any) -> None:
    asha = await sign_in("Asha")
    page = await asha.get(f"/desk/c/{new_id()}")
    assert "Choose a conversation" in page.text


async def test_an_agent_may_write_first_and_is_not_rated_for_it(house: House, sign_in: Any) -> None:
    chat = await house.chat()
    asha, bina = await sign_in("Asha"), await sign_in("Bina")
    assert (await asha.post(f"/api/desk/conversations/{chat}/reach-out")).status_code == 200
    refused = await bina.post(f"/api/desk/conversations/{chat}/reach-out")
    assert (refused.status_code, refused.json()["winner"]) == (409, "Asha")
    sent = await asha.post(
        f"/api/desk/conversations/{chat}/messages", json={"id": "1", "text": "As promised"}
    )
    assert sent.status_code == 202
    handoff = (await asha.get(f"/api/desk/conversations/{chat}")).json()["handoff"]
    assert (await asha.post(f"/api/desk/handoffs/{handoff}/resolve")).status_code == 200
    async with house.db.reading() as session:
        assert await csat.of_conversation(session, chat) == []
    missing = await asha.post(f"/api/desk/conversations/{new_id()}/reach-out")
    assert missing.status_code == 404


async def test_the_queue_stays_quick_with_many_waiting(house: House, sign_in: Any) -> None:
    """The statements behind a page do not grow with the queue."""
    asha = await sign_in("Asha")
    statements: list[str] = []
    sa.event.listen(
        house.db.engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _u, statement, *_: statements.append(statement),
    )
    counted = []
    for _ in range(2):
        for _ in range(5):
            await house.hand_off(await house.chat())
        statements.clear()
        assert (await asha.get("/desk/parts/queue")).text.count('class="row unread"') >= 5
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 11, statements

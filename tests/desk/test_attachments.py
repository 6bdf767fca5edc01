"""Files at the desk: signed-in agents see them, whoever has the chat sends some."""

from typing import Any

import sqlalchemy as sa

from bot.conversations import files
from bot.conversations.models import Conversation
from bot.handoff import queue
from bot.handoff.models import Agent
from tests.conversations.test_files import PDF_BYTES, picture

House = Any


async def _claimed(house: House, email: str) -> str:
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    async with house.db.transaction() as session:
        found = await session.execute(sa.select(Agent.id).where(Agent.email == email))
        await queue.claim(session, handoff, found.scalar_one())
    return str(chat)


async def test_an_agent_sends_a_picture_without_words(house: House, sign_in: Any) -> None:
    asha, bina = await sign_in("Asha"), await sign_in("Bina")
    chat = await _claimed(house, "asha@nadi.example")
    where = f"/api/desk/conversations/{chat}/attachments"
    brought = await asha.post(where, content=picture("PNG"), params={"name": "lamp.png"})
    assert brought.status_code == 201
    id = brought.json()["id"]
    said = {"id": "m1", "text": "", "attachments": [id]}
    url = f"/api/desk/conversations/{chat}/messages"
    first = await asha.post(url, json=said)
    assert first.status_code == 202 and (await asha.post(url, json=said)).json() == first.json()
    assert (await asha.post(url, json={**said, "id": "m2"})).status_code == 422

    page = (await asha.get(f"/desk/parts/conversation/{chat}")).text
    assert f'src="/desk/attachments/{id}"' in page and "[Photo]" not in page
    seen = await bina.get(f"/desk/attachments/{id}")
    assert seen.status_code == 200 and seen.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in seen.headers["content-security-policy"]


async def test_only_whoever_has_the_chat_brings_files(house: House, sign_in: Any) -> None:
    await sign_in("Asha")
    bina = await sign_in("Bina")
    chat = await _claimed(house, "asha@nadi.example")
    where = f"/api/desk/conversations/{chat}/attachments"
    assert (await bina.post(where, content=PDF_BYTES)).status_code == 403
    del bina.headers["X-CSRF-Token"]
    assert (await bina.post(where, content=PDF_BYTES)).json()["error"]["code"] == "bad_csrf"


async def test_not_where_files_do_not_reach_the_client(house: House, sign_in: Any) -> None:
    asha = await sign_in("Asha")
    chat = await _claimed(house, "asha@nadi.example")
    async with house.db.transaction() as session:
        (await session.get(Conversation, chat)).channel = "pigeon"
    assert 'id="attach"' not in (await asha.get(f"/desk/parts/conversation/{chat}")).text
    where = f"/api/desk/conversations/{chat}/attachments"
    assert (await asha.post(where, content=PDF_BYTES)).status_code == 422


async def test_an_agent_hears_at_once_what_the_app_does_not_take(
    house: House, sign_in: Any
) -> None:
    asha = await sign_in("Asha")
    chat = await _claimed(house, "asha@nadi.example")
    async with house.db.transaction() as session:
        (await session.get(Conversation, chat)).channel = "whatsapp"
    assert 'id="attach"' in (await asha.get(f"/desk/parts/conversation/{chat}")).text
    where = f"/api/desk/conversations/{chat}/attachments"
    assert (await asha.post(where, content=PDF_BYTES)).status_code == 201
    refused = await asha.post(where, content=picture("GIF"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "file_not_there")


async def test_a_stranger_sees_no_file(house: House, visitor: Any) -> None:
    chat = await house.chat()
    async with house.db.transaction() as session:
        row = await files.keep(session, chat, files.CLIENT, files.prepare(PDF_BYTES, "a.pdf"))
    assert (await visitor.get(f"/desk/attachments/{row.id}")).status_code == 401

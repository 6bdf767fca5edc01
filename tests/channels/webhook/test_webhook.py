"""The signed webhook: its forms, what it refuses, and what goes out."""

import json
import time
from typing import Any

import jwt
import pytest
import sqlalchemy as sa

from bot.channels.contract import Unreadable, Unverified
from bot.channels.platform import retry_after, signature
from bot.channels.webhook.channel import Webhook
from bot.conversations.models import Client, Identity
from tests.channels.conftest import Line
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits import WebhookKit

KIT = WebhookKit()
FULL = {"id": "1", "from": "a", "text": "hi"}


@pytest.mark.parametrize(
    "content",
    [
        [],
        "text",
        None,
        {},
        {"id": "1", "from": "a"},
        {**FULL, "type": "shout"},
        {**FULL, "type": []},
        {**FULL, "surprise": 1},
        {**FULL, "payload": "x"},
        {**FULL, "id": 7},
        {**FULL, "id": ""},
        {**FULL, "from": "x" * 201},
        {**FULL, "text": "\x00"},
        {**FULL, "text": "\ud800"},
        {**FULL, "text": "x" * 20_001},
        {**FULL, "media": "hologram"},
        {**FULL, "number": 0},
        {**FULL, "number": True},
        {"type": "edit", "id": "1", "from": "a", "text": "x"},
        {"type": "receipt", "id": "1", "state": "eaten"},
    ],
)
def test_what_is_not_in_the_description_is_unreadable(platform: FakePlatform, content: Any) -> None:
    with pytest.raises(Unreadable):
        KIT.channel(platform).parse(KIT.sign(content))


@pytest.mark.parametrize("stamp", ["", "abc", "1e9", "-5", "१७०००", "9" * 400])
def test_a_timestamp_that_is_none(platform: FakePlatform, stamp: str) -> None:
    hook = KIT.sign(FULL)
    signed = signature(KIT.secret, f"{stamp}.".encode() + hook.body)
    headers = {"setu-timestamp": stamp, "setu-signature": f"sha256={signed}"}
    with pytest.raises(Unverified):
        KIT.channel(platform).verify(type(hook)(hook.body, headers, {}, hook.at))


@pytest.mark.parametrize("kit", [KIT], ids=["webhook"])
@pytest.mark.parametrize("line", ["sqlite"], indirect=True)
class TestTheWayThere:
    async def test_answers_are_signed_and_named(self, line: Line) -> None:
        await line.post(KIT.text("a", 1, "where is my order?"))
        await line.work()
        (call,) = line.platform.calls
        stamp = call.headers["setu-timestamp"]
        signed = signature(KIT.secret, f"{stamp}.".encode() + call.raw)
        assert call.headers["setu-signature"] == f"sha256={signed}"
        assert call.headers["idempotency-key"] == call.content["id"]
        assert call.content == {
            "type": "message",
            "id": call.content["id"],
            "to": "a",
            "text": "re: where is my order?",
            "format": "markdown",
            "language": "en",
            "author": "bot",
            "name": None,
            "buttons": [],
            "layout": None,
        }

    async def test_receipts_move_a_state_on_and_never_back(self, line: Line) -> None:
        await line.post(KIT.text("a", 1, "hello"))
        await line.work()
        sent = line.platform.sent()[0]["id"]
        for state in ("read", "delivered", "failed"):
            await line.post({"type": "receipt", "id": sent, "state": state})
            assert await line.states() == [("read", None)]
        assert (await line.post({"type": "receipt", "id": "no", "state": "read"})).is_success

    async def test_what_was_deleted_is_gone_from_everywhere(self, line: Line) -> None:
        await line.post(KIT.text("a", 1, "my secret is 4411"))
        await line.work()
        for _ in range(2):
            assert (await line.post({"type": "delete", "id": "m1", "from": "a"})).is_success
        row = await line.conversation("a")
        assert "4411" not in json.dumps(row.dialogue)
        message = (await line.messages("a"))[0]
        assert message.text == "" and message.payload["deleted"]
        assert await line.events("deleted") == [{"of": message.seq}]
        assert "4411" not in json.dumps(await line.events("understood"))

    async def test_what_is_deleted_before_its_turn_is_not_answered(self, line: Line) -> None:
        await line.post(KIT.text("a", 1, "never mind"))
        await line.post({"type": "delete", "id": "m1", "from": "a"})
        await line.work()
        assert line.engine.turns == [] and line.platform.sent() == []

    async def test_numbered_messages_are_put_in_order(self, line: Line) -> None:
        import asyncio

        await line.post({**KIT.text("a", 1, "one"), "number": 1})
        late = asyncio.create_task(line.post({**KIT.text("a", 3, "three"), "number": 3}))
        await asyncio.sleep(0)
        other = line.post({**KIT.text("a", 2, "two"), "number": 2})
        await asyncio.gather(late, other)
        client = [each.text for each in await line.messages("a") if each.author == "client"]
        assert client == ["one", "two", "three"]

    async def test_who_writes_too_much_is_told_to_wait(self, line: Line) -> None:
        replies = [await line.post(KIT.text("a", number, "hi")) for number in range(101)]
        assert replies[99].is_success
        assert replies[100].status_code == 429
        assert int(replies[100].headers["retry-after"]) > 0

    async def test_a_code_written_in_another_chat_makes_one_client(self, line: Line) -> None:
        await line.post(KIT.text("a", 1, "/link"))
        await line.work()
        told = line.sent()[0]["text"]
        code = next(word for word in told.split() if word.startswith("link-")).rstrip(".।")
        await line.post(KIT.text("b", 1, code))
        await line.work()
        assert line.engine.turns == []
        assert len(line.sent()) == 2 and code not in line.sent()[1]["text"]
        async with line.db.reading() as session:
            clients = await session.execute(sa.select(Identity.client_id).distinct())
            assert len(clients.all()) == 1

    async def test_the_shops_word_makes_one_client_of_two(self, line: Line) -> None:
        claims = {"sub": "17", "name": "Rina Sen", "exp": time.time() + 60}
        token = jwt.encode(claims, "the shop's own secret, quite long", algorithm="HS256")
        for who in ("a", "b"):
            assert (await line.post({**KIT.text(who, 1, "hi"), "identity": token})).is_success
        forged = jwt.encode(
            {**claims, "sub": "1"}, "another secret of the same length" * 2, algorithm="HS256"
        )
        reply = await line.post({**KIT.text("c", 1, "hi"), "identity": forged})
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "bad_identity")
        other = jwt.encode(
            {**claims, "sub": "18"}, "the shop's own secret, quite long", algorithm="HS256"
        )
        assert (await line.post({**KIT.text("a", 2, "hi"), "identity": other})).status_code == 409
        async with line.db.reading() as session:
            rows = await session.execute(
                sa.select(Client.name)
                .join(Identity, Identity.client_id == Client.id)
                .where(Identity.address.in_(["a", "b"]))
                .distinct()
            )
            assert list(rows.scalars()) == ["Rina Sen"]

    async def test_left(self, line: Line) -> None:
        await line.post(KIT.text("a", 1, "hello"))
        line.platform.script.append(Reply(503))
        await line.work()
        await line.post({"type": "left", "from": "a"})
        assert await line.states() == [("failed", "blocked")]


async def test_check_pings(platform: FakePlatform) -> None:
    channel = KIT.channel(platform)
    assert all(finding.ok for finding in await channel.check("http://here"))
    assert platform.sent() == [{"type": "ping"}]
    platform.usual = Reply(401)
    assert [finding.ok for finding in await channel.check("http://here")] == [True, False]
    await channel.close()
    nowhere = Webhook("x", "")
    assert not (await nowhere.check("http://here"))[1].ok
    await nowhere.close()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("", None), ("7", 7), ("-3", 0), ("99999999", 3600), ("soon", None),
     ("nan", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)  # fmt: skip
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds

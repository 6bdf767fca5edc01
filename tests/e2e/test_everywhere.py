"""The whole path on WhatsApp, Slack and e-mail: one product, asked as each platform asks.

What comes is signed as the platforms document it, or lies in a real mailbox; what goes out arrives
at an HTTP server that answers as they do, or at a real mail server.
"""

import gzip
import re
import shutil
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.platform import signature
from bot.languages.formats import number
from bot.languages.say import say
from tests.channels.fake import FakePlatform
from tests.channels.kits import Kit, SlackKit, WhatsAppKit
from tests.channels.mail import OWN, PASSWORD, Dovecot, Post
from tests.e2e.forked import ForkedProduct
from tests.e2e.people import PEOPLE, ByMail, House, OnWhatsApp, Person
from tests.e2e.product import DeskClient
from tests.patience import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def house(stocked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, dovecot, box = tmp_path_factory.mktemp("everywhere"), Dovecot(), f"u{uuid.uuid4().hex}"
    post = Post(dovecot.certified)
    shutil.copytree(stocked, folder / "data")
    try:
        with FakePlatform().running() as platform:
            for kit in (WhatsAppKit(), SlackKit()):
                kit.channel(platform)
                platform.by_path[kit.path] = platform.usual
            product = ForkedProduct(
                folder,
                SETU_WHATSAPP_TOKEN="EAAG",
                SETU_WHATSAPP_SECRET=WhatsAppKit.secret,
                SETU_WHATSAPP_PHONE=WhatsAppKit.phone,
                SETU_WHATSAPP_API=platform.url,
                SETU_SLACK_TOKEN="xoxb-1",
                SETU_SLACK_SECRET=SlackKit.secret,
                SETU_SLACK_API=platform.url,
                SETU_EMAIL_IMAP=f"imaps://localhost:{dovecot.imaps}",
                SETU_EMAIL_SMTP=f"smtps://localhost:{post.port}",
                SETU_EMAIL_FROM=f"Nadi <{OWN}>",
                SETU_EMAIL_USER=box,
                SETU_EMAIL_PASSWORD=PASSWORD,
                SETU_EMAIL_SECONDS="1",
                SSL_CERT_FILE=str(dovecot.folder / "cert.pem"),
            )
            product.start()
            desk = product.desk()
            yield House(product, platform, post, dovecot, box, desk)
            desk.http.close()
            assert product.stop() == 0
            output = product.output.read_text()
            for secret in (WhatsAppKit.secret, SlackKit.secret, PASSWORD, "EAAG", "xoxb-1"):
                assert secret not in output
            assert "Traceback" not in output
    finally:
        post.close()
        dovecot.close()


def _delivery(desk: DeskClient, chat: str, text: str) -> dict[str, str | None]:
    """How the desk says a message has fared."""
    messages = desk.get(f"/conversations/{chat}")["messages"]
    found: dict[str, str | None] = next(
        each["delivery"] for each in reversed(messages) if each["text"] == text
    )
    return found


def _stands(desk: DeskClient, chat: str, text: str, state: str, reason: str | None = None) -> None:
    """Wait until the desk shows a state."""
    expected, until = {"state": state, "reason": reason}, time.monotonic() + PATIENCE
    while (found := _delivery(desk, chat, text)) != expected:
        assert time.monotonic() < until, f"{text!r} is {found}, not {expected}"
        time.sleep(0.05)


@pytest.mark.parametrize("kind", PEOPLE, ids=lambda kind: kind.name)
def test_from_the_question_to_the_rating(house: House, kind: type[Person]) -> None:
    client, desk = kind(house), house.desk

    def ui(key: str, **values: object) -> str:
        return say(key, client.locale, None, **values)

    # An answer that does not help, and a person instead.
    client.say(client.question)
    yes, no = ui("engine.button.yes"), ui("engine.button.no")
    asked = client.offered(no)
    assert yes in asked.choices
    client.choose(asked, no)
    person, others = ui("engine.button.person_yes"), ui("engine.button.none_of_these")
    while person not in (offer := client.offered(person, others, no)).choices:
        client.choose(offer, others if others in offer.choices else no)
    client.choose(offer, person)
    client.say(client.more, client.told(ui("handoff.next")))

    # Claimed and answered at the desk.
    until = time.monotonic() + PATIENCE
    while not (rows := [r for r in _waiting(desk) if r["last"]["text"] == client.more]):
        assert time.monotonic() < until, _waiting(desk)
        time.sleep(0.1)
    chat = str(rows[0]["conversation"])
    handoff = desk.claim(chat)
    desk.do(f"/conversations/{chat}/messages", id="a1", text="Asha: 2 < 3 & more")
    answer = client.until(lambda message: "more" in message.text)
    assert "Asha" in answer.text
    _stands(desk, chat, "Asha: 2 < 3 & more", "sent")
    if isinstance(client, OnWhatsApp):
        arrived = _wamid(house, "more")
        for state in ("delivered", "sent", "read"):  # they overtake each other
            client.status(arrived, state)
            stands = "delivered" if state == "sent" else state
            _stands(desk, chat, "Asha: 2 < 3 & more", stands)

    # A rating, as far as the platform can show one.
    desk.do(f"/handoffs/{handoff}/resolve")
    rating = client.told(ui("csat.ask").split("?")[0][:20])
    four = number(4, client.locale)
    if isinstance(client, ByMail):
        client.say("৪", rating)
    else:
        assert list(rating.choices) == [number(n, client.locale) for n in range(1, 6)]
        client.choose(rating, four)
    client.told(ui("csat.ask_better"))
    (stored,) = desk.get(f"/conversations/{chat}")["ratings"]
    assert (stored["status"], stored["score"]) == ("answered", 4)

    # They block us, and the desk says so.
    desk.do(f"/conversations/{chat}/reach-out")
    client.blocks_us()
    desk.do(f"/conversations/{chat}/messages", id="a2", text="One more thing")
    gone = "gone" if isinstance(client, ByMail) else "blocked"
    _stands(desk, chat, "One more thing", "failed", gone)
    page = desk.http.get(f"/desk/c/{chat}")
    assert say(f"desk.undelivered.{gone}", "en") in page.text


def _waiting(desk: DeskClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get("/queue")["waiting"]
    return found


def _wamid(house: House, part: str) -> str:
    """What the platform called the message with these words."""
    place = next(
        nth
        for nth, call in enumerate(house.platform.calls, 1)
        if call.path.endswith("/messages") and part in str(call.content)
    )
    return f"wamid.{place}"


_PRIVATE = "my card is 4111 and my mother's name is Mukta"


def _door(house: House, name: str, content: bytes, **headers: str) -> httpx.Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    path = f"/api/channels/{name}"
    return house.product.request("POST", path, content=content, headers=named)


def _refused(reply: httpx.Response, *allowed: int) -> None:
    assert reply.status_code in allowed, (reply.status_code, reply.text[:300])
    error = reply.json()["error"]
    assert error["message"].strip() and error["message"] != error["code"]
    assert _PRIVATE not in reply.text and "Traceback" not in reply.text


@pytest.mark.parametrize("kit", [WhatsAppKit(), SlackKit()], ids=lambda kit: kit.name)
def test_hostile_requests_at_a_door(house: House, kit: Kit) -> None:
    said = kit.text("5550001", 7000, _PRIVATE)
    honest = kit.sign(said)
    headers = dict(honest.headers)
    stranger = {key: re.sub(r"[0-9a-f]{64}", "0" * 64, value) for key, value in headers.items()}

    # Not the platform's, or not any more.
    _refused(_door(house, kit.name, honest.body), 401)
    _refused(_door(house, kit.name, honest.body, **stranger), 401)
    _refused(_door(house, kit.name, honest.body + b" ", **headers), 401)
    if kit.name == "slack":
        hour_ago = kit.sign(said, time.time() - 3600)
        _refused(_door(house, kit.name, hour_ago.body, **dict(hour_ago.headers)), 401)

    # Too much of it, also where it says nothing of its length, or is small until it is unpacked.
    _refused(_door(house, kit.name, b" " * (1024 * 1024 + 1), **headers), 413)
    ask, path = house.product.request, f"/api/channels/{kit.name}"
    endless = ask("POST", path, content=(b" " * 65536 for _ in range(64)), headers=headers)
    _refused(endless, 413)
    bomb = gzip.compress(b"[" * 50_000_000)
    packed = _signed_raw(kit, bomb)
    _refused(_door(house, kit.name, bomb, **{**packed, "content-encoding": "gzip"}), 422)

    # Signed, and no JSON that could be meant.
    for raw in (b"", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b"9" * 100_000):
        reply = _door(house, kit.name, raw, **_signed_raw(kit, raw))
        assert reply.status_code in (200, 422), (raw[:20], reply.status_code)
    twice = honest.body.replace(b'{"', b'{"type": [], "object": 1, "', 1)
    assert _door(house, kit.name, twice, **_signed_raw(kit, twice)).status_code in (200, 422)
    other = {**headers, "content-type": "multipart/form-data; boundary=x"}
    assert _door(house, kit.name, honest.body, **other).status_code == httpx.codes.OK

    # Nothing there, or not to be done.
    for name in ("nowhere", "email", "..%2fhealth", "%00", "WhatsApp", "a" * 5000):
        _refused(_door(house, name, honest.body, **headers), 404, 422)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        _refused(ask(method, path, content=honest.body, headers=headers), 405)
    guess = {"hub.mode": "subscribe", "hub.verify_token": "guess"}
    _refused(ask("GET", path, params=guess), 401)
    challenge = ask("GET", path, params={"hub.challenge": "a\r\nSet-Cookie: x=1"})
    assert "set-cookie" not in challenge.headers


def _signed_raw(kit: Kit, raw: bytes) -> dict[str, str]:
    """What a platform would sign these bytes with."""
    if isinstance(kit, WhatsAppKit):
        return {"x-hub-signature-256": f"sha256={signature(kit.secret, raw)}"}
    stamp = str(int(time.time()))
    signed = signature(SlackKit.secret, f"v0:{stamp}:".encode() + raw)
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={signed}"}


def test_headers_cannot_be_split_and_guessing_ends(house: House) -> None:
    raw = (
        b"POST /api/channels/slack HTTP/1.1\r\nHost: x\r\nX-Slack-Signature: a\r\n b\r\n"
        b"Content-Length: 2\r\nContent-Length: 4000\r\nTransfer-Encoding: chunked\r\n\r\n{}"
    )
    with socket.create_connection(("127.0.0.1", house.product.port), PATIENCE) as line:
        line.sendall(raw)
        assert line.recv(100).startswith(b"HTTP/1.1 400")
    # From an address of its own: the others' must not be held against them.
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    url = f"{house.product.url}/api/channels/slack"
    with httpx.Client(transport=elsewhere, timeout=PATIENCE) as http:
        assert {http.post(url, content=b"{}").status_code for _ in range(70)} == {401, 429}
    assert _PRIVATE not in house.product.output.read_text()

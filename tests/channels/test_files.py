"""Files at the platforms' edges: whose hosts are asked, what goes by which call."""

from typing import Any

import pytest

from bot.channels.contract import Attached, Heard, Hook, Later, Never, Outgoing, Unreadable
from bot.channels.email.letters import MOST_ENCLOSED, parts_of
from bot.channels.slack.updates import of_event
from bot.channels.telegram.updates import read
from bot.conversations.files import PDF, Unfit, as_jpeg
from bot.db import now
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits import SlackKit, TelegramKit, WebhookKit, WhatsAppKit
from tests.conversations.test_files import PDF_BYTES, picture


def attached(name: str, kind: str, content: bytes, **more: Any) -> Attached:
    async def give() -> bytes:
        return content

    return Attached(name, kind, more.pop("size", len(content)), give, **more)


def outgoing(*files: Attached, **more: Any) -> Outgoing:
    values: dict[str, Any] = {"text": "", "language": "en", "author": "agent", **more}
    return Outgoing(id="c" * 32 + "-7", conversation="c", address="42", files=files, **values)


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "http://evil", "", "a?b"])
async def test_telegram_names_no_place_elsewhere(platform: FakePlatform, path: str) -> None:
    channel = TelegramKit().channel(platform)
    found = {"ok": True, "result": {"file_path": path}}
    platform.by_path["/getFile"] = Reply(200, found)
    with pytest.raises(Never):
        await channel.fetch({"file": "AgAD"}, 100)
    assert [call.path.rpartition("/")[2] for call in platform.calls] == ["getFile"]
    await channel.close()


async def test_what_telegram_gives_no_bot_is_too_large(platform: FakePlatform) -> None:
    channel = TelegramKit().channel(platform)
    fault = {"ok": False, "error_code": 400, "description": "Bad Request: file is too big"}
    platform.by_path["/getFile"] = Reply(400, fault)
    with pytest.raises(Unfit, match="file_large"):
        await channel.fetch({"file": "AgAD"}, 100)
    await channel.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://lookaside.fbsbx.com.evil.example/x",
        "https://lookaside.fbsbx.com:8443/x",
        "https://us:er@lookaside.fbsbx.com/x",
        "http://lookaside.fbsbx.com/x",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
async def test_no_token_goes_to_a_foreign_host(platform: FakePlatform, url: str) -> None:
    whatsapp, slack = WhatsAppKit().channel(platform), SlackKit().channel(platform)
    platform.by_path["/4711"] = Reply(200, {"url": url})
    platform.by_path["/files.getUploadURLExternal"] = Reply(
        200, {"ok": True, "upload_url": url, "file_id": "F1"}
    )
    with pytest.raises(Never):
        await whatsapp.fetch({"media": "4711"}, 100)
    with pytest.raises(Never):
        await whatsapp.fetch({"media": "../../4711"}, 100)
    with pytest.raises(Never):
        await slack.fetch({"url": url.replace("lookaside.fbsbx.com", "files.slack.com")}, 100)
    message = outgoing(attached("a.pdf", PDF, PDF_BYTES))
    with pytest.raises(Later):
        await slack.send(message, slack.render(message)[0])
    for channel in (whatsapp, slack):
        await channel.close()


async def test_a_program_may_only_name_its_own_host(platform: FakePlatform) -> None:
    kit = WebhookKit()
    channel = kit.channel(platform)
    content = kit.photo("till-3", 1)
    (update,) = channel.parse(kit.sign(content))
    assert update.media == "photo" and len(update.remote) == 1  # type: ignore[union-attr]
    content["files"][0]["url"] = "http://127.0.0.1:22/"
    with pytest.raises(Unreadable):
        channel.parse(kit.sign(content))
    await channel.close()


async def test_what_a_program_is_asked_for_is_signed(platform: FakePlatform) -> None:
    kit = WebhookKit()
    channel = kit.channel(platform)
    kit.keeps(platform, Reply(200, b"x"))
    assert await channel.fetch({"url": f"{platform.url}/pictures/1?of=me"}, 100) == b"x"
    headers = platform.calls[-1].headers
    again = Hook(b"/pictures/1?of=me", headers, {}, float(headers["setu-timestamp"]))
    channel.verify(again)
    await channel.close()


def test_what_can_only_be_heard_or_watched_is_not_fetched() -> None:
    chat = {"id": 42, "type": "private"}
    animation: dict[str, Any] = {"animation": {"file_id": "x"}, "document": {"file_id": "x"}}
    (said,) = read({"message": {"message_id": 1, "chat": chat, **animation}})
    assert said.media == "video" and said.remote == ()  # type: ignore[union-attr]
    file = {"mimetype": "video/mp4", "url_private": "https://files.slack.com/x"}
    event = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "ts": "1.1"}
    (said,) = of_event({**event, "subtype": "file_share", "files": [file, "broken"]})
    assert said.media == "video" and said.remote == ()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("file", "call"),
    [
        (attached("a.jpg", "image/jpeg", b"x", width=800, height=600), "sendPhoto"),
        (attached("a.jpg", "image/jpeg", b"x", width=4000, height=100), "sendDocument"),
        (attached("a.jpg", "image/jpeg", b"x", width=9, height=9, size=2**24), "sendDocument"),
        (attached("a.gif", "image/gif", b"x", width=80, height=60), "sendDocument"),
        (attached("a.pdf", PDF, b"x"), "sendDocument"),
    ],
)
async def test_telegram_shows_what_it_can(
    platform: FakePlatform, file: Attached, call: str
) -> None:
    channel = TelegramKit().channel(platform)
    message = outgoing(file, text="2 < 3")
    (part,) = channel.render(message)
    assert await channel.send(message, part) == "42:7001"
    (sent,) = platform.calls
    assert sent.path.endswith(call)
    assert sent.content == {"chat_id": "42", "caption": "2 &lt; 3", "parse_mode": "HTML"}
    await channel.close()


async def test_a_picture_telegram_cannot_read_goes_as_a_document(platform: FakePlatform) -> None:
    channel = TelegramKit().channel(platform)
    fault = {"ok": False, "description": "Bad Request: PHOTO_INVALID_DIMENSIONS"}
    platform.by_path["/sendPhoto"] = Reply(400, fault)
    message = outgoing(attached("a.png", "image/png", b"x", width=8, height=6))
    await channel.send(message, channel.render(message)[0])
    assert [call.path.rpartition("/")[2] for call in platform.calls] == [
        "sendPhoto",
        "sendDocument",
    ]
    await channel.close()


async def test_whatsapp_gets_webp_as_jpeg(platform: FakePlatform) -> None:
    channel = WhatsAppKit().channel(platform)
    heard = Heard(now(), "wamid.1", {})
    file = attached("lamp.webp", "image/webp", picture("WEBP"), width=40, height=20)
    message = outgoing(file, text="look", heard=heard)
    (part,) = channel.render(message)
    await channel.send(message, part)
    name, kind, content = platform.calls[0].files["file"]
    assert (name, kind) == ("lamp.jpg", "image/jpeg") and content.startswith(b"\xff\xd8")
    assert platform.calls[1].content["image"] == {"id": "1", "caption": "look"}
    await channel.close()


async def test_after_the_window_the_words_go_and_the_file_stays(platform: FakePlatform) -> None:
    channel = WhatsAppKit().channel(platform, template="news")
    message = outgoing(attached("a.pdf", PDF, PDF_BYTES), text="your invoice")
    (part,) = channel.render(message)
    with pytest.raises(Never) as never:
        await channel.send(message, part)
    assert never.value.reason == "window"
    (sent,) = platform.calls
    assert sent.content["template"]["components"][0]["parameters"][0]["text"] == "your invoice"
    await channel.close()


def test_too_much_for_one_mail_goes_in_several() -> None:
    half = MOST_ENCLOSED // 2 + 1
    files = [attached(f"{n}.pdf", PDF, b"", size=half if n < 2 else 5) for n in range(3)]
    parts = parts_of(outgoing(*files, text="Here"), "help@nadi.example", "Nadi")
    assert [part["files"] for part in parts] == [[0], [1, 2]]
    assert [part["text"] for part in parts] == ["Here", "1.pdf, 2.pdf"]
    assert len({part["id"] for part in parts}) == 2


def test_what_shines_through_becomes_paper() -> None:
    jpeg = as_jpeg(picture("PNG"))
    assert jpeg.startswith(b"\xff\xd8")

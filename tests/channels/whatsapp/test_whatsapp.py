"""WhatsApp's payloads as documented, its buttons and lists, and its 24 hours."""

import datetime as dt
from typing import Any

import pytest

from bot.channels.contract import (
    Choice,
    Heard,
    Hook,
    Later,
    Never,
    Outgoing,
    Receipt,
    Said,
    Unverified,
)
from bot.channels.whatsapp.updates import read, zone_of
from bot.db import now
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits import WhatsAppKit

KIT = WhatsAppKit()


def message(kind: str, content: Any, **more: Any) -> dict[str, Any]:
    one = {"from": "919876543210", "id": "wamid.1", "timestamp": "5", "type": kind, kind: content}
    return KIT.value(messages=[{**one, **more}])


def said(**more: Any) -> Said:
    values: dict[str, Any] = {"address": "919876543210", "id": "wamid.1", **more}
    return Said(**values, time_zone="Asia/Calcutta")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (message("text", {"body": "hi"}), [said(text="hi")]),
        (message("button", {"text": "Yes", "payload": "x"}), [said(text="Yes")]),
        (
            message("interactive", {"type": "list_reply", "list_reply": {"id": "p", "title": "1"}}),
            [said(payload="p")],
        ),
        (message("interactive", {"type": "nfm_reply", "nfm_reply": {}}), []),
        (message("image", {"caption": "broken"}), [said(media="photo", text="broken")]),
        (message("audio", {"voice": True}), [said(media="voice")]),
        (message("document", {"filename": "bill.pdf"}), [said(media="file")]),
        (message("contacts", [{}]), [said(media="contact")]),
        (message("unsupported", None), [said(media="other")]),
        (message("hologram", {}), [said(media="other")]),
        (message("reaction", {"emoji": "👍", "message_id": "x"}), []),
        (message("system", {"body": "changed number"}), []),
        (KIT.value(statuses=[{"id": "w", "status": "read"}]), [Receipt("w", "read")]),
        (
            KIT.value(statuses=[{"id": "w", "status": "failed", "errors": [{"code": 131047}]}]),
            [Receipt("w", "failed", "window")],
        ),
        (
            KIT.value(statuses=[{"id": "w", "status": "failed"}]),
            [Receipt("w", "failed", "refused")],
        ),
        (KIT.value(statuses=[{"id": "w", "status": "deleted"}]), []),
        ({}, []),
        ([], []),
        ({"entry": [{"changes": [{"field": "messages", "value": None}]}]}, []),
        (KIT.value(messages=["text", {"type": "text"}]), []),
    ],
)
def test_payloads(content: Any, expected: list[Any]) -> None:
    assert read(content, KIT.phone) == expected


def test_another_number_of_the_account_is_not_ours() -> None:
    assert read(message("text", {"body": "hi"}), "999") == []


def test_a_batch_is_put_in_order() -> None:
    first, second = (
        {"from": "1", "id": stamp, "timestamp": stamp, "type": "text", "text": {"body": stamp}}
        for stamp in ("9", "10")
    )
    found = read(KIT.value(messages=[second, first]), KIT.phone)
    assert [each.id for each in found if isinstance(each, Said)] == ["9", "10"]


@pytest.mark.parametrize(
    ("number", "zone"), [("919876543210", "Asia/Calcutta"), ("15550783881", None), ("x", None)]
)
def test_the_time_zone_of_a_number(number: str, zone: str | None) -> None:
    assert zone_of(number) == zone


def test_the_handshake_gives_the_challenge_to_who_knows_the_token(platform: FakePlatform) -> None:
    channel = KIT.channel(platform)
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    query["hub.verify_token"] = channel.verify_token
    assert channel.handshake(Hook(b"", {}, query, 0)).content == "1158201444"
    for wrong in ({"hub.verify_token": "guess"}, {"hub.verify_token": ""}, {"hub.mode": "x"}):
        with pytest.raises(Unverified):
            channel.handshake(Hook(b"", {}, {**query, **wrong}, 0))


def outgoing(hours: float = 1, **more: Any) -> Outgoing:
    values: dict[str, Any] = {"text": "Hello", "language": "bn", **more}
    heard = Heard(now() - dt.timedelta(hours=hours), "wamid.1", {})
    return Outgoing(id="c-1", conversation="c", address="919876543210", heard=heard, **values)


def choices(*titles: str) -> tuple[Choice, ...]:
    return tuple(Choice(title, f"p{nth}") for nth, title in enumerate(titles))


def test_three_short_choices_are_buttons(platform: FakePlatform) -> None:
    (part,) = KIT.channel(platform).render(outgoing(choices=choices("হ্যাঁ", "না")))
    shown = part["interactive"]
    assert shown["type"] == "button" and shown["body"]["text"] == "Hello"
    assert [each["reply"] for each in shown["action"]["buttons"]] == [
        {"id": "p0", "title": "হ্যাঁ"},
        {"id": "p1", "title": "না"},
    ]


def test_more_are_a_list_and_a_rating_too(platform: FakePlatform) -> None:
    channel = KIT.channel(platform)
    (many,) = channel.render(outgoing(choices=choices(*"abcd")))
    assert [row["title"] for row in many["interactive"]["action"]["sections"][0]["rows"]] == [
        *"abcd"
    ]
    labels = [f"a label of more than twenty-four letters {n}" for n in range(5)]
    (rating,) = channel.render(outgoing(choices=choices(*labels), rating=True))
    rows = rating["interactive"]["action"]["sections"][0]["rows"]
    assert [row["title"] for row in rows] == ["১", "২", "৩", "৪", "৫"]
    assert rows[0]["description"] == labels[0]


def test_long_titles_are_numbers(platform: FakePlatform) -> None:
    titles = ["How do I send something back?", "When do I get my money back?"]
    (part,) = KIT.channel(platform).render(outgoing(choices=choices(*titles)))
    assert part["text"]["body"] == (
        f"Hello\n\n১. {titles[0]}\n২. {titles[1]}\n\nযেটা চান, তার নম্বরটা লিখে পাঠান।"
    )


def test_a_body_over_buttons_stays_within_its_own_limit(platform: FakePlatform) -> None:
    message = outgoing(text="One more. " * 300, choices=choices("Yes"))
    *texts, last = KIT.channel(platform).render(message)
    assert texts and all(part["type"] == "text" for part in texts)
    assert len(last["interactive"]["body"]["text"]) <= 1024


async def _send(channel: Any, message: Outgoing) -> str:
    (part,) = channel.render(message)
    return str(await channel.send(message, part))


async def test_within_the_day_we_write_freely(platform: FakePlatform) -> None:
    channel = KIT.channel(platform)
    assert await _send(channel, outgoing(hours=23.9, text="**Hi**", markdown=True)) == "wamid.1"
    (sent,) = platform.sent()
    assert sent["type"] == "text" and sent["text"]["body"] == "*Hi*"
    assert platform.calls[0].headers["authorization"] == "Bearer EAAG"
    await channel.close()


@pytest.mark.parametrize("hours", [24, 23.9])
async def test_after_a_day_a_template_says_it(platform: FakePlatform, hours: float) -> None:
    more = {"template": "update", "template_languages": ("en_US", "bn")}
    channel = KIT.channel(platform, **more)
    if hours < 24:  # Meta's clock is ahead of ours
        platform.script.append(Reply(400, {"error": {"code": 131047, "message": "Re-engage"}}))
    await _send(channel, outgoing(hours, text="One.\n\nTwo.", choices=choices("Yes")))
    sent = platform.sent()[-1]
    assert sent["template"] == {
        "name": "update",
        "language": {"code": "bn"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "One. Two."}]}],
    }
    await _send(channel, outgoing(30, language="ja"))
    assert platform.sent()[-1]["template"]["language"] == {"code": "en_US"}
    await channel.close()


async def test_without_a_template_the_desk_is_told(platform: FakePlatform) -> None:
    channel = KIT.channel(platform)
    with pytest.raises(Never) as told:
        await _send(channel, outgoing(25))
    assert told.value.reason == "window" and platform.sent() == []
    await channel.close()


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, 130429, Later),
        (400, 131056, Later),
        (401, 190, Later),
        (500, 131000, Later),
        (400, 131026, Never),
        (400, 100, Never),
        (403, 200, Never),
    ],
)
async def test_errors(
    platform: FakePlatform, status: int, code: int, expected: type[Exception]
) -> None:
    channel = KIT.channel(platform)
    platform.usual = Reply(status, {"error": {"code": code, "message": "no"}})
    with pytest.raises(expected):
        await _send(channel, outgoing())
    await channel.close()


async def test_check_and_register(platform: FakePlatform) -> None:
    channel = KIT.channel(platform, account="102", template="update")
    platform.usual = Reply(200, {"display_phone_number": "+1 555-078-3881", "success": True})
    findings = await channel.register("https://chat.example")
    assert all(finding.ok for finding in findings)
    assert any(channel.verify_token in finding.what for finding in findings)
    assert platform.sent("/102/subscribed_apps") == [
        {
            "override_callback_uri": "https://chat.example/api/channels/whatsapp",
            "verify_token": channel.verify_token,
        }
    ]
    assert not all(finding.ok for finding in await channel.check("http://chat.example"))
    platform.usual = Reply(401, {"error": {"code": 190, "message": "Session has expired"}})
    (finding,) = await channel.check("https://chat.example")
    assert "expired" in finding.what and finding.advice
    await channel.close()

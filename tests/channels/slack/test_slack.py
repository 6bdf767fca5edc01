"""Slack's payloads as documented: events, edits, buttons, its challenge and its errors."""

from typing import Any

import pytest

from bot.channels.contract import Choice, Deleted, Edited, Later, Never, Outgoing, Said
from bot.channels.slack.updates import of_action, of_event, plain
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits import SlackKit

KIT = SlackKit()
IM = {"type": "message", "channel": "D1", "user": "U1", "ts": "17.1", "channel_type": "im"}
VIA = {"user": "U1"}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({**IM, "text": "hi"}, [Said("D1", "17.1", text="hi", via=VIA)]),
        ({**IM, "text": "hi", "bot_id": "B1"}, []),
        ({**IM, "text": "hi", "channel_type": "channel"}, []),
        ({**IM, "text": "x", "subtype": "channel_join"}, []),
        (
            {**IM, "text": "see", "subtype": "file_share", "files": [{"mimetype": "image/png"}]},
            [Said("D1", "17.1", text="see", media="photo", via=VIA)],
        ),
        (
            {"type": "app_mention", "channel": "C1", "user": "U1", "ts": "17.1",
             "text": "<@U0> hi"},
            [Said("C1:17.1", "17.1", text="hi", via=VIA)],
        ),
        (
            {"type": "app_mention", "channel": "C1", "user": "U1", "ts": "17.2",
             "thread_ts": "17.1", "text": "<@U0> hi"},
            [Said("C1:17.1", "17.2", text="hi", via=VIA)],
        ),
        (
            {**IM, "subtype": "message_changed", "ts": "18.0",
             "message": {"user": "U1", "ts": "17.1", "text": "new", "edited": {"ts": "18"}},
             "previous_message": {"text": "old"}},
            [Edited("D1", "17.1", "new", "18")],
        ),
        (
            {**IM, "subtype": "message_changed",
             "message": {"user": "U1", "ts": "17.1", "text": "same", "attachments": []},
             "previous_message": {"text": "same"}},
            [],
        ),
        (
            {**IM, "subtype": "message_deleted", "deleted_ts": "17.1",
             "previous_message": {"user": "U1", "text": "old"}},
            [Deleted("D1", "17.1")],
        ),
        (
            {**IM, "subtype": "message_deleted", "deleted_ts": "17.1",
             "previous_message": {"bot_id": "B1", "text": "ours"}},
            [],
        ),
        ({"type": "reaction_added"}, []),
        (None, []),
    ],
)  # fmt: skip
def test_events(event: Any, expected: list[Any]) -> None:
    assert of_event(event) == expected


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<@U0ABC> hello &amp; &lt;bye&gt;", "hello & <bye>"),
        ("see <https://a.example|the shop> or <https://b.example>", "see the shop or https://b.example"),
        ("<mailto:me@a.example|me@a.example>", "me@a.example"),
        ("<#C1|orders> <!here>", "orders"),
    ],
)  # fmt: skip
def test_slacks_escapes(written: str, meant: str) -> None:
    assert plain(written) == meant


def test_the_same_button_is_pressed_once_but_a_score_may_change() -> None:
    def pressed(value: str, at: str) -> Any:
        content = KIT.press("D1", 1, value)
        content["actions"][0]["action_ts"] = at
        (said,) = of_action(content)
        return said

    assert pressed("aa", "1") == pressed("aa", "2") != pressed("bb", "1")
    assert pressed("csat-x-4", "1") != pressed("csat-x-4", "2")
    assert pressed("aa", "1").address == "D1"
    for odd in ({}, {"type": "block_actions"}, {"type": "block_actions", "actions": [1]}, []):
        assert of_action(odd) == []


def test_the_challenge_comes_back(platform: FakePlatform) -> None:
    channel = KIT.channel(platform)
    hook = KIT.sign({"type": "url_verification", "token": "x", "challenge": "3eZbrw1aBm2rZgRN"})
    channel.verify(hook)
    assert channel.parse(hook) == []
    assert channel.answer(hook).content == "3eZbrw1aBm2rZgRN"


def outgoing(**more: Any) -> Outgoing:
    values: dict[str, Any] = {"text": "Hello", "language": "bn", "address": "C1:17.1", **more}
    return Outgoing(id="c-1", conversation="c", **values)


def test_markup_and_threads(platform: FakePlatform) -> None:
    text = "**Now** see [returns](https://a.example/?a=1&b=2) & <b>"
    (part,) = KIT.channel(platform).render(outgoing(text=text, markdown=True))
    assert part["channel"] == "C1" and part["thread_ts"] == "17.1"
    assert part["text"] == "*Now* see <https://a.example/?a=1&amp;b=2|returns> &amp; &lt;b&gt;"


def test_buttons(platform: FakePlatform) -> None:
    channel = KIT.channel(platform)
    (part,) = channel.render(outgoing(choices=(Choice("হ্যাঁ", "a"), Choice("না", "b"))))
    assert [each["value"] for each in part["blocks"][-1]["elements"]] == ["a", "b"]
    scores = tuple(Choice(f"label {n}", f"csat-{n}") for n in range(1, 6))
    (rating,) = channel.render(outgoing(choices=scores, rating=True))
    shown = [each["text"]["text"] for each in rating["blocks"][-1]["elements"]]
    assert shown == ["১", "২", "৩", "৪", "৫"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("invalid_auth", Later),
        ("missing_scope", Later),
        ("channel_not_found", Never),
        ("msg_too_long", Never),
    ],
)
async def test_errors(platform: FakePlatform, error: str, expected: type[Exception]) -> None:
    channel = KIT.channel(platform)
    platform.usual = Reply(200, {"ok": False, "error": error})
    message = outgoing()
    with pytest.raises(expected):
        await channel.send(message, channel.render(message)[0])
    await channel.close()


async def test_a_new_client_is_introduced_and_a_silent_platform_does_no_harm(
    platform: FakePlatform,
) -> None:
    channel = KIT.channel(platform)
    said = Said("D1", "17.1", text="hi", via=VIA)
    known = await channel.introduce(said)
    assert (known.name, known.language, known.time_zone) == ("Rina", "bn-IN", "Asia/Kolkata")
    platform.by_path = {"/users.info": Reply(500)}
    assert await channel.introduce(said) == said
    await channel.close()


async def test_check_names_missing_scopes(platform: FakePlatform) -> None:
    channel = KIT.channel(platform)
    scopes = {"x-oauth-scopes": "chat:write, im:history,app_mentions:read"}
    platform.usual = Reply(200, {"ok": True, "user": "setu", "team": "Nadi"}, scopes)
    wrong = [each for each in await channel.check("https://chat.example") if not each.ok]
    assert [each.what for each in wrong] == [
        "scopes are missing: files:read, files:write, users:read"
    ]
    platform.usual = Reply(200, {"ok": False, "error": "invalid_auth"})
    (finding,) = await channel.register("https://chat.example")
    assert not finding.ok and "invalid_auth" in finding.what
    await channel.close()

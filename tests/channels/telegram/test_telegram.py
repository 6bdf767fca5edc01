"""Telegram's payloads as its documentation has them, and what we answer."""

from typing import Any

import pytest

from bot.channels.contract import Choice, Edited, Hook, Left, Outgoing, Said
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.updates import read
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits import TelegramKit

KIT = TelegramKit()
PRIVATE = {"id": 42, "first_name": "Rina", "type": "private"}
RINA = {"id": 42, "is_bot": False, "first_name": "Rina", "language_code": "pt-br"}


def message(**more: Any) -> dict[str, Any]:
    return {"message_id": 7, "from": RINA, "chat": PRIVATE, "date": 1700000000, **more}


def said(**more: Any) -> Said:
    return Said(address="42", id="message-7", name="Rina", language="pt-br", **more)


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ({"message": message(text="hi")}, [said(text="hi")]),
        ({"message": message(text="/start")}, [said(payload="start")]),
        ({"message": message(text="/start@ShopBot campaign")}, [said(payload="start")]),
        ({"message": message(text="/person")}, [said(payload="talk_to_human")]),
        ({"message": message(text="/unknown")}, [said(text="/unknown")]),
        ({"message": message(photo=[{}], caption="broken")}, [said(media="photo", text="broken")]),
        ({"message": message(voice={})}, [said(media="voice")]),
        ({"message": message(document={})}, [said(media="file")]),
        ({"message": message(location={})}, [said(media="location")]),
        ({"message": message(poll={})}, [said(media="other")]),
        ({"message": message(sticker={"emoji": "👍"})}, [said(text="👍")]),
        ({"message": message(pinned_message={})}, []),
        ({"message": message(text="hi", chat={"id": -5, "type": "group"})}, []),
        (
            {"edited_message": message(text="new", edit_date=1700000009)},
            [Edited("42", "message-7", "new", "1700000009")],
        ),
        (
            {"my_chat_member": {"chat": PRIVATE, "new_chat_member": {"status": "kicked"}}},
            [Left("42")],
        ),
        ({"my_chat_member": {"chat": PRIVATE, "new_chat_member": {"status": "member"}}}, []),
        ({"poll": {"id": "1"}}, []),
        ({}, []),
        ({"message": "text"}, []),
        ({"message": message(text=5)}, [said(media="other")]),
        ({"callback_query": {"id": "1", "from": RINA, "data": "x"}}, []),
    ],
)
def test_updates(update: dict[str, Any], expected: list[Any]) -> None:
    assert read(update) == expected


def outgoing(**more: Any) -> Outgoing:
    values: dict[str, Any] = {"text": "Hello", "language": "en", **more}
    return Outgoing(id="c-1", conversation="c", address="42", **values)


def test_an_agents_message_says_who_speaks(platform: FakePlatform) -> None:
    (part,) = KIT.channel(platform).render(outgoing(author="agent", name="Asha & co", text="2 < 3"))
    assert part["text"] == "<b>Asha &amp; co</b>\n2 &lt; 3"


def test_buttons_hang_under_the_last_part(platform: FakePlatform) -> None:
    choices = (Choice("Yes", "aa"), Choice("No", "bb"))
    *first, last = KIT.channel(platform).render(outgoing(text="One. " * 2000, choices=choices))
    assert first and not any("reply_markup" in part for part in first)
    assert last["reply_markup"]["inline_keyboard"] == [
        [{"text": "Yes", "callback_data": "aa"}],
        [{"text": "No", "callback_data": "bb"}],
    ]


def test_a_rating_is_one_row_in_the_readers_digits(platform: FakePlatform) -> None:
    choices = tuple(Choice(f"label {n}", f"csat-{'0' * 32}-{n}") for n in range(1, 6))
    (part,) = KIT.channel(platform).render(outgoing(choices=choices, rating=True, language="bn"))
    (row,) = part["reply_markup"]["inline_keyboard"]
    assert [button["text"] for button in row] == ["১", "২", "৩", "৪", "৫"]
    assert all(len(button["callback_data"].encode()) <= 64 for button in row)


@pytest.mark.parametrize(
    ("data", "method"), [("0f" * 8, "editMessageReplyMarkup"), ("csat-x-4", "answerCallbackQuery")]
)
def test_a_pressed_button_is_settled_in_the_answer(
    platform: FakePlatform, data: str, method: str
) -> None:
    channel = KIT.channel(platform)
    answer = channel.answer(KIT.sign(KIT.press("42", 1, data)))
    assert isinstance(answer.content, dict) and answer.content["method"] == method


def test_a_message_shows_typing(platform: FakePlatform) -> None:
    answer = KIT.channel(platform).answer(KIT.sign(KIT.text("42", 1, "hi")))
    assert answer.content == {"method": "sendChatAction", "chat_id": 42, "action": "typing"}


def test_the_secret_is_compared_whole(platform: FakePlatform) -> None:
    channel = KIT.channel(platform)
    from bot.channels.contract import Unverified

    for given in ("", channel.secret[:-1], channel.secret + "0", "é" * 64):
        hook = Hook(b"{}", {"x-telegram-bot-api-secret-token": given}, {}, 0)
        with pytest.raises(Unverified):
            channel.verify(hook)


async def test_register_points_the_bot_here_and_names_its_commands(platform: FakePlatform) -> None:
    channel = KIT.channel(platform)
    platform.by_path = {
        "/getMe": Reply(200, {"ok": True, "result": {"username": "shop_bot"}}),
        "/getWebhookInfo": Reply(
            200,
            {
                "ok": True,
                "result": {
                    "url": "https://chat.example/api/channels/telegram",
                    "max_connections": 1,
                    "pending_update_count": 3,
                },
            },
        ),
    }
    findings = await channel.register("https://chat.example")
    assert all(finding.ok for finding in findings), findings
    (hook,) = platform.sent("/setWebhook")
    assert hook["url"] == "https://chat.example/api/channels/telegram"
    assert hook["secret_token"] == channel.secret and hook["max_connections"] == 1
    commands = {call.get("language_code"): call["commands"] for call in platform.sent("/setMy")}
    assert {"bn", "mr", "ml", "hi", None} <= commands.keys()
    assert commands["bn"][1] != commands[None][1]
    await channel.close()


@pytest.mark.parametrize(
    ("info", "told"),
    [
        ({"url": ""}, "nowhere"),
        ({"url": "https://old.example/x"}, "old.example"),
        ({"url": "https://chat.example/api/channels/telegram"}, "several"),
        (
            {
                "url": "https://chat.example/api/channels/telegram",
                "max_connections": 1,
                "last_error_message": "SSL error",
            },
            "SSL error",
        ),
    ],
)
async def test_check_says_what_is_wrong(
    platform: FakePlatform, info: dict[str, Any], told: str
) -> None:
    channel = KIT.channel(platform)
    platform.by_path = {"/getWebhookInfo": Reply(200, {"ok": True, "result": info})}
    wrong = [each for each in await channel.check("https://chat.example") if not each.ok]
    assert len(wrong) == 1 and told in wrong[0].what and wrong[0].advice
    await channel.close()


async def test_a_wrong_token_is_told_without_the_token(platform: FakePlatform) -> None:
    channel = Telegram("1:secret", platform.url)
    platform.usual = Reply(401, {"ok": False, "description": "Unauthorized"})
    (finding,) = await channel.check("https://chat.example")
    assert not finding.ok and "secret" not in finding.what + finding.advice
    assert not (await channel.register("http://chat.example"))[0].ok
    await channel.close()

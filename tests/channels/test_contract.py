"""What must hold for every channel, whatever its platform calls things."""

import asyncio
import dataclasses
import time
from typing import Any

import pytest

from bot.channels.contract import Choice, Outgoing
from bot.engine.turn import Button
from bot.languages.say import say
from tests.channels.conftest import Line
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits import Kit

WHO = "4242"
LONG = "".join(f"{n}. আপনার অর্ডার কাল পৌঁছে যাবে, চিন্তা করবেন না। " for n in range(1500))


def saying(**more: Any) -> Outgoing:
    values: dict[str, Any] = {"text": "Hello", "language": "en", **more}
    return Outgoing(id="c-1", conversation="c", address=WHO, **values)


def texts(found: list[Any]) -> list[tuple[str, str]]:
    return [(message.author, message.text) for message in found]


async def test_a_message_comes_in_and_its_answer_goes_out(line: Line) -> None:
    reply = await line.post(line.kit.text(WHO, 1, "আমার অর্ডার কোথায়?"))
    assert reply.status_code in (200, 202)
    await line.work()
    assert texts(await line.messages(WHO)) == [
        ("client", "আমার অর্ডার কোথায়?"),
        ("bot", "re: আমার অর্ডার কোথায়?"),
    ]
    assert [line.kit.shown(each) for each in line.sent()] == ["re: আমার অর্ডার কোথায়?"]
    assert await line.states() == [("sent", None)]


async def test_the_first_message_opens_a_conversation_in_the_clients_language(line: Line) -> None:
    await line.post(line.kit.text(WHO, 1, "ok" if line.kit.knows else "আমার অর্ডার কোথায়?"))
    assert (await line.conversation(WHO)).locale == "bn"


@pytest.mark.parametrize("spoil", ["nothing", "changed", "wrong"])
async def test_what_is_not_the_platforms_is_refused(line: Line, spoil: str) -> None:
    hook = line.kit.sign(line.kit.text(WHO, 1, "hello"))
    if spoil == "nothing":
        hook = dataclasses.replace(hook, headers={})
    elif spoil == "wrong":
        hook = dataclasses.replace(
            hook, headers={name: value[:-1] + "~" for name, value in hook.headers.items()}
        )
    elif line.kit.name in ("telegram",):
        pytest.skip("this platform does not sign what it sends, only who it is")
    else:
        hook = dataclasses.replace(hook, body=hook.body.replace(b"hello", b"hallo"))
    reply = await line.raw(hook)
    assert reply.status_code == 401
    assert reply.json()["error"]["code"] == "unverified"
    assert await line.events("message") == []


async def test_a_replay_is_refused_where_the_platform_signs_the_time(line: Line) -> None:
    if line.kit.name in ("telegram", "whatsapp"):
        pytest.skip("this platform does not sign the time: ids tell repeats")
    for moment in (time.time() - 301, time.time() + 301):
        reply = await line.raw(line.kit.sign(line.kit.text(WHO, 1, "hello"), moment))
        assert reply.status_code == 401
    reply = await line.raw(line.kit.sign(line.kit.text(WHO, 1, "hello"), time.time() - 290))
    assert reply.is_success


async def test_what_the_platform_repeats_is_one_message(line: Line) -> None:
    update = line.kit.text(WHO, 1, "hello")
    first, *others = await asyncio.gather(*(line.post(update) for _ in range(5)))
    assert {first.status_code, *(reply.status_code for reply in others)} <= {200, 202}
    await line.work()
    await line.post(update)
    await line.work()
    assert [author for author, _ in texts(await line.messages(WHO))] == ["client", "bot"]
    assert len(line.sent()) == 1


async def test_many_at_once_from_many_people_stay_in_order(line: Line) -> None:
    people = [str(100 + n) for n in range(5)]

    async def write(who: str) -> None:
        for number in range(6):
            update = line.kit.text(who, int(who) * 100 + number, f"message {number}")
            await line.post(update)

    await asyncio.gather(*(write(who) for who in people))
    await line.work()
    expected = [f"re: message {number}" for number in range(6)]
    for who in people:
        said = [text for author, text in texts(await line.messages(who)) if author == "bot"]
        assert said == expected
        arrived = [each for each in line.sent() if who in map(str, each.values())]
        assert [line.kit.shown(each) for each in arrived] == expected


async def test_what_nobody_can_open_is_answered_politely_and_once(line: Line) -> None:
    await line.post(line.kit.text(WHO, 1, "আমার অর্ডার কোথায়?"))
    await line.work()
    for number in (2, 3):
        assert (await line.post(line.kit.voice(WHO, number))).is_success
    await line.work()
    client = [text for author, text in texts(await line.messages(WHO)) if author == "client"]
    assert client[1:] == [say(line.kit.unseen, "bn")] * 2
    notices = [text for author, text in texts(await line.messages(WHO)) if author == "system"]
    assert notices == [say("channel.cannot_take", "bn")]
    assert len(line.engine.turns) == 1


async def test_a_button_comes_back_as_what_it_means(line: Line) -> None:
    line.engine.buttons = (Button("Yes", "/affirm"), Button("No", "/deny"))
    await line.post(line.kit.text(WHO, 1, "hello"))
    await line.work()
    shown = (await line.messages(WHO))[-1].payload["buttons"]
    pressed = line.kit.press(WHO, 2, shown[1]["payload"])
    if pressed is None:
        pytest.skip("this platform has no buttons")
    await line.post(pressed)
    await line.work()
    assert line.engine.turns[-1].intent == "deny"
    assert (await line.messages(WHO))[-2].text == "No"


async def test_a_button_that_is_gone_is_said_in_words(line: Line) -> None:
    await line.post(line.kit.text(WHO, 1, "আমার অর্ডার কোথায়?"))
    pressed = line.kit.press(WHO, 2, "0123456789abcdef")
    if pressed is None:
        pytest.skip("this platform has no buttons")
    assert (await line.post(pressed)).is_success
    assert (await line.messages(WHO))[-1].author == "system"


@pytest.mark.parametrize("answered", [False, True], ids=["waiting", "answered"])
async def test_an_edit_is_honoured(line: Line, answered: bool) -> None:
    await line.post(line.kit.text(WHO, 1, "where is my ordr"))
    if answered:
        await line.work()
    edit = line.kit.edit(WHO, 1, "where is my order 4411")
    if edit is None:
        pytest.skip("this platform does not tell of edits")
    for _ in range(2):  # repeated by the platform
        assert (await line.post(edit)).is_success
    await line.work()
    client = [text for author, text in texts(await line.messages(WHO)) if author == "client"]
    new = "where is my order 4411"
    assert client == (["where is my ordr", new] if answered else [new])
    assert line.engine.turns[-1].text == new
    assert len(line.engine.turns) == 1 + answered


async def test_a_busy_platform_is_given_the_time_it_asks_for(line: Line) -> None:
    await line.post(line.kit.text(WHO, 1, "hello"))
    line.platform.script.append(Reply(429, {"ok": False}, {"Retry-After": "30"}))
    await line.work()
    assert await line.states() == [("waiting", None)]
    assert await line.deliveries.look() == 0  # not before its time
    await line.due_now()
    await line.send()
    assert await line.states() == [("sent", None)]
    assert len(line.sent()) == 2


async def test_a_broken_platform_keeps_the_order(line: Line) -> None:
    line.platform.script.extend([Reply(502), Reply(500)])
    for number in range(3):
        await line.post(line.kit.text(WHO, number + 1, f"message {number}"))
    await line.work()
    while "waiting" in [state for state, _ in await line.states()]:
        await line.due_now()
        await line.send()
    arrived = [line.kit.shown(each) for each in line.sent()]
    assert arrived[2:] == ["re: message 0", "re: message 1", "re: message 2"]
    assert set(arrived[:2]) == {"re: message 0"}


async def test_who_has_blocked_us_is_marked(line: Line) -> None:
    await line.post(line.kit.text(WHO, 1, "hello"))
    await line.post(line.kit.text(WHO, 2, "anybody?"))
    if line.kit.blocked is None:
        pytest.skip("this platform does not tell")
    line.platform.script.append(line.kit.blocked)
    await line.work()
    states = await line.states()
    assert {state for state, _ in states} == {"failed"} and len(states) == 2
    assert {reason for _, reason in states} <= {"blocked", "gone"}
    assert len(await line.events("delivery_failed")) == 2
    assert len(line.sent()) == 1


async def test_what_is_refused_holds_nothing_else_up(line: Line) -> None:
    line.platform.script.append(line.kit.refused)
    for number in (1, 2):
        await line.post(line.kit.text(WHO, number, f"message {number}"))
    await line.work()
    assert await line.states() == [("failed", "refused"), ("sent", None)]


def test_long_texts_go_in_parts_that_the_platform_takes(kit: Kit, platform: FakePlatform) -> None:
    channel = kit.channel(platform)
    limits = channel.limits
    text = LONG[: min(len(LONG), limits.text * 3)]
    found = channel.render(saying(text=text))
    shown = [kit.shown(part) for part in found]
    assert all(0 < limits.size(part) <= max(limits.text, len(text)) for part in shown)
    assert "".join("".join(shown).split()) == "".join(text.split())
    if len(shown) > 1:
        assert all(limits.size(part) <= limits.text for part in shown)
        assert all(part.rstrip().endswith("।") for part in shown[:-1])


@pytest.mark.parametrize("markdown", [True, False])
def test_nothing_a_text_holds_becomes_markup(
    kit: Kit, platform: FakePlatform, markdown: bool
) -> None:
    text = "5 < 6 & <b>x</b> <script>alert(1)</script>"
    for part in kit.channel(platform).render(saying(text=text, markdown=markdown)):
        shown = kit.shown(part)
        if "parse_mode" in part:
            assert "<b>" not in shown
        if kit.name in ("telegram", "slack"):
            assert "<script" not in shown and "5 &lt; 6 &amp;" in shown


def test_rendering_is_pure(kit: Kit, platform: FakePlatform) -> None:
    channel = kit.channel(platform)
    choices = (Choice("হ্যাঁ", "a"), Choice("না", "b"))
    message = saying(text="**Hi**\n\n1. one\n2. two", markdown=True, choices=choices)
    assert list(channel.render(message)) == list(channel.render(message))

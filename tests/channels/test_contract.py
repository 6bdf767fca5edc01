"""What must hold for every channel, whatever its platform calls things."""

import asyncio
import dataclasses
import time
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channels.contract import Choice, Outgoing
from bot.conversations import files
from bot.conversations.models import Attachment, Event
from bot.conversations.wake import Wake
from bot.engine.turn import Button
from bot.flow import changes
from bot.flow.media import Fetches
from bot.languages.say import say
from bot.settings import Settings
from tests.channels.conftest import Line
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits import Kit
from tests.conversations.test_files import PDF_BYTES, picture

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


async def kept(line: Line) -> list[bytes]:
    """The files in the conversation, by the log."""
    found = []
    for message in await line.messages(WHO):
        for file in message.payload.get("attachments", ()):
            async with line.db.reading() as session:
                row = await files.load(session, file["id"])
            assert row is not None and row.seq == message.seq
            found.append(row.content)
    return found


def fetches(line: Line, settings: Settings, holder: int = 1) -> Fetches:
    """What another process would run."""
    return Fetches(line.db, Wake(), {line.channel.name: line.channel}, settings, holder)


async def test_a_picture_is_fetched_after_the_answer_and_stands_in_its_place(line: Line) -> None:
    path = line.kit.keeps(line.platform, Reply(200, picture("PNG")))
    await line.post(line.kit.text(WHO, 1, "আমার অর্ডার কোথায়?"))
    await line.work()
    for _ in range(3):  # repeated by the platform
        assert (await line.post(line.kit.photo(WHO, 2))).is_success
    assert not [call for call in line.platform.calls if call.path.endswith(path)]
    await line.post(line.kit.text(WHO, 3, "এটা দেখুন"))
    await line.fetch()
    await line.work()
    client = [each for each in await line.messages(WHO) if each.author == "client"]
    assert [bool(each.payload.get("attachments")) for each in client] == [False, True, False]
    (content,) = await kept(line)
    assert content.startswith(b"\x89PNG")
    assert client[1].payload["captionless"] and "media" not in client[1].payload
    notices = [
        each.payload["notice"] for each in await line.messages(WHO) if "notice" in each.payload
    ]
    assert notices == ["channel.kept"]
    assert len([call for call in line.platform.calls if call.path.endswith(path)]) == 1
    assert [event["files"] for event in await line.events("fetched")] == [1]


async def test_a_picture_is_fetched_again_when_the_platform_is_busy(line: Line) -> None:
    path = line.kit.keeps(line.platform, Reply(503))
    await line.post(line.kit.photo(WHO, 1))
    await line.fetch()
    assert await kept(line) == [] and await line.fetches.look() == 0  # not before its time
    line.kit.keeps(line.platform, Reply(200, picture("PNG")))
    # Another process, after this one was killed.
    line.fetches = fetches(line, Settings(), holder=2)  # type: ignore[call-arg]
    await line.due_now()
    await line.fetch()
    assert len(await kept(line)) == 1
    assert len([call for call in line.platform.calls if call.path.endswith(path)]) == 2


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(200, b"#!/bin/sh\nrm -rf"), "error.file_type"),
        (Reply(200, b"%PDF-1.7 cut off"), "error.file_broken"),
        (Reply(200, b"x" * (1024 * 1024 + 1)), "error.file_large"),
        (Reply(404), "channel.not_fetched"),
        (Reply(302, b"", {"Location": "http://127.0.0.1:9/"}), "channel.not_fetched"),
    ],
    ids=["program", "broken", "large", "gone", "redirect"],
)
async def test_what_cannot_be_had_is_told_once_and_holds_nothing_up(
    line: Line, reply: Reply, told: str
) -> None:
    line.kit.keeps(line.platform, reply)
    settings = Settings(attachment_mb=1)  # type: ignore[call-arg]
    line.fetches = fetches(line, settings)
    await line.post(line.kit.text(WHO, 1, "আমার অর্ডার কোথায়?"))
    for number in (2, 3):
        await line.post(line.kit.photo(WHO, number))
    await line.fetch()
    messages = await line.messages(WHO)
    assert [each.text for each in messages if "notice" in each.payload] == [say(told, "bn")]
    assert await kept(line) == []
    assert await line.fetches.look() == 0


async def test_a_picture_taken_back_is_not_kept(line: Line) -> None:
    line.kit.keeps(line.platform, Reply(200, picture("PNG")))
    await line.post(line.kit.photo(WHO, 1))
    conversation = await line.conversation(WHO)
    async with line.db.reading() as session:
        ids = await session.execute(sa.select(Event.message_id).where(Event.author == "client"))
        (message_id,) = ids.scalars()
    assert await changes.delete(line.db, conversation.id, message_id)
    await line.fetch()
    assert await kept(line) == []
    async with line.db.reading() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0


async def test_an_agents_file_arrives_with_its_words(line: Line) -> None:
    await line.post(line.kit.text(WHO, 1, "hello"))
    await line.work()
    await line.answer(WHO, "Here is your invoice.", [("lamp.png", picture("PNG"))])
    await line.send()
    (arrived,) = line.kit.files(line.platform)
    assert arrived.name == "lamp.png" and arrived.content.startswith(b"\x89PNG")
    assert "Here is your invoice." in arrived.words
    assert await line.states() == [("sent", None)] * 2


async def test_several_files_arrive_in_order_and_long_words_before_them(line: Line) -> None:
    await line.post(line.kit.text(WHO, 1, "hello"))
    await line.work()
    text = "This is what you asked for. " * 100
    brought = [("a.pdf", PDF_BYTES), ("b.jpg", picture("JPEG")), ("c.pdf", PDF_BYTES)]
    await line.answer(WHO, text, brought)
    await line.send()
    assert [file.name for file in line.kit.files(line.platform)] == ["a.pdf", "b.jpg", "c.pdf"]
    assert await line.states() == [("sent", None)] * 2
    words = {file.words for file in line.kit.files(line.platform)}
    words |= {line.kit.shown(sent) for sent in line.sent() if "text" in sent}
    shown = "".join(words)
    assert shown.count("This is what you asked for.") == 100


async def test_a_file_without_words_arrives(line: Line) -> None:
    await line.post(line.kit.text(WHO, 1, "hello"))
    await line.work()
    await line.answer(WHO, "", [("a.pdf", PDF_BYTES)])
    await line.send()
    (arrived,) = line.kit.files(line.platform)
    assert arrived.content == PDF_BYTES
    assert await line.states() == [("sent", None)] * 2


async def test_a_file_the_platform_does_not_take_is_told_of(line: Line) -> None:
    await line.post(line.kit.text(WHO, 1, "আমার অর্ডার কোথায়?"))
    await line.work()
    line.channel.limits = dataclasses.replace(line.channel.limits, files={"image/png": 10**6})
    await line.answer(WHO, "এই নিন", [("a.pdf", PDF_BYTES), ("b.png", picture("PNG"))])
    await line.send()
    (arrived,) = line.kit.files(line.platform)
    assert arrived.name == "b.png" and say("channel.file_unsent", "bn") in arrived.words
    assert await line.states() == [("sent", None), ("failed", "file")]
    assert [event["reason"] for event in await line.events("delivery_failed")] == ["file"]


async def test_a_busy_platform_gets_each_file_once(line: Line) -> None:
    await line.post(line.kit.text(WHO, 1, "hello"))
    await line.work()
    await line.answer(WHO, "Two of them", [("a.png", picture("PNG")), ("b.png", picture("PNG"))])
    line.platform.script.append(Reply(503))
    await line.send()
    assert (await line.states())[1] == ("waiting", None)
    await line.due_now()
    await line.send()
    assert (await line.states())[1] == ("sent", None)
    names = [file.name for file in line.kit.files(line.platform)]
    # What was answered with 503 had arrived, too: the fake keeps what it refuses.
    assert names[-2:] == ["a.png", "b.png"] and names.count("b.png") <= 2


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

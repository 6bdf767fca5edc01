"""What must hold of files on every channel, as they come in and go out."""

import dataclasses

import pytest
import sqlalchemy as sa

from bot.conversations import files
from bot.conversations.models import Attachment, Event
from bot.conversations.wake import Wake
from bot.flow import changes
from bot.flow.media import Fetches
from bot.languages.say import say
from bot.settings import Settings
from tests.channels.conftest import Line
from tests.channels.fake import Reply
from tests.conversations.test_files import PDF_BYTES, picture

WHO = "4242"


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

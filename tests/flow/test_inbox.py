"""The inbox: once, in order, in whatever language, whoever owns."""

import asyncio
import io

import pytest
import sqlalchemy as sa
from PIL import Image

from bot.channels.contract import MAX_TEXT, Inbound, Refused
from bot.conversations import files, interactions, log, ownership
from bot.conversations.identities import client_of
from bot.conversations.models import Event
from tests.flow.conftest import Flow


async def test_a_repeated_id_is_one_message(flow: Flow) -> None:
    conversation = await flow.open()
    first = await flow.inbox.accept(Inbound(conversation, "a", text="hello"))
    again = await flow.inbox.accept(Inbound(conversation, "a", text="hello"))
    assert (again.seq, again.repeated) == (first.seq, True)
    assert [m.text for m in await flow.messages(conversation)] == ["hello"]


async def test_racing_repeats_are_one_message(flow: Flow) -> None:
    conversation = await flow.open()
    message = Inbound(conversation, "a", text="hello")
    results = await asyncio.gather(*(flow.inbox.accept(message) for _ in range(10)))
    assert {result.seq for result in results} == {1}
    assert sum(not result.repeated for result in results) == 1
    assert (await flow.row(conversation)).last_seq == 1


async def test_another_text_under_the_same_id_is_refused(flow: Flow) -> None:
    conversation = await flow.open()
    await flow.inbox.accept(Inbound(conversation, "a", text="hello"))
    with pytest.raises(Refused, match="id_taken"):
        await flow.inbox.accept(Inbound(conversation, "a", text="goodbye"))
    assert (await flow.row(conversation)).last_seq == 1


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), (" \n\t", "empty"), ("x" * (MAX_TEXT + 1), "too_long")]
)
async def test_what_cannot_be_taken(flow: Flow, text: str, code: str) -> None:
    conversation = await flow.open()
    with pytest.raises(Refused, match=code):
        await flow.inbox.accept(Inbound(conversation, "a", text=text))
    assert await flow.messages(conversation) == []


async def test_unknown_buttons_and_conversations(flow: Flow) -> None:
    conversation = await flow.open()
    with pytest.raises(Refused, match="unknown_payload"):
        await flow.inbox.accept(Inbound(conversation, "a", payload="/restart"))
    with pytest.raises(log.UnknownConversation):
        await flow.inbox.accept(Inbound("nobody", "a", text="hello"))
    assert (await flow.row(conversation)).last_seq == 0


async def test_a_button_is_resolved_from_the_log(flow: Flow) -> None:
    conversation = await flow.open()
    async with flow.db.transaction() as session:
        await log.say(
            session,
            conversation,
            "bot",
            "Did this help?",
            "en",
            buttons=[{"title": "Yes", "payload": "k1"}],
            does={"k1": "/helped"},
        )
    await flow.inbox.accept(Inbound(conversation, "a", payload="k1"))
    pressed = (await flow.messages(conversation))[-1]
    assert (pressed.author, pressed.text) == ("client", "Yes")
    assert pressed.payload["does"] == "/helped"


async def test_a_chat_is_opened_with_an_articles_button(flow: Flow) -> None:
    conversation = await flow.open()
    await flow.inbox.accept(Inbound(conversation, "a", payload="article:track-order"))
    pressed = (await flow.messages(conversation))[-1]
    assert (pressed.author, pressed.text, pressed.language) == (
        "client",
        "Where is my order?",
        "en",
    )
    assert pressed.payload["does"] == '/question{"article": "track-order"}'
    for payload in ("article:gone", "article:", "track-order"):
        with pytest.raises(Refused, match="unknown_payload"):
            await flow.inbox.accept(Inbound(conversation, "b", payload=payload))


async def test_nul_and_lone_surrogates_are_stored_without_harm(flow: Flow) -> None:
    conversation = await flow.open()
    await flow.inbox.accept(Inbound(conversation, "a", text="a\0b\ud800c"))
    assert (await flow.messages(conversation))[0].text == "ab?c"


async def test_the_language_is_followed_and_junk_does_not_change_it(flow: Flow) -> None:
    conversation = await flow.open()
    for number, text in enumerate(["আমার অর্ডার কোথায়, কবে পাব?", "ok", "ND-123456"]):
        await flow.inbox.accept(Inbound(conversation, str(number), text=text))
    assert (await flow.row(conversation)).locale == "bn"
    await flow.inbox.accept(Inbound(conversation, "z", text="എന്റെ ഓർഡർ എവിടെയാണ്?"))
    assert (await flow.row(conversation)).locale == "ml"


async def test_a_wish_is_kept_on_the_profile(flow: Flow) -> None:
    conversation = await flow.open()
    await flow.inbox.accept(Inbound(conversation, "a", text="please speak Marathi"))
    assert (await flow.row(conversation)).locale == "mr"
    async with flow.db.reading() as session:
        assert (await client_of(session, conversation)).preferred_language == "mr"


async def test_people_own_it_and_the_interaction_is_open(flow: Flow) -> None:
    conversation = await flow.open()
    async with flow.db.transaction() as session:
        await ownership.change(session, conversation, "ask", "bot", "queue", "asked")
    await flow.inbox.accept(Inbound(conversation, "a", text="Is anybody there?"))
    async with flow.db.reading() as session:
        found = await interactions.open_of(session, conversation)
    assert found is not None
    assert found.languages == ["en"]


async def test_what_clients_tell_people_is_found_in_it_too(flow: Flow) -> None:
    """The desk shows it as learned; no turn of the assistant would note it."""
    conversation = await flow.open()
    await flow.inbox.accept(Inbound(conversation, "a", text="my order is ND-111111"))
    async with flow.db.transaction() as session:
        await ownership.change(session, conversation, "ask", "bot", "queue", "asked")
    seq = (await flow.inbox.accept(Inbound(conversation, "b", text="অর্ডার ND-482913"))).seq
    await flow.inbox.accept(Inbound(conversation, "c", text="are you there?"))
    async with flow.db.reading() as session:
        rows = await session.execute(
            sa.select(Event.payload).where(
                Event.conversation_id == conversation, Event.kind == "understood"
            )
        )
        (noted,) = rows.scalars()
    assert (noted["message"], noted["intent"]) == (seq, None)
    assert [(each["entity"], each["value"]) for each in noted["entities"]] == [
        ("order", "ND-482913")
    ]


async def _file(flow: Flow, conversation: str, name: str = "lamp.png") -> str:
    out = io.BytesIO()
    Image.new("RGB", (9, 9), "teal").save(out, "PNG")
    async with flow.db.transaction() as session:
        ready = files.prepare(out.getvalue(), name)
        return str((await files.keep(session, conversation, files.CLIENT, ready)).id)


async def test_a_file_without_words_stands_in_the_log_and_the_bot_says_what_it_can(
    flow: Flow,
) -> None:
    conversation = await flow.open()
    for n in range(2):
        id = await _file(flow, conversation)
        message = Inbound(conversation, f"m{n}", files=(id,))
        first = await flow.inbox.accept(message)
        again = await flow.inbox.accept(message)
        assert (again.seq, again.repeated) == (first.seq, True)
    await flow.work()
    said = await flow.messages(conversation)
    assert [m.author for m in said] == ["client", "bot", "client"]
    assert said[0].payload["attachments"][0]["name"] == "lamp.png"
    assert said[0].text == "[Photo]" and said[0].payload["captionless"]
    assert said[1].payload["buttons"][0]["payload"] == "talk_to_human"
    assert flow.engine.turns == []


async def test_words_beside_a_file_are_answered(flow: Flow) -> None:
    conversation = await flow.open()
    id = await _file(flow, conversation)
    await flow.inbox.accept(Inbound(conversation, "m", text="Is it broken?", files=(id,)))
    await flow.work()
    said = await flow.messages(conversation)
    assert [m.text for m in said] == ["Is it broken?", "re: Is it broken?"]
    assert said[0].payload["attachments"][0]["id"] == id


async def test_a_file_of_somebody_else_or_twice_is_refused(flow: Flow) -> None:
    conversation, other = await flow.open(), await flow.open()
    id = await _file(flow, other)
    with pytest.raises(Refused, match="file_gone"):
        await flow.inbox.accept(Inbound(conversation, "m", files=(id,)))
    assert await flow.messages(conversation) == []
    await flow.inbox.accept(Inbound(other, "m", files=(id,)))
    with pytest.raises(Refused, match="file_gone"):
        await flow.inbox.accept(Inbound(other, "n", files=(id,)))
    with pytest.raises(Refused, match="id_taken"):
        await flow.inbox.accept(Inbound(other, "m", text="other"))

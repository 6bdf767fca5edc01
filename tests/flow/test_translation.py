"""The bridge: what a reader cannot read is translated behind the message, once, whatever fails."""

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Sequence
from typing import Any

import anyio
import pytest
import sqlalchemy as sa

from bot.channels.contract import Inbound
from bot.conversations import log
from bot.conversations.models import Event
from bot.conversations.wake import Wake
from bot.db import now
from bot.flow.readers import Reader, language_of, reader
from bot.flow.translation import TRANSLATION, Bridge, configured
from bot.handoff import agents, queue
from bot.languages.detect import detector
from bot.languages.translation.translator import Failure, Translated
from bot.settings import Settings
from tests.apertium.facade import facade
from tests.flow.conftest import Flow
from tests.patience import PATIENCE

SPANISH = "Hola, ¿dónde está mi pedido ND-482133?"
BENGALI = "আমার অর্ডার এখনও আসেনি, কবে পাব?"


class Stub:
    """A translator that a test can make slow or broken."""

    name = "Stub"

    def __init__(self) -> None:
        self.asked: list[tuple[list[str], str, str, tuple[str, ...]]] = []
        self.failures: list[Failure] = []
        self.gate: Callable[[], Any] | None = None

    async def translate(
        self, texts: Sequence[str], source: str, target: str, *, keep: Collection[str] = ()
    ) -> list[Translated]:
        self.asked.append((list(texts), source, target, tuple(keep)))
        if self.gate is not None:
            await self.gate()
        if self.failures:
            failure = self.failures.pop(0)
            return [Translated(text, source, failure=failure) for text in texts]
        return [Translated(f"{target}: {text}", target, self.name) for text in texts]


def _bridge(flow: Flow, translator: Any = None) -> Bridge:
    return Bridge(flow.db, Wake(), Settings(_env_file=None), detector("setu"), translator)


async def _say(flow: Flow, conversation: str, *texts: str) -> list[int]:
    accepted = [
        await flow.inbox.accept(Inbound(conversation, f"{number}-{hash(text)}", text=text))
        for number, text in enumerate(texts)
    ]
    return [one.seq for one in accepted]


async def _wait(flow: Flow, conversation: str) -> str:
    async with flow.db.transaction() as session:
        return str((await queue.open_handoff(session, conversation, "asked")).id)


async def _claim(flow: Flow, handoff: str, name: str, languages: dict[str, int]) -> None:
    async with flow.db.transaction() as session:
        agent = await agents.add(
            session,
            email=f"{name.split()[0]}@nadi.example",
            name=name,
            password_hash="x",
            languages=languages,
        )
        assert isinstance(await queue.claim(session, handoff, agent.id), queue.Won)


async def _translations(flow: Flow, conversation: str) -> list[dict[str, Any]]:
    return await flow.events(conversation, TRANSLATION)


async def test_who_waits_is_translated_for_the_desk_by_a_real_engine(flow: Flow) -> None:
    conversation = await flow.open()
    [seq] = await _say(flow, conversation, SPANISH)
    await _wait(flow, conversation)
    async with facade() as service:
        made = configured(Settings(_env_file=None, translate_url=service.url))
        assert made is not None
        await _bridge(flow, made[0]).work(conversation)
        await made[1].close()
    [found] = await _translations(flow, conversation)
    assert (found["of"], found["from"], found["language"]) == (seq, "es", "en")
    assert (found["by"], found["failure"]) == ("LibreTranslate", None)
    assert "ND-482133" in found["text"] and "where" in found["text"].lower()
    [original] = await flow.messages(conversation)
    assert original.text == SPANISH, "the original stays as it is"


async def test_nothing_is_translated_while_the_bot_has_it(flow: Flow) -> None:
    conversation = await flow.open()
    await _say(flow, conversation, SPANISH)
    translator = Stub()
    await _bridge(flow, translator).work(conversation)
    assert translator.asked == []


async def test_what_the_reader_speaks_is_left_alone(flow: Flow) -> None:
    conversation = await flow.open()
    await _say(
        flow, conversation, BENGALI, "Where is my parcel?", "ok 👍", "mera order kahan hai bhai"
    )
    handoff = await _wait(flow, conversation)
    await _claim(flow, handoff, "Asha", {"bn": 2, "en": 3, "hi": 1})
    translator = Stub()
    await _bridge(flow, translator).work(conversation)
    assert translator.asked == []


async def test_each_message_once_for_each_reader(flow: Flow) -> None:
    conversation = await flow.open()
    first, second = await _say(flow, conversation, BENGALI, "Where is my parcel?")
    handoff = await _wait(flow, conversation)
    translator = Stub()
    bridge = _bridge(flow, translator)
    await bridge.work(conversation)
    await bridge.work(conversation)
    await _claim(flow, handoff, "Asha", {"hi": 3})
    await bridge.work(conversation)
    await bridge.work(conversation)
    found = await _translations(flow, conversation)
    assert {(one["of"], one["language"]) for one in found} == {
        (first, "en"), (first, "hi"), (second, "hi")
    }  # fmt: skip
    assert len(found) == 3


async def test_names_are_kept(flow: Flow) -> None:
    conversation = await flow.open()
    await _say(flow, conversation, SPANISH)
    await _claim(flow, await _wait(flow, conversation), "Asha Rao", {"en": 3})
    translator = Stub()
    await _bridge(flow, translator).work(conversation)
    assert set(translator.asked[0][3]) == {"Asha Rao", "Asha", "Rao"}


async def test_no_transaction_is_open_while_the_service_is_asked(flow: Flow) -> None:
    """The client writes on meanwhile, and the numbers in the log stay without gaps."""
    conversation = await flow.open()
    await _say(flow, conversation, SPANISH)
    await _wait(flow, conversation)
    translator = Stub()

    async def client_writes() -> None:
        with anyio.fail_after(PATIENCE):
            await _say(flow, conversation, "¿Hay alguien ahí por favor?")

    translator.gate = client_writes
    bridge = _bridge(flow, translator)
    await bridge.work(conversation)
    translator.gate = None
    await bridge.work(conversation)
    async with flow.db.reading() as session:
        rows = await session.execute(
            sa.select(Event.seq).where(Event.conversation_id == conversation).order_by(Event.seq)
        )
        seqs = list(rows.scalars())
    assert seqs == list(range(1, (await flow.row(conversation)).last_seq + 1))
    assert len(await _translations(flow, conversation)) == 2


async def test_two_processes_leave_one_translation(flow: Flow) -> None:
    conversation = await flow.open()
    await _say(flow, conversation, SPANISH)
    await _wait(flow, conversation)
    arrived = asyncio.Event()
    waiting = 0

    async def together() -> None:
        nonlocal waiting
        waiting += 1
        if waiting == 2:
            arrived.set()
        await arrived.wait()

    translators = [Stub(), Stub()]
    for translator in translators:
        translator.gate = together
    await asyncio.gather(*(_bridge(flow, one).work(conversation) for one in translators))
    assert [len(one.asked) for one in translators] == [1, 1]
    assert len(await _translations(flow, conversation)) == 1


async def _grow_old(flow: Flow, conversation: str) -> None:
    """Half an hour passes for the translations in the log."""
    async with flow.db.transaction() as session:
        await session.execute(
            sa.update(Event)
            .where(Event.conversation_id == conversation, Event.kind == TRANSLATION)
            .values(at=now() - dt.timedelta(minutes=30))
        )


async def test_a_failure_is_marked_and_tried_again_later_but_not_for_ever(flow: Flow) -> None:
    conversation = await flow.open()
    await _say(flow, conversation, SPANISH)
    await _wait(flow, conversation)
    translator = Stub()
    translator.failures = ["unreachable", "busy"]
    bridge = _bridge(flow, translator)
    for _ in range(2):
        await bridge.work(conversation)
    [marked] = await _translations(flow, conversation)
    assert (marked["text"], marked["by"], marked["failure"]) == (None, None, "unreachable")
    for _ in range(4):
        await _grow_old(flow, conversation)
        await bridge.work(conversation)
    assert [one["failure"] for one in await _translations(flow, conversation)] == [
        "unreachable", "busy", None
    ]  # fmt: skip

    translator.failures = ["slow"] * 9
    [seq] = await _say(flow, conversation, "Todavía no ha llegado el paquete")
    for _ in range(6):
        await bridge.work(conversation)
        await _grow_old(flow, conversation)
    tries = [one for one in await _translations(flow, conversation) if one["of"] == seq]
    assert len(tries) == 3


async def test_what_will_never_work_is_not_tried_again(flow: Flow) -> None:
    conversation = await flow.open()
    await _say(flow, conversation, SPANISH)
    await _wait(flow, conversation)
    translator = Stub()
    translator.failures = ["no_pair", "no_pair"]
    bridge = _bridge(flow, translator)
    for _ in range(3):
        await bridge.work(conversation)
        await _grow_old(flow, conversation)
    assert len(translator.asked) == 1


@pytest.mark.slow
async def test_what_a_dead_process_left_is_taken_up(flow: Flow) -> None:
    """No hint, no memory: a fresh process finds it in the log, and what comes later by hints."""
    conversation = await flow.open()
    await _say(flow, conversation, SPANISH)
    await _wait(flow, conversation)
    bridge = _bridge(flow, Stub())
    working = asyncio.create_task(bridge.run())
    try:
        with anyio.fail_after(PATIENCE):
            while not await _translations(flow, conversation):  # noqa: ASYNC110  (the database is asked)
                await asyncio.sleep(0.02)
            await _say(flow, conversation, "Todavía no ha llegado el paquete")
            bridge.due(conversation)
            while len(await _translations(flow, conversation)) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_off_is_off(flow: Flow) -> None:
    assert configured(Settings(_env_file=None)) is None
    bridge = _bridge(flow)
    assert not bridge.on
    preview = await bridge.preview("Hello there, how are you?", "bn", reader({"en": 3}, None, "en"))
    assert not preview.needed
    bridge.due("x")
    with pytest.raises(TimeoutError), anyio.fail_after(0.05):
        await bridge.run()


@pytest.mark.parametrize(
    ("text", "spoken", "writer", "needed", "source"),
    [
        ("Your parcel leaves the warehouse tomorrow.", "bn", {"en": 3}, True, "en"),
        ("Your parcel leaves the warehouse tomorrow.", "bn", {"en": 3, "bn": 3}, True, "en"),
        ("আপনার পার্সেল কাল রওনা হবে।", "bn", {"en": 3}, False, "bn"),
        ("ok", "bn", {"en": 3}, True, "en"),
        ("ok", "bn", {"en": 3, "bn": 1}, False, "bn"),
        ("Votre colis part demain matin, merci.", "es", {"en": 3, "fr": 2}, True, "fr"),
    ],
)
async def test_a_preview_is_needed_where_the_client_would_not_understand(
    flow: Flow, text: str, spoken: str, writer: dict[str, int], needed: bool, source: str
) -> None:
    translator = Stub()
    preview = await _bridge(flow, translator).preview(
        text, spoken, reader(writer, None, "en"), ["Asha Rao", None]
    )
    assert (preview.needed, preview.source, preview.language) == (needed, source, spoken)
    assert preview.text == (f"{spoken}: {text}" if needed else None)
    assert len(translator.asked) == needed


async def test_a_preview_that_fails_says_so(flow: Flow) -> None:
    translator = Stub()
    translator.failures = ["slow"]
    preview = await _bridge(flow, translator).preview(
        "Your parcel leaves tomorrow.", "es", reader({"en": 3}, None, "en")
    )
    assert (preview.needed, preview.text, preview.failure) == (True, None, "slow")


@pytest.mark.parametrize(
    ("languages", "locale", "expected"),
    [
        ({}, None, Reader(frozenset({"en"}), "en")),
        ({"bn": 2, "hi": 3}, None, Reader(frozenset({"bn", "hi"}), "hi")),
        ({"bn": 3, "en": 1}, None, Reader(frozenset({"bn", "en"}), "en")),
        ({"bn": 3, "en": 3}, "mr", Reader(frozenset({"bn", "en", "mr"}), "mr")),
    ],
)
def test_what_a_reader_gets(
    languages: dict[str, int], locale: str | None, expected: Reader
) -> None:
    assert reader(languages, locale, "en") == expected


@pytest.mark.parametrize(
    ("text", "spoken", "language"),
    [
        (BENGALI, "en", "bn"),
        ("ok 123", "bn", None),
        ("mera order kahan hai bhai", "hi", "hi-Latn"),
        ("नाही", "mr", "mr"),
    ],
)
def test_the_language_of_a_message(text: str, spoken: str, language: str | None) -> None:
    assert language_of(text, spoken, detector("setu")) == language


async def test_a_long_history_is_translated_from_its_end(flow: Flow) -> None:
    conversation = await flow.open()
    async with flow.db.transaction() as session:
        for number in range(60):
            await log.say(
                session, conversation, "client", f"Todavía no ha llegado el paquete {number}", "es"
            )
    await _wait(flow, conversation)
    translator = Stub()
    await _bridge(flow, translator).work(conversation)
    [(texts, *_)] = translator.asked
    assert len(texts) == 30 and texts[0].endswith(" 59")

"""Delivery: nothing lost, nothing twice, in order, whoever fails."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channels.contract import Later, Limits, Never, Outgoing, Receipt
from bot.conversations import identities, log
from bot.conversations.models import Delivery
from bot.conversations.wake import Wake
from bot.db import Database, now
from bot.flow import delivery, owed
from bot.flow.delivery import Deliveries
from bot.flow.pace import backoff
from bot.languages.say import say
from tests.patience import PATIENCE


class Pigeon:
    """A platform in the process, which fails where it is told to."""

    name = "pigeon"
    limits = Limits(text=10, per_second=10_000)

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.fail: list[Exception] = []
        self.gate: asyncio.Event | None = None
        self.begun = asyncio.Event()

    def render(self, message: Outgoing) -> Sequence[dict[str, Any]]:
        return [{"part": part} for part in message.text.split("|")]

    async def send(self, message: Outgoing, part: dict[str, Any]) -> str:
        self.begun.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.fail:
            raise self.fail.pop(0)
        self.sent.append(part["part"])
        return f"id-{part['part']}"


class Loft:
    def __init__(self, db: Database) -> None:
        self.db = db
        self.pigeon = Pigeon()
        self.deliveries = self.another()

    def another(self) -> Deliveries:
        """What a second process would run."""
        return Deliveries(self.db, Wake(), {"pigeon": self.pigeon}, holder=1)  # type: ignore[dict-item]

    async def open(self, address: str = "a", channel: str = "pigeon") -> str:
        async with self.db.transaction() as session:
            who = await identities.identity(session, channel, address)
            made, _ = await identities.open_conversation(session, who, locale="en", belief={})
            return str(made.id)

    async def say(self, conversation: str, text: str, author: Any = "bot") -> None:
        async with self.db.transaction() as session:
            await log.say(session, conversation, author, text, "en")

    async def send(self) -> None:
        while await self.deliveries.look():
            await self.deliveries.idle()

    async def rows(self) -> list[Delivery]:
        async with self.db.reading() as session:
            found = await session.execute(sa.select(Delivery).order_by(Delivery.seq))
            return list(found.scalars())

    async def change(self, **values: Any) -> None:
        async with self.db.transaction() as session:
            await session.execute(
                sa.update(Delivery).values(**values).execution_options(synchronize_session=False)
            )

    async def due(self) -> None:
        await self.change(due_at=now() - dt.timedelta(minutes=1))


@pytest.fixture(params=["sqlite", "postgres"])
async def loft(request: pytest.FixtureRequest) -> AsyncIterator[Loft]:
    db = Database(request.getfixturevalue(f"{request.param}_tables"))
    loft = Loft(db)
    yield loft
    await loft.deliveries.idle()
    await db.dispose()


async def test_what_is_said_is_owed_in_its_own_transaction(loft: Loft) -> None:
    there, website = await loft.open(), await loft.open(channel="widget")
    await loft.say(website, "the widget fetches this")
    await loft.say(there, "their own words", "client")
    with pytest.raises(RuntimeError):
        async with loft.db.transaction() as session:
            await log.say(session, there, "bot", "never said", "en")
            raise RuntimeError
    for author in ("bot", "agent", "system"):
        await loft.say(there, author, author)
    assert [(row.channel, row.state) for row in await loft.rows()] == [("pigeon", "waiting")] * 3
    await loft.send()
    assert loft.pigeon.sent == ["bot", "agent", "system"]


async def test_a_part_that_arrived_is_not_sent_again(loft: Loft) -> None:
    await loft.say(await loft.open(), "one|two|three")
    loft.pigeon.fail = []
    original = loft.pigeon.send

    async def fails_at_two(message: Outgoing, part: dict[str, Any]) -> str:
        if part["part"] == "two" and loft.pigeon.sent == ["one"]:
            loft.pigeon.sent.append("(lost)")
            raise Later("busy")
        return await original(message, part)

    loft.pigeon.send = fails_at_two  # type: ignore[method-assign]
    await loft.send()
    await loft.due()
    await loft.send()
    assert loft.pigeon.sent == ["one", "(lost)", "two", "three"]
    (row,) = await loft.rows()
    assert (row.state, row.parts, row.external_id) == ("sent", 3, "id-three")


async def test_the_next_waits_for_the_one_before(loft: Loft) -> None:
    first, second = await loft.open("a"), await loft.open("b")
    loft.pigeon.fail = [Later("busy")]
    await loft.say(first, "a1")
    await loft.send()
    await loft.say(first, "a2")
    await loft.say(second, "b1")
    await loft.send()
    assert loft.pigeon.sent == ["b1"]
    await loft.due()
    await loft.send()
    assert loft.pigeon.sent == ["b1", "a1", "a2"]


async def test_two_processes_send_each_message_once(loft: Loft) -> None:
    for number in range(12):
        conversation = await loft.open(str(number))
        for text in ("x", "y"):
            await loft.say(conversation, f"{number}{text}")
    other = loft.another()
    while any([await loft.deliveries.look(), await other.look()]):
        await asyncio.gather(loft.deliveries.idle(), other.idle())
    assert sorted(loft.pigeon.sent) == sorted(f"{n}{x}" for n in range(12) for x in "xy")
    for number in range(12):
        assert loft.pigeon.sent.index(f"{number}x") < loft.pigeon.sent.index(f"{number}y")


async def test_one_that_was_in_flight_at_a_crash_is_taken_up_after_its_lease(loft: Loft) -> None:
    await loft.say(await loft.open(), "hello")
    loft.pigeon.gate = asyncio.Event()
    assert await loft.deliveries.look() == 1
    await asyncio.sleep(0)
    for task in list(loft.deliveries._busy.values()):  # the process dies
        task.cancel()
    await loft.deliveries.idle()
    loft.pigeon.gate = None
    other = loft.another()
    assert await other.look() == 0  # it may still be under way
    await loft.due()
    assert await other.look() == 1
    await other.idle()
    assert loft.pigeon.sent == ["hello"]


async def test_who_comes_back_after_the_lease_changes_nothing(loft: Loft) -> None:
    await loft.say(await loft.open(), "hello|again")
    loft.pigeon.gate = asyncio.Event()
    assert await loft.deliveries.look() == 1
    await loft.change(attempts=7)  # another process has taken it
    loft.pigeon.gate.set()
    await loft.deliveries.idle()
    (row,) = await loft.rows()
    assert (row.state, row.parts, row.attempts) == ("waiting", 0, 7)
    assert loft.pigeon.sent == ["hello"]


@pytest.mark.parametrize("reason", ["blocked", "gone"])
async def test_nothing_reaches_who_is_gone(loft: Loft, reason: Any) -> None:
    conversation = await loft.open()
    await loft.say(conversation, "one")
    await loft.say(conversation, "two")
    loft.pigeon.fail = [Never(reason)]
    await loft.send()
    assert [(row.state, row.reason) for row in await loft.rows()] == [("failed", reason)] * 2
    await loft.say(conversation, "three")  # they are back: tried anew
    await loft.send()
    assert loft.pigeon.sent == ["three"]
    async with loft.db.reading() as session:
        found = await delivery.states(session, conversation)
    assert sorted(found.values()) == [("failed", reason), ("failed", reason), ("sent", None)]


async def test_our_own_fault_ends_after_a_few_attempts(loft: Loft) -> None:
    await loft.say(await loft.open(), "one")
    loft.pigeon.fail = [ValueError("a fault")] * 5
    for _ in range(5):
        await loft.due()
        await loft.send()
    assert [(row.state, row.reason) for row in await loft.rows()] == [("failed", "fault")]


async def test_a_file_that_cannot_be_sent_is_told_at_the_desk(loft: Loft) -> None:
    conversation = await loft.open()
    async with loft.db.transaction() as session:
        file = {"name": "a.pdf", "kind": "application/pdf", "size": 9, "width": None}
        beside = {"attachments": [{"id": "f", "height": None, **file}]}
        await log.say(session, conversation, "agent", "here it is", "en", **beside)
        await log.say(session, conversation, "agent", "[Photo]", "en", captionless=True, **beside)
    await loft.say(conversation, "next")
    await loft.send()
    told = say("channel.file_unsent", "en")
    assert loft.pigeon.sent == [f"here it is\n\n{told}", told, "next"]
    assert [(row.state, row.reason) for row in await loft.rows()] == [
        ("failed", "file"),
        ("failed", "file"),
        ("sent", None),
    ]


async def test_a_day_of_failures_is_enough(loft: Loft, monkeypatch: pytest.MonkeyPatch) -> None:
    await loft.say(await loft.open(), "one")
    loft.pigeon.fail = [Later("busy")]
    await loft.send()
    loft.pigeon.fail = [Later("busy")]
    await loft.due()
    monkeypatch.setattr(delivery, "_GIVE_UP", dt.timedelta(0))
    await loft.send()
    assert [(row.state, row.reason) for row in await loft.rows()] == [("failed", "unreachable")]


async def test_what_waited_while_a_channel_was_off_is_not_sent_days_later(
    loft: Loft, monkeypatch: pytest.MonkeyPatch
) -> None:
    await loft.say(await loft.open(), "one")
    monkeypatch.setattr(delivery, "_GIVE_UP", dt.timedelta(0))
    await loft.send()
    assert [(row.state, row.reason) for row in await loft.rows()] == [("failed", "expired")]
    assert loft.pigeon.sent == []


async def test_receipts_only_move_on(loft: Loft) -> None:
    await loft.say(await loft.open(), "one")
    await loft.send()
    for told, stands in (("delivered", "delivered"), ("sent", "delivered"), ("read", "read")):
        async with loft.db.transaction() as session:
            assert await delivery.note(session, "pigeon", Receipt("id-one", told))  # type: ignore[arg-type]
        assert [row.state for row in await loft.rows()] == [stands]
    async with loft.db.transaction() as session:
        assert await delivery.note(session, "other", Receipt("id-one", "read")) is None


def test_backoff_doubles_to_ten_minutes_and_obeys_what_is_asked() -> None:
    assert 0.75 <= backoff(1, None) <= 1.25
    assert 3 <= backoff(3, None) <= 5
    assert backoff(50, None) <= 750
    assert 30 <= backoff(1, 30.0) <= 30.5


async def test_what_is_put_off_is_nobodys_and_waits_its_time(loft: Loft) -> None:
    await loft.say(await loft.open(), "hello")
    loft.pigeon.fail = [Later("busy", 60)]
    await loft.send()
    (row,) = await loft.rows()
    assert row.holder is None and row.due_at > now() + dt.timedelta(seconds=50)


async def test_a_process_that_stops_ends_what_it_has_begun(loft: Loft) -> None:
    conversation = await loft.open()
    await loft.say(conversation, "one")
    await loft.say(conversation, "two")
    loft.pigeon.gate = asyncio.Event()
    running = asyncio.create_task(loft.deliveries.run())
    await asyncio.wait_for(loft.pigeon.begun.wait(), PATIENCE)
    running.cancel()
    await asyncio.sleep(0)
    loft.pigeon.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [row.state for row in await loft.rows()] == ["sent", "waiting"]
    assert loft.pigeon.sent == ["one"]


async def test_sends_that_end_together_are_written_down_together(
    loft: Loft, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        conversation = await loft.open(str(number))
        for text in ("x", "y", "z"):
            await loft.say(conversation, f"{number}{text}")
    begun: list[int] = []
    transaction = loft.db.transaction

    def counted() -> Any:
        begun.append(1)
        return transaction()

    monkeypatch.setattr(loft.db, "transaction", counted)
    await loft.send()
    assert len(loft.pigeon.sent) == 30
    assert len(begun) <= 10


async def test_one_that_cannot_be_written_down_holds_no_other_up(
    loft: Loft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owed, "_TRIES", (0.0,))
    for text in ("\ud800", "good", "fine"):
        await loft.say(await loft.open(repr(text)), text.encode("utf-8", "replace").decode())
    send = loft.pigeon.send

    async def odd(message: Outgoing, part: dict[str, Any]) -> str:
        return "\ud800" if await send(message, part) == "id-?" else "id"

    monkeypatch.setattr(loft.pigeon, "send", odd)
    await loft.send()
    assert sorted(row.state for row in await loft.rows()) == ["sent", "sent", "waiting"]

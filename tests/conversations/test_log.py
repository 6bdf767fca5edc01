"""The log numbers its events without gaps or doubles, whoever writes at once."""

import asyncio

import pytest
import sqlalchemy as sa

from bot.conversations import log
from bot.conversations.models import Event
from bot.db import Database


async def test_many_writers_get_consecutive_numbers(db: Database, conversation: str) -> None:
    async def write(number: int) -> int:
        async with db.transaction() as session:
            return await log.say(session, conversation, "bot", f"line {number}", "en")

    numbers = await asyncio.gather(*(write(number) for number in range(24)))

    assert sorted(numbers) == list(range(1, 25))
    async with db.reading() as session:
        assert [m.seq for m in await log.messages(session, conversation)] == sorted(numbers)


async def test_a_failed_transaction_leaves_no_gap(db: Database, conversation: str) -> None:
    with pytest.raises(RuntimeError):
        async with db.transaction() as session:
            await log.say(session, conversation, "bot", "never", "en")
            raise RuntimeError
    async with db.transaction() as session:
        assert await log.say(session, conversation, "bot", "first", "en") == 1


async def test_a_number_given_back_is_used_again(db: Database, conversation: str) -> None:
    async with db.transaction() as session:
        seq = await log.next_seq(session, conversation)
        await log.give_back(session, conversation, seq)
    async with db.transaction() as session:
        assert await log.next_seq(session, conversation) == seq


async def test_unknown_conversation(db: Database) -> None:
    with pytest.raises(log.UnknownConversation):
        async with db.transaction() as session:
            await log.next_seq(session, "nobody")


async def test_one_id_is_one_row_per_author(db: Database, conversation: str) -> None:
    async with db.transaction() as session:
        await log.say(session, conversation, "client", "hi", "en", message_id="a")
        await log.say(session, conversation, "agent", "hello", "en", message_id="a")
    with pytest.raises(sa.exc.IntegrityError):
        async with db.transaction() as session:
            await log.say(session, conversation, "client", "again", "en", message_id="a")
    async with db.reading() as session:
        count = await session.execute(sa.select(sa.func.count()).select_from(Event))
        assert count.scalar_one() == 2


async def test_messages_page_after_a_cursor(db: Database, conversation: str) -> None:
    async with db.transaction() as session:
        for number in range(5):
            await log.append(session, conversation, "noise", {})
            await log.say(session, conversation, "bot", str(number), "en")
    async with db.reading() as session:
        page = await log.messages(session, conversation, after=4, limit=2)
        newest = await log.recent(session, conversation, limit=2)
    assert [message.text for message in page] == ["2", "3"]
    assert [message.text for message in newest] == ["3", "4"]

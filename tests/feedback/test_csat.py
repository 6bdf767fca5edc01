"""The rating's state machine, as a conversation goes."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.models import Conversation, Event, Interaction
from bot.db import Database, new_id, now
from bot.feedback import csat, followups
from bot.feedback.models import FollowUp, Rating
from bot.feedback.summary import summary

Opened = Callable[..., Awaitable[str]]


class Chat:
    """One conversation after an agent has resolved it."""

    def __init__(self, db: Database, conversation: str) -> None:
        self.db = db
        self.id = conversation

    async def ask(self, agent: str | None = "a" * 32, name: str | None = "Asha") -> Rating | None:
        async with self.db.transaction() as session:
            found = await session.execute(
                sa.select(Interaction).where(Interaction.conversation_id == self.id)
            )
            return await csat.ask(session, self.id, found.scalars().first(), agent, name)

    async def says(self, text: str, **known: Any) -> csat.Claimed | None:
        async with self.db.transaction() as session:
            await log.say(session, self.id, "client", text, "en", message_id=new_id())
            return await csat.claim(session, self.id, text=text, **known)

    async def presses(self, payload: str) -> csat.Claimed | None:
        async with self.db.transaction() as session:
            return await csat.claim(session, self.id, payload=payload)

    async def last(self) -> log.Message:
        async with self.db.reading() as session:
            return [m for m in await log.messages(session, self.id) if m.author == "bot"][-1]

    async def rating(self) -> Rating:
        async with self.db.reading() as session:
            found = await session.execute(
                sa.select(Rating).where(Rating.conversation_id == self.id)
            )
            return found.scalar_one()

    async def follow_up(self) -> FollowUp | None:
        async with self.db.reading() as session:
            found = await session.execute(
                sa.select(FollowUp).where(FollowUp.conversation_id == self.id)
            )
            return found.scalar_one_or_none()


@pytest.fixture
async def chat(db: Database, open_chat: Opened) -> Chat:
    return Chat(db, await open_chat())


async def test_the_question_comes_with_five_labelled_buttons(chat: Chat) -> None:
    asked = await chat.ask()
    assert asked is not None
    message = await chat.last()
    assert message.payload["layout"] == "rating"
    assert [button["title"] for button in message.payload["buttons"]] == [
        "Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied",
    ]  # fmt: skip
    assert len({button["payload"] for button in message.payload["buttons"]}) == 5


async def test_once_an_interaction(chat: Chat) -> None:
    assert await chat.ask() is not None
    assert await chat.ask() is None


async def test_a_score_then_a_comment(chat: Chat) -> None:
    await chat.ask()
    scored = await chat.says("৫")
    assert scored is not None and (scored.what, scored.score) == ("score", 5)
    assert "What went well?" in (await chat.last()).text
    commented = await chat.says("Quick and kind")
    assert commented is not None and commented.what == "comment"
    rating = await chat.rating()
    assert (rating.score, rating.comment, rating.agent_id) == (5, "Quick and kind", "a" * 32)
    assert await chat.says("By the way, I also bought a lamp") is None
    assert await chat.follow_up() is None


async def test_a_low_score_is_thanked_regretted_and_owned(chat: Chat) -> None:
    await chat.ask()
    await chat.says("2")
    text = (await chat.last()).text
    due = followups.due_date(now(), "Asia/Kolkata")
    parts = ["Thank you", "sorry", "Asha", str(due.year)]
    assert sorted(parts, key=text.index) == parts
    assert text.endswith("What should we do better?")
    await chat.says("Too slow")
    owed = await chat.follow_up()
    assert owed is not None
    assert (owed.owner_id, owed.status) == ("a" * 32, "open")
    async with chat.db.reading() as session:
        (shown,) = await followups.owed(session)
    assert (shown.rating.score, shown.rating.comment) == (2, "Too slow")


async def test_without_an_agent_the_team_owns_it(chat: Chat) -> None:
    await chat.ask(agent=None, name=None)
    await chat.says("1")
    assert "One of our team" in (await chat.last()).text
    owed = await chat.follow_up()
    assert owed is not None and owed.owner_id is None


async def test_unclear_answers_are_asked_about_twice_at_most(chat: Chat) -> None:
    await chat.ask()
    for _ in range(2):
        unclear = await chat.says("8/10")
        assert unclear is not None and unclear.what == "unclear"
        assert (await chat.last()).payload["layout"] == "rating"
    assert await chat.says("8/10") is None
    scored = await chat.says("4")
    assert scored is not None and scored.score == 4


async def test_anything_else_goes_on_to_the_engine_and_the_request_stays(chat: Chat) -> None:
    await chat.ask()
    assert await chat.says("Where is my other parcel?") is None
    assert await chat.says("वापस दो") is None
    scored = await chat.says("four")
    assert scored is not None and scored.score == 4


async def test_changeable_by_word_and_button_until_it_expires(chat: Chat) -> None:
    asked = await chat.ask()
    assert asked is not None
    await chat.says("5")
    await chat.says("1")
    owed = await chat.follow_up()
    assert owed is not None and owed.status == "open"
    await chat.presses(f"csat-{asked.id}-4")
    assert "your rating is now 4" in (await chat.last()).text
    owed = await chat.follow_up()
    assert owed is not None and owed.status == "withdrawn"
    await chat.presses(f"csat-{asked.id}-1")
    owed = await chat.follow_up()
    assert owed is not None and owed.status == "open"
    async with chat.db.transaction() as session:
        assert await csat.expire(session, now() - dt.timedelta(hours=1)) == 0
        assert await csat.expire(session, now() + dt.timedelta(seconds=1)) == 1
    late = await chat.presses(f"csat-{asked.id}-5")
    assert late is not None and late.what == "expired"
    assert await chat.says("5") is None
    assert (await chat.rating()).score == 1
    async with chat.db.reading() as session:
        rated = await session.execute(
            sa.select(Event.payload).where(Event.kind == "rated").order_by(Event.seq)
        )
        assert [payload["score"] for payload in rated.scalars()] == [5, 1, 4, 1]


@pytest.mark.parametrize("question", ["And when does the refund come?", "where is my order"])
async def test_a_question_after_the_score_is_no_comment(chat: Chat, question: str) -> None:
    await chat.ask()
    await chat.says("4")
    assert await chat.says(question) is None
    assert await chat.says("thanks, all clear") is None, "the moment for a comment has passed"
    assert (await chat.rating()).comment is None


async def test_the_caller_may_know_that_it_is_a_question(chat: Chat) -> None:
    await chat.ask()
    await chat.says("4")
    assert await chat.says("refund status", is_question=True) is None


async def test_much_later_is_no_comment(chat: Chat) -> None:
    await chat.ask()
    await chat.says("4")
    async with chat.db.transaction() as session:
        await session.execute(sa.update(Rating).values(answered_at=now() - dt.timedelta(hours=2)))
    assert await chat.says("My parcel is broken") is None


async def test_nothing_to_add(chat: Chat) -> None:
    await chat.ask()
    await chat.says("4")
    (button,) = (await chat.last()).payload["buttons"]
    done = await chat.presses(button["payload"])
    assert done is not None and done.what == "no_comment"
    assert await chat.says("Hello again") is None


async def test_a_number_that_answers_another_question_is_not_a_score(chat: Chat) -> None:
    await chat.ask()
    async with chat.db.transaction() as session:
        buttons = [{"title": "Returns", "payload": "x1"}, {"title": "Refunds", "payload": "x2"}]
        await log.say(session, chat.id, "bot", "Did you mean…", "en", buttons=buttons)
    assert await chat.says("2") is None
    assert await chat.presses("x2") is None


async def test_buttons_of_another_conversation_do_nothing(
    chat: Chat, db: Database, open_chat: Opened
) -> None:
    asked = await chat.ask()
    assert asked is not None
    other = Chat(db, await open_chat())
    for payload in (f"csat-{asked.id}-5", "csat-", "csat-x-9", "csat-none"):
        assert await other.presses(payload) is None
    assert (await chat.rating()).score is None


async def test_it_is_asked_in_the_conversations_language(db: Database, open_chat: Opened) -> None:
    chat = Chat(db, await open_chat("bn"))
    await chat.ask()
    assert (await chat.last()).language == "bn"
    assert (await chat.rating()).language == "bn"
    async with db.transaction() as session:
        (await session.get(Conversation, chat.id)).locale = "mr"
    await chat.says("३")
    assert (await chat.last()).language == "mr"


async def test_the_figure_comes_with_its_n(db: Database, open_chat: Opened) -> None:
    for score in ("5", "4", "3", "1", None):
        chat = Chat(db, await open_chat())
        await chat.ask()
        if score:
            await chat.says(score)
    async with db.reading() as session:
        found = await summary(session, now() - dt.timedelta(days=1), now())
        nobody = await summary(session, now() - dt.timedelta(days=9), now() - dt.timedelta(days=8))
    assert (found.percent, found.responses, found.asked, found.response_rate) == (50, 4, 5, 80)
    assert (nobody.percent, nobody.response_rate) == (None, None)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-11-20T12:00:00+00:00", "2026-11-21"),  # Friday → Saturday, a working day here
        ("2026-11-21T12:00:00+00:00", "2026-11-23"),  # Saturday → Monday
        ("2026-11-21T20:00:00+00:00", "2026-11-23"),  # already Sunday in Kolkata → Monday
    ],
)
def test_due_on_the_next_working_day_there(moment: str, due: str) -> None:
    found = followups.due_date(dt.datetime.fromisoformat(moment), "Asia/Kolkata")
    assert found.isoformat() == due


async def test_a_follow_up_is_done_once(chat: Chat) -> None:
    await chat.ask()
    await chat.says("1")
    owed = await chat.follow_up()
    assert owed is not None
    async with chat.db.transaction() as session:
        assert await followups.take(session, owed.id, "b" * 32)
        assert await followups.finish(session, owed.id, "b" * 32)
        assert not await followups.finish(session, owed.id, "b" * 32)
        assert not await followups.take(session, owed.id, "c" * 32)
        assert await followups.owed(session) == []
        assert len(await followups.owed(session, done=True)) == 1


async def test_a_low_score_is_due_when_the_caller_says_and_the_client_reads_that_day(
    chat: Chat,
) -> None:
    by = dt.datetime(2026, 11, 30, 23, 30, tzinfo=dt.timezone.utc)

    async def due(_: AsyncSession, language: str) -> tuple[dt.datetime, str]:
        assert language == "en"
        return by, "Asia/Dhaka"

    await chat.ask()
    await chat.says("1", due=due)
    owed = await chat.follow_up()
    assert owed is not None and owed.due_at == by
    assert "1 December 2026" in (await chat.last()).text, "the day it is there"

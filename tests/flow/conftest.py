"""A database, an inbox and turns whose engine a test can make slow, wrong or dead."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import anyio
import pytest
import sqlalchemy as sa

from bot.channels.widget.starters import Starters
from bot.conversations import identities, log
from bot.conversations.log import Message
from bot.conversations.models import Conversation, Event
from bot.conversations.wake import Wake
from bot.db import Database
from bot.engine.turn import Outcome, Reply, Turn
from bot.flow.inbox import MessageInbox
from bot.flow.turn import Turns
from bot.languages.detect import detector
from bot.settings import Settings
from tests.patience import PATIENCE


class StubEngine:
    """Stands in for Rasa where a test needs failures that Rasa cannot be told to have."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.answer: Callable[[Turn], Outcome] = answered

    async def handle(self, turn: Turn, deadline: float) -> Outcome:
        self.turns.append(turn)
        await asyncio.sleep(0)
        return self.answer(turn)


def answered(turn: Turn) -> Outcome:
    return Outcome(
        replies=(Reply(f"re: {turn.text or turn.intent}", turn.locale),),
        effects=(),
        dialogue={"turns": 1},
        intent="question",
        confidence=1.0,
    )


@dataclass
class Flow:
    db: Database
    inbox: MessageInbox
    turns: Turns
    engine: StubEngine
    due: list[str] = field(default_factory=list)

    async def open(self, **more: str) -> str:
        async with self.db.transaction() as session:
            who = await identities.identity(session, "widget", "visitor-1")
            made, _ = await identities.open_conversation(
                session, who, locale="en", belief={}, **more
            )
            return str(made.id)

    async def work(self) -> None:
        """Take the turns that are due, and wait until they are done."""
        worker = asyncio.create_task(self.turns.work())
        try:
            with anyio.fail_after(PATIENCE):
                while await self._open_turns():  # noqa: ASYNC110  (the database is asked)
                    await asyncio.sleep(0.01)
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    async def _open_turns(self) -> bool:
        async with self.db.reading() as session:
            rows = (await session.execute(sa.select(Conversation))).scalars().all()
            return any(c.owner == "bot" and c.client_seq > c.handled_seq for c in rows)

    async def messages(self, conversation: str) -> list[Message]:
        async with self.db.reading() as session:
            return await log.messages(session, conversation)

    async def events(self, conversation: str, kind: str) -> list[dict[str, object]]:
        async with self.db.reading() as session:
            rows = await session.execute(
                sa.select(Event.payload)
                .where(Event.conversation_id == conversation, Event.kind == kind)
                .order_by(Event.seq)
            )
            return list(rows.scalars())

    async def row(self, conversation: str) -> Conversation:
        async with self.db.reading() as session:
            return await session.get(Conversation, conversation)


def _article(article: str, locale: str) -> SimpleNamespace | None:
    there = article == "track-order"
    return SimpleNamespace(title="Where is my order?", locale="en") if there else None


@pytest.fixture(params=["sqlite", "postgres"])
async def flow(request: pytest.FixtureRequest) -> AsyncIterator[Flow]:
    db = Database(request.getfixturevalue(f"{request.param}_tables"))
    wake, engine = Wake(), StubEngine()
    turns = Turns(db, engine, wake, Settings())  # type: ignore[arg-type]
    starters = Starters(lambda: ("track-order",), _article)
    inbox = MessageInbox(db, detector("setu"), wake, turns.due, starters)
    yield Flow(db, inbox, turns, engine)
    await db.dispose()

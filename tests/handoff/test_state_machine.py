"""Whatever agents, clients and the clock do in whatever order: one owner, one open handoff, and a
log that tells every change."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import identities, interactions, log, ownership
from bot.conversations.models import Conversation, Event, Interaction
from bot.db import Base, Database, new_id
from bot.handoff import agents, closing, leaving, queue
from bot.handoff.models import Handoff

CHATS = st.integers(0, 1)
AGENTS = st.integers(0, 2)
Do = Callable[[AsyncSession], Awaitable[Any]]


class Desk(RuleBasedStateMachine):
    """Two conversations, three agents, and a model that knows who should own what."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.db = Database(self.url)
        self.chats, self.agents = self.run(self._furnish())
        self.owner = {chat: "bot" for chat in self.chats}
        self.handoff: dict[str, str] = {}
        self.changes = dict.fromkeys(self.chats, 0)

    async def _furnish(self) -> tuple[list[str], list[str]]:
        async with self.db.transaction() as session:
            who = await identities.identity(session, "widget", new_id())
            chats = [
                (await identities.open_conversation(session, who, locale="en", belief={}))[0].id
                for _ in range(2)
            ]
            people = [
                await agents.add(
                    session, email=f"{new_id()}@x.example", name=f"a{number}", password_hash="-"
                )
                for number in range(3)
            ]
        return chats, [agent.id for agent in people]

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def do(self, work: Do) -> Any:
        async def inside() -> Any:
            async with self.db.transaction() as session:
                return await work(session)

        return self.run(inside())

    def teardown(self) -> None:
        self.run(self.db.dispose())
        self.loop.close()

    def moved(self, chat: str, owner: str) -> None:
        self.owner[chat] = owner
        self.changes[chat] += 1

    def attempt(self, chat: str, right: bool, after: str, work: Do) -> None:
        """Do a step that the model allows, or see it refused."""
        if right:
            self.do(work)
            self.moved(chat, after)
        else:
            with pytest.raises((queue.NotYours, queue.UnknownHandoff)):
                self.do(work)

    @rule(chat=CHATS)
    def client_writes(self, chat: int) -> None:
        id = self.chats[chat]

        async def write(session: AsyncSession) -> None:
            seq = await log.say(session, id, "client", "hello", "en", message_id=new_id())
            row = await session.get(Conversation, id, populate_existing=True)
            row.client_seq = seq
            await interactions.ensure_open(session, id, seq, row.owner)

        self.do(write)

    @rule(chat=CHATS)
    def ask(self, chat: int) -> None:
        id = self.chats[chat]
        opened = self.do(lambda session: queue.open_handoff(session, id, "asked"))
        if self.owner[id] == "bot":
            assert opened.id != self.handoff.get(id)
            self.handoff[id] = opened.id
            self.moved(id, "queue")
        else:
            assert opened.id == self.handoff[id], "one who waits or is served keeps one handoff"

    @rule(chat=CHATS, agent=AGENTS)
    def claim(self, chat: int, agent: int) -> None:
        id, who = self.chats[chat], self.agents[agent]
        if id not in self.handoff:
            return
        result = self.do(lambda session: queue.claim(session, self.handoff[id], who))
        if self.owner[id] == "queue":
            assert isinstance(result, queue.Won)
            self.moved(id, f"agent:{who}")
        elif self.owner[id] == f"agent:{who}":
            assert isinstance(result, queue.Won), "again is still mine"
        else:
            holder = ownership.agent_of(self.owner[id])
            name = f"a{self.agents.index(holder)}" if holder else None
            assert result == queue.Lost(name), "the loser is told who has it"

    @rule(chat=CHATS)
    def all_claim_at_once(self, chat: int) -> None:
        id = self.chats[chat]
        if self.owner[id] != "queue":
            return

        async def one(who: str) -> Any:
            async with self.db.transaction() as session:
                return await queue.claim(session, self.handoff[id], who)

        async def race() -> list[Any]:
            return list(await asyncio.gather(*(one(who) for who in self.agents)))

        results = self.run(race())
        winners = [
            who for who, won in zip(self.agents, results, strict=True) if hasattr(won, "handoff")
        ]
        assert len(winners) == 1
        name = f"a{self.agents.index(winners[0])}"
        assert [one for one in results if one == queue.Lost(name)] == [queue.Lost(name)] * 2
        self.moved(id, f"agent:{winners[0]}")

    @rule(chat=CHATS, agent=AGENTS)
    def resolve(self, chat: int, agent: int) -> None:
        id, who = self.chats[chat], self.agents[agent]
        self.attempt(
            id,
            self.owner[id] == f"agent:{who}",
            "bot",
            lambda session: closing.resolve(session, self.handoff.get(id, ""), who),
        )

    @rule(chat=CHATS, agent=AGENTS, supervising=st.booleans())
    def give_back(self, chat: int, agent: int, supervising: bool) -> None:
        id, who = self.chats[chat], self.agents[agent]
        mine = self.owner[id] == f"agent:{who}"
        self.attempt(
            id,
            mine or (supervising and self.owner[id] != "bot"),
            "bot",
            lambda session: closing.return_to_bot(
                session, self.handoff.get(id, ""), who, supervising
            ),
        )

    @rule(chat=CHATS)
    def client_prefers_the_bot(self, chat: int) -> None:
        id = self.chats[chat]
        self.attempt(
            id,
            self.owner[id] == "queue",
            "bot",
            lambda session: closing.return_to_bot(session, self.handoff.get(id, "")),
        )

    @rule(chat=CHATS, agent=AGENTS, to=st.integers(-1, 2), supervising=st.booleans())
    def pass_on(self, chat: int, agent: int, to: int, supervising: bool) -> None:
        id, who = self.chats[chat], self.agents[agent]
        after = "queue" if to < 0 else f"agent:{self.agents[to]}"
        target = None if to < 0 else self.agents[to]
        before = self.owner[id]

        async def work(session: AsyncSession) -> None:
            await queue.transfer(
                session, self.handoff.get(id, ""), who, target, supervising=supervising
            )

        allowed = before != "bot" and (supervising or before == f"agent:{who}")
        if allowed and before == after:
            self.do(work)  # nothing to do is no fault, and no change
        else:
            self.attempt(id, allowed, after, work)

    @rule(chat=CHATS, agent=AGENTS)
    def lost(self, chat: int, agent: int) -> None:
        id, who = self.chats[chat], self.agents[agent]
        if id not in self.handoff:
            return
        row = self.do(lambda session: queue.lost(session, self.handoff[id], who))
        if self.owner[id] == f"agent:{who}":
            assert row.id == self.handoff[id], "the same handoff, with its history"
            assert "lost" in row.priority
            assert row.rank_at < row.opened_at
            self.moved(id, "queue")
        else:
            assert row is None

    @rule(chat=CHATS, leaves=st.booleans())
    def end_of_waiting(self, chat: int, leaves: bool) -> None:
        id = self.chats[chat]
        if id not in self.handoff:
            return
        waits = self.owner[id] == "queue"
        step, ended = ("abandon", "gone") if leaves else ("expire", "expired")

        async def end(session: AsyncSession) -> bool:
            row = await queue.find(session, self.handoff[id])
            return await leaving.leave(session, row, step, ended)

        assert self.do(end) is waits
        if waits:
            self.moved(id, "bot")

    @invariant()
    def one_owner_one_handoff_and_a_log_that_tells(self) -> None:
        for chat in self.chats:
            self.run(self._check(chat))

    async def _check(self, chat: str) -> None:
        async with self.db.reading() as session:
            owner = await ownership.current(session, chat)
            found = await session.execute(sa.select(Handoff).where(Handoff.conversation_id == chat))
            told = await session.execute(
                sa.select(Event.payload)
                .where(Event.conversation_id == chat, Event.kind == ownership.OWNER_CHANGED)
                .order_by(Event.seq)
            )
            seqs = await session.execute(sa.select(Event.seq).where(Event.conversation_id == chat))
            last = await session.get(Conversation, chat)
            open_interactions = await session.execute(
                sa.select(sa.func.count())
                .select_from(Interaction)
                .where(Interaction.conversation_id == chat, Interaction.closed_at.is_(None))
            )
        assert owner == self.owner[chat]
        handoffs = list(found.scalars())
        state = [row for row in handoffs if row.status in queue.OPEN]
        holder = ownership.agent_of(owner)
        expected = {"bot": [], "queue": [("waiting", None)], "agent": [("assigned", holder)]}
        assert [(row.status, row.agent_id) for row in state] == expected[ownership.kind(owner)]
        assert all(row.resolved_at for row in handoffs if row.status not in queue.OPEN)
        changes = list(told.scalars())
        assert len(changes) == self.changes[chat]
        owners = ["bot", *(change["to"] for change in changes)]
        assert [change["from"] for change in changes] == owners[:-1], "no gap in the chain"
        assert owners[-1] == owner
        for change in changes:
            assert ownership.allowed(change["step"], change["from"], change["to"])
        assert sorted(seqs.scalars()) == list(range(1, last.last_seq + 1)), "no number is missing"
        assert open_interactions.scalar_one() <= 1


def _play(url: str, examples: int) -> None:
    async def create() -> None:
        db = Database(url)
        async with db.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await db.dispose()

    asyncio.run(create())
    machine = type("OnThisDatabase", (Desk,), {"url": url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
def test_on_sqlite(tmp_path: Path) -> None:
    _play(f"sqlite+aiosqlite:///{tmp_path / 'setu.db'}", 20)


@pytest.mark.slow
def test_on_postgresql(postgres_url: str) -> None:
    _play(postgres_url, 20)

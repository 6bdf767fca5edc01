"""A client's data: every column decided, everything exported, nothing left after erasing."""

import asyncio
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.conversations import log, ownership
from bot.conversations.identities import client_of
from bot.conversations.models import Client, Conversation, Event, Identity, Interaction
from bot.db import UtcDateTime, metadata, new_id, now
from bot.desk import audit, personal
from bot.desk.models import Audit
from bot.desk.personal import KEPT, NO_CLIENTS, TREATMENTS
from bot.desk.retention import Retention
from bot.feedback import csat
from bot.feedback.models import FollowUp, Rating
from bot.handoff import closing, queue
from bot.settings import Settings

House = Any
MARK = "Zq7x"


def test_every_column_of_every_table_is_decided() -> None:
    tables = set(metadata.tables)
    decided = {*TREATMENTS, *NO_CLIENTS}
    assert (tables - decided, decided - tables) == (set(), set()), "a table nobody decided about"
    for name, columns in TREATMENTS.items():
        there = {column.name for column in metadata.tables[name].columns}
        assert (there - set(columns), set(columns) - there) == (set(), set()), name


def test_tables_said_to_be_without_clients_point_at_none() -> None:
    theirs = {"client", "identity", "conversation", "interaction", "event", "rating"}
    for name in NO_CLIENTS:
        table = metadata.tables[name]
        points_at = {key.column.table.name for key in table.foreign_keys}
        assert not points_at & theirs, name
        assert not {"conversation_id", "client_id"} & {column.name for column in table.columns}


def test_what_stays_of_an_event_is_named_and_words_are_not() -> None:
    said = {"text": "my name is Rina", "language": "en", "original": {"text": "x"}}
    rest = personal.rest_of(log.MESSAGE, said)
    assert rest == ("erased", {"was": "message", "language": "en"})
    assert personal.rest_of(*rest) == rest, "twice is once"
    assert personal.rest_of("of tomorrow", {"secret": 1}) == ("erased", {"was": "of tomorrow"})
    kind, kept = personal.rest_of("rated", {"rating": "1", "score": 2, "text": "two, Rina"})
    assert (kind, kept) == ("rated", {"rating": "1", "score": 2})


async def _furnished(house: House) -> tuple[str, str]:
    """A client with something in every table, marked wherever erasing has to reach."""
    agent = await house.agent("Asha")
    chat = await house.chat(f"I am {MARK}", name=f"Rina {MARK}", zone="Asia/Dhaka")
    handoff = await house.hand_off(chat)
    async with house.db.transaction() as session:
        client = (await client_of(session, chat)).id
        await queue.claim(session, handoff, agent.id)
        await log.say(session, chat, "agent", f"Hello {MARK}", "en", agent=agent.id, name="Asha")
        await queue.add_note(session, chat, agent.id, f"calls himself {MARK}")
        _, interaction = await closing.resolve(session, handoff, agent.id)
        await csat.ask(session, chat, interaction, agent.id, agent.name)
        await log.say(session, chat, "client", "1", "en", message_id=new_id())
        await csat.claim(session, chat, text="1")
        await log.append(session, chat, "understood", {"entities": [{"value": MARK}]})
        audit.note(session, agent.id, "read", chat)
    async with house.db.transaction() as session:
        for name, columns in TREATMENTS.items():
            table = metadata.tables[name]
            if not (await session.execute(sa.select(table).limit(1))).first():
                identity = (await session.get(Conversation, chat)).identity_id
                made_up = _made_up(table, chat, identity)
                await session.execute(sa.insert(table).values(made_up))
            marked = {
                key: _marked(table.c[key])
                for key, how in columns.items()
                if how != KEPT and name != "event" and _marked(table.c[key]) is not None
            }
            if marked:
                await session.execute(sa.update(table).values(marked))
    return client, chat


def _marked(column: Any) -> Any:
    if isinstance(column.type, sa.JSON):
        return {"x": MARK}
    return MARK if isinstance(column.type, sa.String | sa.Text) else None


def _made_up(table: sa.Table, chat: str, identity: str) -> dict[str, Any]:
    belongs = {"conversation_id": chat, "identity_id": identity}
    values: dict[str, Any] = {key: value for key, value in belongs.items() if key in table.c}
    for column in table.columns:
        if column.name in values or column.nullable or column.default is not None:
            continue
        kinds = {sa.Integer: 1, sa.LargeBinary: MARK.encode(), UtcDateTime: now()}
        values[column.name] = next(
            (made for kind, made in kinds.items() if isinstance(column.type, kind)), "x"
        )
    return values


async def _everything(house: House) -> str:
    found = []
    async with house.db.reading() as session:
        for table in metadata.sorted_tables:
            found += [dict(row._mapping) for row in await session.execute(sa.select(table))]
    return json.dumps(found, default=str)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_nothing_is_left_but_what_counts(house: House, engine: str) -> None:
    client, chat = await _furnished(house)
    other = await house.chat("somebody else", name="Bystander")
    assert MARK in await _everything(house)
    async with house.db.transaction() as session:
        await personal.erase(session, client)
    await personal.leave_no_copy(house.db)
    assert MARK not in await _everything(house)
    if engine == "sqlite":
        name = sa.engine.make_url(house.db.url).database
        for file in Path(name).parent.glob(f"{Path(name).name}*"):
            assert MARK.encode() not in file.read_bytes(), f"still in {file.name}"
    async with house.db.reading() as session:
        rating = (await session.execute(sa.select(Rating))).scalar_one()
        assert (rating.score, rating.comment) == (1, None), "counted, and nobody's"
        interaction = (
            await session.execute(sa.select(Interaction).where(Interaction.conversation_id == chat))
        ).scalar_one()
        assert interaction.outcome == "handed_off"
        row = await session.get(Conversation, chat)
        assert (row.owner, row.token_hash) == (ownership.BOT, "")
        kept = await session.execute(
            sa.select(sa.func.count()).select_from(Event).where(Event.conversation_id == chat)
        )
        assert kept.scalar_one() == row.last_seq, "no event is missing"
        identity = await session.get(Identity, row.identity_id)
        assert identity.address == f"erased:{identity.id}"
        follow_up = (await session.execute(sa.select(FollowUp))).scalar_one()
        assert follow_up.status == "withdrawn"
        assert (await client_of(session, other)).name == "Bystander"
        assert [one.text for one in await log.messages(session, other)] == ["somebody else"]
    async with house.db.transaction() as session:
        again = await personal.erase(session, client)
    assert again["client"] == 1, "twice does no harm"


async def test_the_pages_still_open_an_erased_conversation(house: House, sign_in: Any) -> None:
    client, chat = await _furnished(house)
    async with house.db.transaction() as session:
        await personal.erase(session, client)
    admin = await sign_in("Bina", role="admin")
    for url in (f"/desk/c/{chat}", "/desk?tab=all", "/desk/follow-ups?done=true", "/desk/audit",
                "/desk/knowledge/gaps", f"/api/desk/conversations/{chat}"):  # fmt: skip
        answer = await admin.get(url)
        assert answer.status_code == 200 and MARK not in answer.text, url


async def test_the_export_holds_what_was_said_and_no_secret(house: House) -> None:
    client, _ = await _furnished(house)
    await house.chat("somebody else", name="Bystander")
    async with house.db.reading() as session:
        given = await personal.export(session, client)
    text = json.dumps(given)
    assert f"I am {MARK}" in text and f"calls himself {MARK}" in text
    assert "token_hash" not in text and "Bystander" not in text
    assert {name for name, rows in given.items() if not rows} <= {"delivery", "read_mark"}


@pytest.mark.slow
async def test_the_commands_export_and_erase(house: House, tmp_path: Path) -> None:
    _, chat = await _furnished(house)

    def setu(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *words],
            env={**os.environ, "SETU_DATABASE_URL": house.db.url, "SETU_DATA_DIR": str(tmp_path)},
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    given = await asyncio.to_thread(setu, "export", chat)
    assert given.returncode == 0, given.stderr
    (everything,) = json.loads(given.stdout).values()
    assert any(f"I am {MARK}" in json.dumps(event) for event in everything["event"])
    refused = await asyncio.to_thread(setu, "erase", chat)
    assert refused.returncode == 1 and MARK in await _everything(house), "asks first"
    done = await asyncio.to_thread(setu, "erase", chat, "--yes")
    assert done.returncode == 0 and "Erased 1 client" in done.stderr, done.stderr
    assert MARK not in await _everything(house)
    nobody = await asyncio.to_thread(setu, "export", "nobody@example.com")
    assert nobody.returncode == 1 and "no client" in nobody.stderr


@pytest.mark.parametrize("by", ["client", "email", "phone", "address", "chat"])
async def test_a_client_is_found_by_whatever_is_known_of_them(house: House, by: str) -> None:
    chat = await house.chat()
    await house.chat()
    async with house.db.transaction() as session:
        client = await client_of(session, chat)
        client.email, client.phone = "rina@example.com", "+8801712345678"
        identity = (
            await session.execute(sa.select(Identity).where(Identity.client_id == client.id))
        ).scalar_one()
        known = {
            "client": client.id, "email": "Rina@Example.com ", "phone": "+8801712345678",
            "address": f"widget:{identity.address}", "chat": chat,
        }  # fmt: skip
        assert await personal.find(session, known[by]) == [client.id]
        assert await personal.find(session, "nobody@example.com") == []


async def test_words_go_after_the_days_that_the_policy_allows(house: House) -> None:
    old, young, busy = [await house.chat(f"{MARK} {n}", name="Rina") for n in "abc"]
    moment = now() + dt.timedelta(days=31)
    async with house.db.transaction() as session:
        for chat in (old, young):
            await session.execute(
                sa.update(Interaction)
                .where(Interaction.conversation_id == chat)
                .values(closed_at=now())
            )
        late = await log.say(session, young, "client", "back again", "en", message_id="n")
        await session.execute(
            sa.update(Event)
            .where(Event.conversation_id == young, Event.seq == late)
            .values(at=moment - dt.timedelta(days=1))
        )
    retention = Retention(house.db, Settings(_env_file=None, retention_days=30))
    assert await retention.tick(now()) == 0, "nothing is that old"
    assert await retention.tick(moment) == 2
    assert await retention.tick(moment) == 0
    async with house.db.reading() as session:
        said = {chat: await log.messages(session, chat) for chat in (old, young, busy)}
        assert [one.text for one in said[old]] == []
        assert [one.text for one in said[young]] == ["back again"]
        assert [one.text for one in said[busy]] == [f"{MARK} c"], "its interaction is open"
        lines = await session.execute(sa.select(Audit).where(Audit.action == "words_erased"))
        assert {line.conversation_id for line in lines.scalars()} == {old, young}
        names = (await session.execute(sa.select(Client.name))).scalars().all()
        assert names == ["Rina"] * 3, "words go, the profile stays"


async def test_without_a_policy_nothing_is_erased() -> None:
    assert Settings(_env_file=None).retention_days == 0

"""Two chats become one client when a code shown in one is written in the other; never otherwise."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from bot.conversations import identities, linking
from bot.conversations.identities import client_of
from bot.conversations.models import Client, Conversation, Identity, LinkCode
from bot.db import Database, now
from bot.languages.say import say


@pytest.fixture(params=["sqlite", "postgres"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    db = Database(request.getfixturevalue(f"{request.param}_tables"))
    yield db
    await db.dispose()


async def chat(db: Database, channel: str, address: str, **facts: object) -> str:
    async with db.transaction() as session:
        of = await identities.identity(session, channel, address)
        of.verified = address.startswith("verified:")
        made, _ = await identities.open_conversation(session, of, locale="en", belief={})
        client = await session.get(Client, of.client_id)
        for name, value in facts.items():
            setattr(client, name, value)
        made.client_seq = 1
        return str(made.id)


async def write(db: Database, conversation: str, text: str) -> str:
    async with db.transaction() as session:
        row = await session.get(Conversation, conversation)
        return await linking.reply(session, row, text)


async def code_of(db: Database, conversation: str) -> str:
    told = await write(db, conversation, "/link")
    (code,) = [word.rstrip(".") for word in told.split() if word.startswith("link-")]
    return code


async def clients(db: Database, *conversations: str) -> list[Client]:
    async with db.reading() as session:
        return [await client_of(session, each) for each in conversations]


LINKED, WRONG = say("channel.linked", "en"), say("channel.link_wrong", "en")


async def test_a_code_makes_one_of_two(db: Database) -> None:
    there = await chat(db, "telegram", "42", name="Rina Sen", preferred_language="bn")
    here = await chat(db, "widget", "visitor", email="rina@a.example")
    code = await code_of(db, there)
    assert linking.about_linking(f" {code.upper()} ")
    assert await write(db, here, f" {code.upper()} ") == LINKED
    one, other = await clients(db, there, here)
    assert one.id == other.id
    assert (one.name, one.email, one.preferred_language) == ("Rina Sen", "rina@a.example", "bn")
    async with db.reading() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Client)) == 1
        row = await session.get(Conversation, here)
        assert [each.id for each in await linking.elsewhere(session, row)] == [there]
    assert await write(db, here, code) == WRONG  # once


@pytest.mark.parametrize("text", ["link-aaaaaaaa", "link-22222222"])
async def test_a_guess_is_wrong(db: Database, text: str) -> None:
    here = await chat(db, "widget", "visitor")
    assert await write(db, here, text) == WRONG


async def test_an_old_code_is_worth_nothing(db: Database) -> None:
    there, here = await chat(db, "slack", "D1"), await chat(db, "widget", "visitor")
    code = await code_of(db, there)
    async with db.transaction() as session:
        await session.execute(sa.update(LinkCode).values(expires_at=now() - dt.timedelta(1)))
    assert await write(db, here, code) == WRONG
    one, other = await clients(db, there, here)
    assert one.id != other.id


async def test_a_code_written_where_it_was_shown_proves_nothing(db: Database) -> None:
    there, here = await chat(db, "slack", "D1"), await chat(db, "widget", "visitor")
    code = await code_of(db, there)
    assert await write(db, there, code) == WRONG
    assert await write(db, here, code) == LINKED  # and is not used up by that


async def test_two_people_the_shop_knows_stay_two(db: Database) -> None:
    first = await chat(db, "widget", "verified:1", name="One")
    second = await chat(db, "widget", "verified:2", name="Two")
    assert await write(db, second, await code_of(db, first)) == WRONG
    one, other = await clients(db, first, second)
    assert (one.name, other.name) == ("One", "Two")


async def test_the_one_the_shop_vouches_for_is_kept(db: Database) -> None:
    older = await chat(db, "telegram", "42", name="R")
    vouched = await chat(db, "widget", "verified:1", name="Rina Sen")
    before = (await clients(db, vouched))[0].id
    assert await write(db, older, await code_of(db, vouched)) == LINKED
    one, other = await clients(db, older, vouched)
    assert one.id == other.id == before and one.name == "Rina Sen"


async def test_codes_run_out(db: Database) -> None:
    there = await chat(db, "telegram", "42")
    for _ in range(5):
        await code_of(db, there)
    assert await write(db, there, "/link") == say("error.too_many", "en")


async def test_a_code_can_be_sent_to_an_address(db: Database) -> None:
    here = await chat(db, "widget", "visitor")
    async with db.transaction() as session:
        there = await linking.send_code(session, "whatsapp", "919876543210", "en")
        again = await linking.send_code(session, "whatsapp", "919876543210", "en")
    assert there == again
    async with db.reading() as session:
        from bot.conversations import log
        from bot.conversations.models import Delivery

        said = (await log.messages(session, there))[0]
        owed = await session.scalar(sa.select(sa.func.count()).select_from(Delivery))
    assert owed == 2
    (code,) = [word.rstrip(".") for word in said.text.split() if word.startswith("link-")]
    assert await write(db, here, code) == LINKED
    async with db.reading() as session:
        addresses = await session.scalars(
            sa.select(Identity.address).where(
                Identity.client_id == (await client_of(session, here)).id
            )
        )
        assert set(addresses) == {"visitor", "919876543210"}


@pytest.mark.parametrize("text", ["link-", "a link-aaaaaaaa b", "/links", "link", "link-aaaaaaa1"])
def test_what_only_looks_like_it(text: str) -> None:
    assert not linking.about_linking(text)

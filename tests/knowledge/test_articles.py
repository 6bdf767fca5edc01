"""Versions, conflicts, states: nothing an author wrote is lost, nobody writes over another."""

import dataclasses
import datetime as dt

import pytest

from bot.db import Database
from bot.knowledge import articles
from bot.knowledge.articles import Conflict, Entry, NoSuchArticle
from tests.knowledge.conftest import set_state

DRAFTED = Entry("hours", "en", "Opening hours", "9 to 9.", ("when open?",), ("time",), "contact")


async def test_every_change_is_a_version_and_can_be_restored(db: Database) -> None:
    async with db.transaction() as session:
        first = await articles.write(session, DRAFTED, "ana", expected_version=0)
        changed = dataclasses.replace(first, body="8 to 8.")
        second = await articles.write(session, changed, "ben", expected_version=1)
        back = await articles.restore(session, "hours", "en", 1, "cleo")
        past = await articles.history(session, "hours", "en")
    assert (first.version, second.version, back.version) == (1, 2, 3)
    assert back.body == "9 to 9."
    assert [(e.version, e.body) for e in past] == [(3, "9 to 9."), (2, "8 to 8."), (1, "9 to 9.")]


async def test_a_conflicting_edit_is_refused_with_what_stands_there(db: Database) -> None:
    async with db.transaction() as session:
        read = await articles.write(session, DRAFTED, "ana")
        await articles.write(session, dataclasses.replace(read, title="Hours"), "ben")
    late = dataclasses.replace(read, body="Never.")
    with pytest.raises(Conflict) as refused:
        async with db.transaction() as session:
            await articles.write(session, late, "ana", expected_version=read.version)
    assert refused.value.current.title == "Hours" and refused.value.current.version == 2
    with pytest.raises(Conflict):
        async with db.transaction() as session:
            await articles.write(session, late, "ana", expected_version=0)


async def test_saying_the_same_again_is_no_change(db: Database) -> None:
    async with db.transaction() as session:
        await articles.write(session, DRAFTED, "ana")
        before = await articles.version(session)
        again = await articles.write(session, DRAFTED, "ben")
        assert again.version == 1
        assert await articles.version(session) == before
        assert len(await articles.history(session, "hours", "en")) == 1


async def test_only_what_clients_can_see_raises_the_version(db: Database) -> None:
    draft = dataclasses.replace(DRAFTED, state="draft")
    async with db.transaction() as session:
        await articles.write(session, draft, "ana")
        assert await articles.version(session) == 0
        await set_state(session, "hours", "en", "published", "ana")
        assert await articles.version(session) == 1
        await set_state(session, "hours", "en", "archived", "ana")
        assert await articles.version(session) == 2


async def test_a_translation_is_stale_when_its_source_moves(db: Database) -> None:
    hindi = dataclasses.replace(DRAFTED, locale="hi", source_locale="en", title="समय")
    async with db.transaction() as session:
        source = await articles.write(session, DRAFTED, "ana")
        await articles.write(session, hindi, "ana")
        assert articles.stale(await articles.entries(session)) == []
        await articles.write(session, dataclasses.replace(source, body="Always."), "ana")
        late = articles.stale(await articles.entries(session))
        assert [(e.article, e.locale) for e in late] == [("hours", "hi")]
        caught_up = dataclasses.replace(hindi, body="हमेशा", source_version=2)
        await articles.write(session, caught_up, "ana")
        assert articles.stale(await articles.entries(session)) == []


async def test_a_removed_article_comes_back_with_the_next_version(db: Database) -> None:
    async with db.transaction() as session:
        await articles.write(session, DRAFTED, "ana")
        await articles.remove(session, ["hours"])
        assert await articles.entries(session) == []
        with pytest.raises(NoSuchArticle):
            await articles.entry(session, "hours", "en")
        assert (await articles.write(session, DRAFTED, "ana")).version == 2


async def test_the_date_an_author_gives_is_kept(db: Database) -> None:
    day = dt.date(2024, 2, 29)
    async with db.transaction() as session:
        made = await articles.write(session, dataclasses.replace(DRAFTED, updated=day), "ana")
    assert made.updated == day


async def test_many_articles_are_written_and_found(db: Database) -> None:
    many = [dataclasses.replace(DRAFTED, article=f"a{n:04}") for n in range(1_200)]
    async with db.transaction() as session:
        await articles.write_many(session, many, "ana")
        found = await articles.entries(session, [e.article for e in many])
        assert [e.article for e in found] == [e.article for e in many]
        await articles.remove(session, [e.article for e in many[1:]])
        assert len(await articles.entries(session)) == 1

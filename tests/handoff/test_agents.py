"""Accounts: passwords, sessions, the first login."""

import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from bot.db import Database, now
from bot.handoff import agents, invitations
from bot.handoff.models import Agent, AgentSession, Invitation
from bot.languages.locales import UnknownLocale

AddAgent = Callable[..., Awaitable[Agent]]
PASSWORD = "একটি লম্বা বাক্য"


async def _asha(db: Database, **facts: object) -> Agent:
    hashed = await agents.hash_password(PASSWORD)
    async with db.transaction() as session:
        return await agents.add(
            session, email=" Asha@Nadi.example", name="Asha", password_hash=hashed, **facts
        )


async def test_the_right_password_opens_and_nothing_else_does(db: Database) -> None:
    agent = await _asha(db)
    async with db.reading() as session:
        found = await agents.authenticate(session, "ASHA@nadi.example ", PASSWORD)
        assert found is not None and found.id == agent.id
        for email, password in [
            ("asha@nadi.example", PASSWORD + " "),
            ("asha@nadi.example", ""),
            ("asha@nadi.example", PASSWORD + "x" * 500),
            ("nobody@nadi.example", PASSWORD),
            ("", ""),
        ]:
            assert await agents.authenticate(session, email, password) is None
    assert PASSWORD not in agent.password_hash and agent.password_hash.startswith("$argon2id$")


async def test_an_unknown_address_costs_a_verification_too(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    monkeypatch.setattr(agents, "_verify", lambda stored, _: bool(verified.append(stored)))
    async with db.reading() as session:
        await agents.authenticate(session, "nobody@nadi.example", "whatever else")
    assert len(verified) == 1 and verified[0].startswith("$argon2id$")


async def test_a_disabled_agent_is_out(db: Database) -> None:
    agent = await _asha(db)
    async with db.transaction() as session:
        opened = await agents.sign_in(session, agent)
        await session.execute(sa.update(Agent).values(disabled=True))
    async with db.reading() as session:
        assert await agents.authenticate(session, "asha@nadi.example", PASSWORD) is None
        assert await agents.signed_in(session, opened.token) is None


async def test_a_session_opens_until_it_is_left_or_too_old(db: Database) -> None:
    agent = await _asha(db)
    async with db.transaction() as session:
        first, second = await agents.sign_in(session, agent), await agents.sign_in(session, agent)
    async with db.reading() as session:
        found = await agents.signed_in(session, first.token)
        assert found is not None and found[0].id == agent.id and found[1].csrf == first.csrf
        stored = (await session.execute(sa.select(AgentSession.token_hash))).scalars().all()
        assert first.token not in stored, "only hashes are kept"
        assert [one.id for one in await agents.on_duty(session)] == [agent.id]
    async with db.transaction() as session:
        await agents.sign_out(session, first.token)
    async with db.reading() as session:
        assert await agents.signed_in(session, first.token) is None
        assert await agents.on_duty(session), "still here in another browser"
    async with db.transaction() as session:
        await session.execute(
            sa.update(AgentSession).values(seen_at=now() - dt.timedelta(hours=15))
        )
    async with db.reading() as session:
        assert await agents.signed_in(session, second.token) is None, "a whole day of silence"


async def test_who_was_not_seen_for_minutes_is_not_on_duty(
    db: Database, add_agent: AddAgent
) -> None:
    await add_agent("asha")
    async with db.transaction() as session:
        assert await agents.on_duty(session)
        await session.execute(sa.update(Agent).values(seen_at=now() - dt.timedelta(minutes=4)))
        assert await agents.on_duty(session) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"email": "no address"}, "bad_email"),
        ({"email": "@x"}, "bad_email"),
        ({"name": "  "}, "no_name"),
        ({"role": "king"}, "unknown_role"),
        ({"languages": {"bn": 9}}, "bad_number"),
        ({"capacity": 0}, "bad_number"),
        ({"email": "ASHA@nadi.example"}, "email_taken"),
    ],
)
async def test_accounts_that_cannot_be(db: Database, facts: dict[str, object], code: str) -> None:
    await _asha(db)
    asked: dict[str, object] = {"email": "b@nadi.example", "name": "B", "password_hash": "-"}
    async with db.transaction() as session:
        with pytest.raises(agents.AgentError) as refused:
            await agents.add(session, **{**asked, **facts})
    assert refused.value.code == code


async def test_a_language_we_do_not_know(db: Database) -> None:
    with pytest.raises(UnknownLocale):
        await _asha(db, languages={"tlh": 3})


@pytest.mark.parametrize("password", ["short", "x" * 201])
async def test_passwords_have_a_length(password: str) -> None:
    with pytest.raises(agents.AgentError):
        await agents.hash_password(password)


async def test_the_first_login_works_once_and_only_without_agents(db: Database) -> None:
    async with db.transaction() as session:
        older = await invitations.first_login(session)
        code = await invitations.first_login(session)
    assert older and code and older != code
    async with db.transaction() as session:
        assert await invitations.take(session, older) is None, "replaced by the newer one"
        assert await invitations.take(session, "guess") is None
        taken = await invitations.take(session, code)
        assert taken is not None and taken.role == "admin"
        assert await invitations.take(session, code) is None
        stored = (await session.execute(sa.select(Invitation.code_hash))).scalars().all()
        assert code not in stored
    await _asha(db)
    async with db.transaction() as session:
        assert await invitations.first_login(session) is None


async def test_a_first_login_is_good_for_a_day(db: Database) -> None:
    async with db.transaction() as session:
        code = await invitations.first_login(session)
        assert code
        await session.execute(sa.update(Invitation).values(expires_at=now()))
        assert await invitations.take(session, code) is None

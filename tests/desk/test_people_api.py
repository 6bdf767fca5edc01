"""Accounts at the desk: links, facts, passwords, sessions; what nobody may."""

import asyncio
import datetime as dt
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.conversations import ownership
from bot.conversations.models import Conversation
from bot.db import Database, now
from bot.desk.models import Audit
from bot.handoff import agents, attempts, invitations, people, queue
from bot.handoff.models import Agent, AgentSession, Attempt, Invitation

House = Any
PASSWORD = "a long enough sentence"
OTHER = "another long enough sentence"


def _error(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def _code(answer: httpx.Response) -> str:
    return str(answer.json()["link"]).partition("code=")[2]


async def _audited(house: House, action: str) -> Audit | None:
    async with house.db.reading() as session:
        found = await session.execute(sa.select(Audit).where(Audit.action == action))
        return found.scalar_one_or_none()  # type: ignore[no-any-return]


async def test_an_invitation_makes_the_account_the_admin_described(
    house: House, sign_in: Any, visitor: httpx.AsyncClient
) -> None:
    admin = await sign_in("Asha", role="admin")
    made = await admin.post(
        "/api/desk/invitations",
        json={
            "email": " Bina@Nadi.example", "role": "author", "languages": {"bn": 3, "en": 2},
            "skills": ["returns"], "capacity": 2,
        },
    )  # fmt: skip
    assert made.status_code == 201 and made.json()["mailed"] is False
    assert made.headers["cache-control"] == "no-store"
    page = await visitor.get("/desk/welcome", params={"code": _code(made)})
    assert 'value="bina@nadi.example"' in page.text and "Author" in page.text
    listed = (await admin.get("/api/desk/people")).json()
    assert [one["email"] for one in listed["invitations"]] == ["bina@nadi.example"]
    given = {"code": _code(made), "email": "x@nadi.example", "name": "Bina", "password": PASSWORD,
             "languages": ["hi"]}  # fmt: skip
    entered = await visitor.post("/api/desk/welcome", json=given)
    assert entered.status_code == 200 and entered.json()["agent"]["role"] == "author"
    again = await visitor.post("/api/desk/welcome", json={**given, "name": "Cora"})
    assert (again.status_code, _error(again)) == (403, "code_used")
    listed = (await admin.get("/api/desk/people")).json()
    bina = next(one for one in listed["people"] if one["name"] == "Bina")
    assert bina["email"] == "bina@nadi.example", "what the link was made for, whatever is sent"
    assert bina["languages"] == {"bn": 3, "en": 2}
    assert (bina["skills"], bina["capacity"]) == (["returns"], 2)
    assert listed["invitations"] == []


async def test_a_link_ends_by_time_by_a_newer_one_and_by_withdrawal(
    house: House, sign_in: Any, visitor: httpx.AsyncClient
) -> None:
    admin = await sign_in("Asha", role="admin")
    body = {"email": "bina@nadi.example"}

    async def refused(code: str) -> bool:
        given = {"code": code, "name": "Bina", "password": PASSWORD}
        answer = await visitor.post("/api/desk/welcome", json=given)
        return answer.status_code == 403

    older = _code(await admin.post("/api/desk/invitations", json=body))
    newer = _code(await admin.post("/api/desk/invitations", json=body))
    assert await refused(older)
    id_ = (await admin.get("/api/desk/people")).json()["invitations"][0]["id"]
    assert (await admin.delete(f"/api/desk/invitations/{id_}")).status_code == 204
    assert (await admin.delete(f"/api/desk/invitations/{id_}")).status_code == 404
    assert await refused(newer)
    late = _code(await admin.post("/api/desk/invitations", json=body))
    async with house.db.transaction() as session:
        await session.execute(sa.update(Invitation).values(expires_at=now()))
    assert await refused(late)
    async with house.db.reading() as session:
        stored = (await session.execute(sa.select(Invitation.code_hash))).scalars().all()
    assert late not in stored, "only hashes are kept"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "asha@nadi.example"}, 422, "email_taken"),
        ({"email": "nobody"}, 422, "bad_email"),
        ({"email": "b@nadi.example", "languages": {"bn": 4}}, 422, "bad_number"),
        ({"email": "b@nadi.example", "languages": {"tlh": 1}}, 422, "unknown_locale"),
        ({"email": "b@nadi.example", "skills": ["juggling"]}, 422, "bad_skills"),
        ({"email": "b@nadi.example", "role": "king"}, 422, "invalid"),
        ({"email": "b@nadi.example", "capacity": 0}, 422, "invalid"),
        ({"email": 7}, 422, "invalid"),
    ],
)
async def test_invitations_that_cannot_be(
    sign_in: Any, body: dict[str, Any], status: int, code: str
) -> None:
    admin = await sign_in("Asha", role="admin")
    answer = await admin.post("/api/desk/invitations", json=body)
    assert (answer.status_code, _error(answer)) == (status, code)


async def test_of_racing_followers_one_gets_the_account(house: House, sign_in: Any) -> None:
    admin = await sign_in("Asha", role="admin")
    code = _code(await admin.post("/api/desk/invitations", json={"email": "b@nadi.example"}))
    given = {"code": code, "name": "B", "password": PASSWORD, "languages": ["en"]}
    answers = await asyncio.gather(*(admin.post("/api/desk/welcome", json=given) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403, 403]


async def test_the_last_admin_stays(house: House, sign_in: Any) -> None:
    admin = await sign_in("Asha", role="admin")
    me = (await admin.get("/api/desk/me")).json()["id"]
    for body in ({"disabled": True}, {"role": "supervisor"}):
        answer = await admin.patch(f"/api/desk/people/{me}", json=body)
        assert (answer.status_code, _error(answer)) == (422, "last_admin")
    other = await sign_in("Bina", role="admin")
    assert (await other.patch(f"/api/desk/people/{me}", json={"disabled": True})).status_code == 200
    assert (await admin.get("/api/desk/me")).status_code == 401, "signed out at once"


@pytest.mark.parametrize("engine", ["postgres"])
async def test_two_admins_cannot_disable_each_other_at_once(house: House) -> None:
    first = await house.agent("Asha", role="admin")
    second = await house.agent("Bina", role="admin")

    async def disable(agent: Agent, by: Agent) -> bool:
        try:
            async with house.db.transaction() as session:
                await people.disable(session, agent.id, by.id)
        except agents.AgentError:
            return False
        return True

    for _ in range(5):
        done = await asyncio.gather(disable(first, second), disable(second, first))
        assert sorted(done) == [False, True]
        async with house.db.transaction() as session:
            await session.execute(sa.update(Agent).values(disabled=False))


async def test_a_disabled_agents_chats_wait_again(house: House, sign_in: Any) -> None:
    admin, agent = await sign_in("Asha", role="admin"), await sign_in("Bina")
    bina = (await agent.get("/api/desk/me")).json()["id"]
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    assert (await agent.post(f"/api/desk/handoffs/{handoff}/claim")).status_code == 200
    link = _code(await admin.post(f"/api/desk/people/{bina}/recovery"))
    changed = await admin.patch(f"/api/desk/people/{bina}", json={"disabled": True})
    assert changed.json()["disabled"] is True
    async with house.db.reading() as session:
        row = await session.get(Conversation, chat)
        assert row.owner == ownership.QUEUE
        waiting = await queue.waiting(session)
        assert [place.handoff.id for place in waiting] == [handoff]
    assert (await agent.get("/api/desk/me")).status_code == 401
    answer = await agent.post("/api/desk/recover", json={"code": link, "password": OTHER})
    assert answer.status_code == 403, "an older link opens nothing"
    answer = await admin.post(f"/api/desk/people/{bina}/recovery")
    assert (answer.status_code, _error(answer)) == (422, "disabled")
    await admin.patch(f"/api/desk/people/{bina}", json={"disabled": False})
    given = {"email": "bina@nadi.example", "password": PASSWORD}
    assert (await agent.post("/api/desk/login", json=given)).status_code == 200


async def test_facts_change_one_by_one_and_are_written_down(house: House, sign_in: Any) -> None:
    admin = await sign_in("Asha", role="admin")
    bina = await house.agent("Bina", languages={"bn": 3})
    url = f"/api/desk/people/{bina.id}"
    changed = (await admin.patch(url, json={"capacity": 7, "skills": ["payments"]})).json()
    assert (changed["capacity"], changed["skills"]) == (7, ["payments"])
    assert changed["languages"] == {"bn": 3}, "what is not given stays"
    line = await _audited(house, "account_changed")
    assert line is not None and line.details == {
        "agent": bina.id, "capacity": 7, "skills": ["payments"],
    }  # fmt: skip
    assert (await admin.patch(f"/api/desk/people/{'0' * 32}", json={})).status_code == 404


async def test_a_changed_password_ends_the_other_sessions(
    house: House, sign_in: Any, visitor: httpx.AsyncClient
) -> None:
    mine = await sign_in("Asha")
    given = {"email": "asha@nadi.example", "password": PASSWORD}
    assert (await visitor.post("/api/desk/login", json=given)).status_code == 200
    wrong = await mine.post("/api/desk/password", json={"old": "nothing right", "new": OTHER})
    assert (wrong.status_code, _error(wrong)) == (422, "wrong_password")
    short = await mine.post("/api/desk/password", json={"old": PASSWORD, "new": "short"})
    assert (short.status_code, _error(short)) == (422, "short_password")
    done = await mine.post("/api/desk/password", json={"old": PASSWORD, "new": OTHER})
    assert done.status_code == 204
    assert (await mine.get("/api/desk/me")).status_code == 200
    assert (await visitor.get("/api/desk/me")).status_code == 401
    assert (await visitor.post("/api/desk/login", json=given)).status_code == 401
    entered = await visitor.post("/api/desk/login", json={**given, "password": OTHER})
    assert entered.status_code == 200


async def test_a_link_changes_the_password_once(
    house: House, sign_in: Any, visitor: httpx.AsyncClient
) -> None:
    admin, agent = await sign_in("Asha", role="admin"), await sign_in("Bina")
    bina = (await agent.get("/api/desk/me")).json()["id"]
    made = await admin.post(f"/api/desk/people/{bina}/recovery")
    page = await visitor.get("/desk/recover", params={"code": _code(made)})
    assert "bina@nadi.example" in page.text
    welcome = {"code": _code(made), "name": "X", "email": "x@nadi.example", "password": PASSWORD}
    answer = await visitor.post("/api/desk/welcome", json=welcome)
    assert answer.status_code == 403, "it makes no account"
    body = {"code": _code(made), "password": OTHER}
    assert (await visitor.post("/api/desk/recover", json=body)).status_code == 200
    assert (await visitor.get("/api/desk/me")).json()["name"] == "Bina"
    assert (await agent.get("/api/desk/me")).status_code == 401
    assert (await visitor.post("/api/desk/recover", json=body)).status_code == 403
    page = await visitor.get("/desk/recover", params={"code": _code(made)})
    assert "no longer works" in page.text


async def test_asking_for_a_link_tells_nobody_who_has_an_account(
    house: House, visitor: httpx.AsyncClient
) -> None:
    await house.agent("Asha")
    answers = [
        await visitor.post("/api/desk/forgot", json={"email": email})
        for email in ("asha@nadi.example", "nobody@nadi.example", "no address", "")
    ]
    assert {(one.status_code, one.text) for one in answers} == {(202, '{"mail":false}')}
    async with house.db.reading() as session:
        assert (await session.execute(sa.select(Invitation))).first() is None


async def test_sessions_are_listed_and_ended_by_their_owner_and_by_admins(
    house: House, sign_in: Any, visitor: httpx.AsyncClient
) -> None:
    admin, mine = await sign_in("Asha", role="admin"), await sign_in("Bina")
    bina = (await mine.get("/api/desk/me")).json()["id"]
    stranger = await sign_in("Cora")
    given = {"email": "bina@nadi.example", "password": PASSWORD}
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    await visitor.post("/api/desk/login", json=given, headers={"User-Agent": firefox})
    listed = (await mine.get("/api/desk/sessions")).json()
    assert sorted(one["this"] for one in listed) == [False, True]
    other = next(one for one in listed if not one["this"])
    assert other["device"] == "Firefox, Linux" and other["network"] == "127.0.0.1"
    assert (await stranger.delete(f"/api/desk/sessions/{other['id']}")).status_code == 404
    assert (await mine.delete(f"/api/desk/sessions/{other['id']}")).status_code == 204
    assert (await visitor.get("/api/desk/me")).status_code == 401
    seen = (await admin.get(f"/api/desk/people/{bina}/sessions")).json()
    assert len(seen) == 1 and seen[0]["this"] is False
    await visitor.post("/api/desk/login", json=given)
    assert (await mine.delete("/api/desk/sessions")).status_code == 204
    assert (await visitor.get("/api/desk/me")).status_code == 401
    assert (await mine.get("/api/desk/me")).status_code == 200
    assert (await admin.delete(f"/api/desk/sessions/{seen[0]['id']}")).status_code == 204
    assert (await mine.get("/api/desk/me")).status_code == 401


async def test_a_password_that_was_changed_meanwhile_opens_nothing(house: House) -> None:
    await house.agent("Asha")
    async with house.db.reading() as session:
        found = await agents.authenticate(session, "asha@nadi.example", PASSWORD)
    assert found is not None
    hashed = await agents.hash_password(OTHER)
    async with house.db.transaction() as session:
        await people.set_password(session, found.id, hashed)
    async with house.db.transaction() as session:
        assert await agents.sign_in(session, found) is None
        assert (await session.execute(sa.select(AgentSession))).first() is None


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_attempts_are_counted_by_all_processes_together(house: House) -> None:
    second = Database(house.db.url)
    limits = ((5, dt.timedelta(minutes=1)),)
    waits = await asyncio.gather(
        *(attempts.wait(db, "login", "asha", limits) for db in (house.db, second) * 6)
    )
    assert sum(wait == 0 for wait in waits) <= 5
    async with house.db.transaction() as session:
        await session.execute(sa.delete(Attempt))
    waits = [await attempts.wait(db, "login", "asha", limits) for db in (house.db, second) * 4]
    assert [wait == 0 for wait in waits] == [True] * 5 + [False] * 3
    assert all(50 <= wait <= 60 for wait in waits[5:])
    assert await attempts.wait(second, "login", "bina", limits) == 0
    async with house.db.reading() as session:
        kept = (await session.execute(sa.select(Attempt.who))).scalars().all()
    assert len(kept) == 6 and "asha" not in kept
    await second.dispose()


async def test_a_new_process_knows_what_was_tried(house: House, visitor: httpx.AsyncClient) -> None:
    """The process's own counter is fresh; the database's is not."""
    limits = ((5, dt.timedelta(minutes=1)),)
    for _ in range(5):
        await attempts.wait(house.db, "login-account", "asha@nadi.example", limits)
    given = {"email": "Asha@nadi.example ", "password": "nothing right"}
    answer = await visitor.post("/api/desk/login", json=given)
    assert (answer.status_code, _error(answer)) == (429, "too_many")
    assert 0 < int(answer.headers["retry-after"]) <= 60


async def test_the_audit_log_by_agent_conversation_and_kind(house: House, sign_in: Any) -> None:
    admin, agent = await sign_in("Asha", role="admin"), await sign_in("Bina")
    bina = (await agent.get("/api/desk/me")).json()["id"]
    chats = [await house.chat(), await house.chat()]
    for chat in chats:
        await agent.get(f"/api/desk/conversations/{chat}")
    await admin.get(f"/api/desk/conversations/{chats[0]}")

    async def found(**wanted: str) -> list[tuple[str, str, str | None]]:
        lines = (await admin.get("/api/desk/audit", params=wanted)).json()["lines"]
        return [(line["agent"], line["action"], line["conversation"]) for line in lines]

    assert await found(conversation=chats[0]) == [
        ("Asha", "read", chats[0]),
        ("Bina", "read", chats[0]),
    ]
    assert await found(agent=bina) == [("Bina", "read", chats[1]), ("Bina", "read", chats[0])]
    assert await found(action="claimed") == []
    page = await admin.get(
        "/desk/audit", params={"conversation": f"http://desk/desk/c/{chats[0]}?tab=all"}
    )
    assert page.text.count("Read the conversation") == 3, "two lines and the choice"


async def test_the_audit_log_goes_on_on_older_pages(house: House, sign_in: Any) -> None:
    admin = await sign_in("Asha", role="admin")
    moment = now()
    async with house.db.transaction() as session:
        for number in range(250):
            at = moment - dt.timedelta(seconds=number // 3)
            session.add(Audit(action="away", at=at, details={"n": number}))
    seen: list[str] = []
    before = ""
    while True:
        answer = (await admin.get("/api/desk/audit", params={"before": before})).json()
        seen += [line["id"] for line in answer["lines"]]
        before = answer["before"]
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 250


async def test_only_standing_invitations_are_shown(house: House) -> None:
    async with house.db.transaction() as session:
        assert await invitations.first_login(session)
        assert await invitations.standing(session) == [], "the first login is nobody's invitation"

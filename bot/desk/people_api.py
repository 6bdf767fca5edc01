"""Accounts, for admins: invite, change, disable, a link to a new password, who is signed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from bot.channels.errors import ApiError
from bot.conversations.wake import DESK, conversation_topic
from bot.desk import audit
from bot.desk.access import Desk, admin_reader, admin_writer
from bot.desk.account import SessionId, refused
from bot.desk.bodies import HEX_ID
from bot.desk.links import mail_invitation, mail_recovery, recovery_link, welcome_link
from bot.desk.people_bodies import (
    Account,
    Accounts,
    Invite,
    Link,
    OpenSession,
    Person,
    account,
    invited,
    open_session,
)
from bot.desk.refusals import refusals
from bot.handoff import invitations, people
from bot.handoff.agents import AgentError, checked
from bot.handoff.models import Agent
from bot.handoff.policy import policy
from bot.languages.locales import UnknownLocale

_LINKS_PER_MINUTE = 30
Id = Annotated[str, Path(pattern=HEX_ID)]
_NO = refusals(401, 403, 404, 422)


def routes(desk: Desk) -> APIRouter:
    """The people part of the desk's API."""
    router = APIRouter(prefix="/api/desk", tags=["desk: people"])

    @router.get("/people", response_model=Accounts, responses=refusals(401, 403))
    async def show(request: Request, response: Response) -> Accounts:
        """Everybody with an account, and who is invited."""
        await admin_reader(desk, request)
        response.headers["Cache-Control"] = "no-store"
        async with desk.db.reading() as session:
            return Accounts(
                people=[account(row) for row in await people.everybody(session)],
                invitations=[invited(row) for row in await invitations.standing(session)],
            )

    @router.post("/invitations", response_model=Link, status_code=201, responses=_NO)
    async def invite(body: Invite, request: Request, response: Response) -> Response | Link:
        """Invite somebody. The link works once, within a week, and is told this once."""
        who = await admin_writer(desk, request)
        await desk.rates.check("links", who.id, _LINKS_PER_MINUTE)
        try:
            async with desk.db.transaction() as session:
                code = await invitations.invite(
                    session,
                    body.email,
                    role=body.role,
                    languages=body.languages,
                    skills=body.skills,
                    capacity=body.capacity,
                    by=who.id,
                )
                row = await invitations.find(session, code)
                assert row is not None
                audit.note(session, who.id, "invited", email=row.email, role=row.role)
        except AgentError as error:
            return refused(error.code, request)
        except UnknownLocale:
            raise ApiError(422, "unknown_locale") from None
        response.headers["Cache-Control"] = "no-store"
        return Link(
            link=welcome_link(desk.settings.address, code),
            email=row.email,
            mailed=await mail_invitation(desk, row.email, code, who.locale, who.name),
            expires_at=row.expires_at,
        )

    @router.delete("/invitations/{id}", status_code=204, responses=refusals(401, 403, 404))
    async def withdraw(id: SessionId, request: Request) -> Response:
        """Take an invitation back: its link stops working."""
        who = await admin_writer(desk, request)
        async with desk.db.transaction() as session:
            row = await invitations.withdraw(session, id)
            if row is None:
                raise ApiError(404, "not_found")
            audit.note(session, who.id, "invitation_withdrawn", email=row.email)
        return Response(status_code=204)

    @router.patch("/people/{agent}", response_model=Account, responses=_NO)
    async def change(agent: Id, body: Person, request: Request) -> Response | Account:
        """Change an account, disable it or enable it again. One admin always stays."""
        who = await admin_writer(desk, request)
        woken: list[str] = []
        try:
            async with desk.db.transaction() as session:
                row = await people.get(session, agent)
                wanted = _wanted(row, body)
                if wanted:
                    facts = checked(**{**_facts(row), **wanted})
                    row = await people.change(session, agent, facts)
                    audit.note(session, who.id, "account_changed", agent=agent, **wanted)
                if body.disabled is not None and body.disabled != row.disabled:
                    if body.disabled:
                        woken = await people.disable(session, agent, who.id)
                    else:
                        await people.enable(session, agent)
                    action = "account_disabled" if body.disabled else "account_enabled"
                    audit.note(session, who.id, action, agent=agent)
                row = await people.get(session, agent)
        except people.UnknownAgent:
            raise ApiError(404, "not_found") from None
        except AgentError as error:
            return refused(error.code, request)
        except UnknownLocale:
            raise ApiError(422, "unknown_locale") from None
        desk.wake.call(DESK, *(conversation_topic(chat) for chat in woken))
        return account(row)

    @router.post("/people/{agent}/recovery", response_model=Link, status_code=201, responses=_NO)
    async def recovery(agent: Id, request: Request, response: Response) -> Response | Link:
        """A link with which somebody chooses a new password. It works once, within two hours."""
        who = await admin_writer(desk, request)
        await desk.rates.check("links", who.id, _LINKS_PER_MINUTE)
        try:
            async with desk.db.transaction() as session:
                row = await people.get(session, agent)
                if row.disabled:
                    raise AgentError("disabled")
                code = await invitations.recovery(session, row, who.id)
                link = await invitations.find(session, code, recovers=True)
                assert link is not None
                audit.note(session, who.id, "recovery_made", agent=agent)
        except people.UnknownAgent:
            raise ApiError(404, "not_found") from None
        except AgentError as error:
            return refused(error.code, request)
        response.headers["Cache-Control"] = "no-store"
        return Link(
            link=recovery_link(desk.settings.address, code),
            email=row.email,
            mailed=await mail_recovery(desk, row, code, row.locale or who.locale),
            expires_at=link.expires_at,
        )

    @router.get("/people/{agent}/sessions", response_model=list[OpenSession], responses=_NO)
    async def sessions(agent: Id, request: Request) -> list[OpenSession]:
        """Where somebody is signed in."""
        who = await admin_reader(desk, request)
        async with desk.db.reading() as session:
            return [open_session(row, who) for row in await people.sessions(session, agent)]

    return router


def _facts(row: Agent) -> dict[str, Any]:
    facts = {field: getattr(row, field) for field in ("name", "role", "languages", "capacity")}
    # A skill may have gone from the policy since.
    return {**facts, "skills": [skill for skill in row.skills if skill in policy().skills]}


def _wanted(row: Agent, body: Person) -> dict[str, Any]:
    """What the body changes of an account's facts."""
    given = body.dict(exclude_none=True, exclude={"disabled"})
    return {field: value for field, value in given.items() if value != getattr(row, field)}

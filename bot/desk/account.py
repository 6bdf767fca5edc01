"""Signing in and out, accounts and passwords by link, and what agents set for themselves."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Request, Response
from fastapi.responses import JSONResponse

from bot.channels import smtp
from bot.channels.errors import ApiError
from bot.channels.limits import network_of
from bot.conversations.wake import DESK, conversation_topic
from bot.desk import audit
from bot.desk.access import COOKIE, Desk, clear_cookie, desk_locale, reader, set_cookie, writer
from bot.desk.bodies import Login, Me, Session, Welcome
from bot.desk.links import mail_recovery
from bot.desk.people_bodies import (
    Forgot,
    Mailed,
    NewPassword,
    OpenSession,
    Recover,
    open_session,
)
from bot.desk.refusals import refusals
from bot.flow import lost
from bot.handoff import agents, attempts, invitations, people
from bot.handoff.agents import AgentError
from bot.handoff.attempts import Limit
from bot.handoff.models import Agent
from bot.languages.locales import UnknownLocale
from bot.languages.say import say

_MINUTE, _HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
_PER_NETWORK = ((10, _MINUTE), (200, _HOUR))  # a whole office may stand behind one address
_PER_ACCOUNT = ((5, _MINUTE), (40, _HOUR))  # one e-mail address, known or not
SessionId = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def routes(desk: Desk) -> APIRouter:
    """The account part of the desk's API."""
    router = APIRouter(prefix="/api/desk", tags=["desk: account"])

    async def in_time(kind: str, who: str, limits: tuple[Limit, ...]) -> None:
        """Refuse who tries too often. The process counts first: that costs no write.

        Raises:
            ApiError: 429 `too_many` with Retry-After in seconds.
        """
        await desk.rates.check(kind, who, limits[0][0])
        if seconds := await attempts.wait(desk.db, kind, who, limits):
            raise ApiError(429, "too_many", {"Retry-After": str(seconds)})

    @router.post("/login", response_model=Session, responses=refusals(401, 422, 429))
    async def login(body: Login, request: Request, response: Response) -> Session:
        """Sign in. Wrong passwords, unknown addresses and disabled accounts look alike."""
        request.state.locale = desk_locale(request)
        await in_time("login-network", network_of(request), _PER_NETWORK)
        await in_time("login-account", body.email.strip().lower(), _PER_ACCOUNT)
        async with desk.db.reading() as session:
            agent = await agents.authenticate(session, body.email, body.password)
        if agent is None:
            raise ApiError(401, "wrong_login")
        return await _open(agent, request, response)

    @router.post("/welcome", response_model=Session, responses=refusals(403, 422, 429))
    async def welcome(body: Welcome, request: Request, response: Response) -> Response | Session:
        """Make the account that a link allows, and sign it in. An invitation's e-mail address,
        role, skills and languages are the admin's; the first account of all chooses its own."""
        request.state.locale = desk_locale(request)
        await desk.rates.check("welcome", network_of(request), _PER_NETWORK[0][0])
        try:
            hashed = await agents.hash_password(body.password)
            async with desk.db.transaction() as session:
                link = await invitations.take(session, body.code)
                if link is None:
                    raise ApiError(403, "code_used")
                agent = await agents.add(
                    session,
                    email=link.email or body.email,
                    name=body.name,
                    password_hash=hashed,
                    role=link.role,
                    languages=link.languages or {tag: 3 for tag in body.languages},
                    skills=link.skills,
                    capacity=link.capacity,
                )
                agent.locale = desk_locale(request)
                audit.note(
                    session, agent.id, "account_made", role=link.role, invited_by=link.made_by
                )
        except AgentError as error:
            return refused(error.code, request)
        except UnknownLocale:
            raise ApiError(422, "unknown_locale") from None
        return await _open(agent, request, response)

    @router.post("/forgot", status_code=202, response_model=Mailed, responses=refusals(422, 429))
    async def forgot(body: Forgot, request: Request, after: BackgroundTasks) -> Mailed:
        """Ask for a link to a new password by e-mail. The answer never says whether there is
        such an account; it comes before anything is looked up."""
        request.state.locale = desk_locale(request)
        await in_time("forgot-network", network_of(request), _PER_NETWORK)
        await in_time("forgot-account", body.email.strip().lower(), _PER_ACCOUNT)
        after.add_task(_mail_recovery, desk, body.email, request.state.locale)
        return Mailed(mail=smtp.configured(desk.settings))

    @router.post("/recover", response_model=Session, responses=refusals(403, 422, 429))
    async def recover(body: Recover, request: Request, response: Response) -> Response | Session:
        """Choose a new password with a link. Every session of the account ends; one begins."""
        request.state.locale = desk_locale(request)
        await desk.rates.check("welcome", network_of(request), _PER_NETWORK[0][0])
        try:
            hashed = await agents.hash_password(body.password)
        except AgentError as error:
            return refused(error.code, request)
        async with desk.db.transaction() as session:
            link = await invitations.take(session, body.code, recovers=True)
            if link is None:
                raise ApiError(403, "code_used")
            agent: Agent = await people.get(session, link.agent_id)
            if agent.disabled:
                raise ApiError(403, "code_used")
            await people.set_password(session, agent.id, hashed)
            await session.refresh(agent)
            audit.note(session, agent.id, "password_recovered", made_by=link.made_by)
        return await _open(agent, request, response)

    async def _open(agent: Agent, request: Request, response: Response) -> Session:
        async with desk.db.transaction() as session:
            opened = await agents.sign_in(
                session,
                agent,
                device=request.headers.get("user-agent", ""),
                network=network_of(request),
            )
            if opened is None:
                raise ApiError(401, "wrong_login")
            audit.note(session, agent.id, "signed_in", network=network_of(request))
        set_cookie(desk, request, response, opened)
        response.headers["Cache-Control"] = "no-store"
        desk.wake.call(DESK)
        shown = {"id": agent.id, "name": agent.name, "role": agent.role}
        return Session(csrf=opened.csrf, agent=shown)

    @router.post("/logout", status_code=204, responses=refusals(401, 403))
    async def logout(request: Request) -> Response:
        """End this session."""
        who = await writer(desk, request)
        async with desk.db.transaction() as session:
            last = await agents.sign_out(session, request.cookies[COOKIE])
            left = await lost.leave(session, who.id, desk.settings) if last else []
            audit.note(session, who.id, "signed_out")
        desk.wake.call(DESK, *(conversation_topic(conversation) for conversation in left))
        response = Response(status_code=204)
        clear_cookie(response)
        return response

    @router.get("/me", responses=refusals(401))
    async def me(request: Request) -> JSONResponse:
        """Who is signed in, and the CSRF token of the session."""
        who = await reader(desk, request)
        return JSONResponse(
            {
                "id": who.id,
                "name": who.name,
                "role": who.role,
                "languages": dict(who.languages),
                "present": who.present,
                "presence": who.presence,
                "csrf": who.csrf,
            },
            headers={"Cache-Control": "no-store"},
        )

    @router.patch("/me", status_code=204, responses=refusals(401, 403, 422))
    async def change_me(body: Me, request: Request) -> Response:
        """Here or away; the name clients see; the language and the keys of the desk."""
        who = await writer(desk, request)
        if body.locale and desk_locale(request, body.locale) != body.locale:
            raise ApiError(422, "unknown_locale")
        async with desk.db.transaction() as session:
            if body.present is not None:
                await agents.set_present(session, who.id, body.present)
                audit.note(session, who.id, "present" if body.present else "away")
            if body.locale is not None:
                (await session.get(Agent, who.id)).locale = body.locale or None
            if body.shortcuts is not None:
                (await session.get(Agent, who.id)).shortcuts = body.shortcuts
            if body.name is not None:
                if not body.name.strip():
                    return refused("no_name", request)
                (await session.get(Agent, who.id)).name = body.name.strip()
                audit.note(session, who.id, "renamed")
        desk.wake.call(DESK)
        return Response(status_code=204)

    @router.post("/password", status_code=204, responses=refusals(401, 403, 422, 429))
    async def change_password(body: NewPassword, request: Request) -> Response:
        """Change one's own password. Every other session of the account ends."""
        who = await writer(desk, request)
        await in_time("password", who.id, _PER_ACCOUNT)
        async with desk.db.reading() as session:
            mine = await agents.authenticate(session, who.email, body.old)
        if mine is None:
            return refused("wrong_password", request)
        try:
            hashed = await agents.hash_password(body.new)
        except AgentError as error:
            return refused(error.code, request)
        async with desk.db.transaction() as session:
            await people.set_password(session, who.id, hashed, keep=who.token_hash)
            audit.note(session, who.id, "password_changed")
        return Response(status_code=204)

    @router.get("/sessions", response_model=list[OpenSession], responses=refusals(401))
    async def sessions(request: Request) -> list[OpenSession]:
        """Where one is signed in, the last used first."""
        who = await reader(desk, request)
        async with desk.db.reading() as session:
            found = await people.sessions(session, who.id)
        return [open_session(row, who) for row in found]

    @router.delete("/sessions/{id}", status_code=204, responses=refusals(401, 403, 404))
    async def end_session(id: SessionId, request: Request) -> Response:
        """Sign one browser out: one's own; an admin, anybody's."""
        who = await writer(desk, request)
        async with desk.db.transaction() as session:
            whose = await people.end_session(session, id, None if who.administers else who.id)
            if whose is None:
                raise ApiError(404, "not_found")
            audit.note(session, who.id, "session_ended", agent=whose)
        desk.wake.call(DESK)
        return Response(status_code=204)

    @router.delete("/sessions", status_code=204, responses=refusals(401, 403))
    async def end_other_sessions(request: Request) -> Response:
        """Sign out everywhere else."""
        who = await writer(desk, request)
        async with desk.db.transaction() as session:
            ended = await people.end_sessions(session, who.id, keep=who.token_hash)
            audit.note(session, who.id, "sessions_ended", count=ended)
        desk.wake.call(DESK)
        return Response(status_code=204)

    return router


async def _mail_recovery(desk: Desk, email: str, locale: str) -> None:
    if not smtp.configured(desk.settings):
        return
    async with desk.db.transaction() as session:
        agent = await agents.by_email(session, email.strip().lower())
        if agent is None or agent.disabled:
            return
        code = await invitations.recovery(session, agent)
        audit.note(session, agent.id, "recovery_asked")
    await mail_recovery(desk, agent, code, agent.locale or locale)


def refused(code: str, request: Request) -> JSONResponse:
    """An account that cannot be made as asked, in the reader's words."""
    message = say(f"desk.refused.{code}", request.state.locale)
    return JSONResponse(
        {"error": {"code": code, "message": message}},
        status_code=422,
        headers={"Cache-Control": "no-store"},
    )

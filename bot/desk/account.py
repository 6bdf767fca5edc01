"""Signing in and out, the first account, and what agents set for themselves."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bot.channels.errors import ApiError
from bot.channels.limits import network_of
from bot.conversations.wake import DESK, conversation_topic
from bot.desk import audit
from bot.desk.access import COOKIE, Desk, clear_cookie, desk_locale, reader, set_cookie, writer
from bot.desk.bodies import Login, Me, Session, Welcome
from bot.flow import lost
from bot.handoff import agents
from bot.handoff.agents import AgentError, SignedIn
from bot.handoff.models import Agent
from bot.languages.locales import UnknownLocale
from bot.languages.say import say

_PER_ADDRESS = 10  # sign-ins a minute from one network
_PER_ACCOUNT = 5  # and for one e-mail address, known or not


def routes(desk: Desk) -> APIRouter:
    """The account part of the desk's API."""
    router = APIRouter(prefix="/api/desk", tags=["desk"])

    @router.post("/login", response_model=Session)
    async def login(body: Login, request: Request, response: Response) -> Session:
        """Sign in. Wrong passwords, unknown addresses and disabled accounts look alike."""
        request.state.locale = desk_locale(request)
        await desk.rates.check("desk-login-network", network_of(request), _PER_ADDRESS)
        await desk.rates.check("desk-login-account", body.email.strip().lower(), _PER_ACCOUNT)
        async with desk.db.reading() as session:
            agent = await agents.authenticate(session, body.email, body.password)
        if agent is None:
            raise ApiError(401, "wrong_login")
        return await _open(agent, request, response)

    @router.post("/welcome", response_model=Session)
    async def welcome(body: Welcome, request: Request, response: Response) -> Response | Session:
        """Make the account that a one-time code allows, and sign it in."""
        request.state.locale = desk_locale(request)
        await desk.rates.check("desk-welcome", network_of(request), _PER_ADDRESS)
        try:
            hashed = await agents.hash_password(body.password)
            async with desk.db.transaction() as session:
                role = await agents.take_invitation(session, body.code)
                if role is None:
                    raise ApiError(403, "code_used")
                agent = await agents.add(
                    session,
                    email=body.email,
                    name=body.name,
                    password_hash=hashed,
                    role=role,
                    languages={tag: 3 for tag in body.languages},
                )
                audit.note(session, agent.id, "account_made", role=role)
        except AgentError as error:
            return refused(error.code, request)
        except UnknownLocale:
            raise ApiError(422, "unknown_locale") from None
        return await _open(agent, request, response)

    async def _open(agent: Agent, request: Request, response: Response) -> Session:
        async with desk.db.transaction() as session:
            opened: SignedIn = await agents.sign_in(session, agent)
            audit.note(session, agent.id, "signed_in", network=network_of(request))
        set_cookie(desk, request, response, opened)
        response.headers["Cache-Control"] = "no-store"
        desk.wake.call(DESK)
        shown = {"id": agent.id, "name": agent.name, "role": agent.role}
        return Session(csrf=opened.csrf, agent=shown)

    @router.post("/logout", status_code=204)
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

    @router.get("/me")
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

    @router.patch("/me", status_code=204)
    async def change_me(body: Me, request: Request) -> Response:
        """Here or away; the language of the desk."""
        who = await writer(desk, request)
        if body.locale and desk_locale(request, body.locale) != body.locale:
            raise ApiError(422, "unknown_locale")
        async with desk.db.transaction() as session:
            if body.present is not None:
                await agents.set_present(session, who.id, body.present)
                audit.note(session, who.id, "present" if body.present else "away")
            if body.locale is not None:
                (await session.get(Agent, who.id)).locale = body.locale or None
        desk.wake.call(DESK)
        return Response(status_code=204)

    return router


def refused(code: str, request: Request) -> JSONResponse:
    """An account that cannot be made as asked, in the reader's words."""
    message = say(f"desk.refused.{code}", request.state.locale)
    return JSONResponse(
        {"error": {"code": code, "message": message}},
        status_code=422,
        headers={"Cache-Control": "no-store"},
    )

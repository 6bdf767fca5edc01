"""Who is at the desk: the session cookie, the CSRF token, roles, and what every route shares."""

import asyncio
import dataclasses
import functools
import secrets
from collections.abc import Mapping

from fastapi import HTTPException, Request
from starlette.responses import Response

from bot.channels.errors import ApiError, accepted_languages
from bot.channels.limits import Rates
from bot.conversations.composing import Composing
from bot.conversations.wake import Wake
from bot.db import Database
from bot.desk.knowledge_gaps import Reports
from bot.desk.lookout import Lookout
from bot.flow.translation import Bridge
from bot.handoff import agents
from bot.handoff.agents import Role, SignedIn
from bot.knowledge.base import Knowledge
from bot.knowledge.indexing import Indexing
from bot.languages.locales import known
from bot.settings import Settings

COOKIE = "setu_desk"
CSRF_HEADER = "X-CSRF-Token"


@dataclasses.dataclass(frozen=True)
class Front:
    """What it takes to know who is there, and to show them a page."""

    settings: Settings
    db: Database


@dataclasses.dataclass(frozen=True)
class Desk(Front):
    """What the desk's routes stand on."""

    wake: Wake
    composing: Composing
    shutdown: asyncio.Event
    knowledge: Knowledge
    indexing: Indexing
    bridge: Bridge | None = None
    rates: Rates = dataclasses.field(default_factory=Rates)
    lookout: Lookout = dataclasses.field(default_factory=Lookout)

    @functools.cached_property
    def gaps(self) -> Reports:
        """The newest report on gaps: one for all pages that look at it."""
        return Reports(self.db, self.knowledge)

    @property
    def translates(self) -> bool:
        """Whether a translation service stands between agents and clients."""
        return self.bridge is not None and self.bridge.on


@dataclasses.dataclass(frozen=True)
class Who:
    """The agent behind a request; `locale` is what they read the desk in."""

    id: str
    name: str
    email: str
    role: Role
    languages: Mapping[str, int]
    capacity: int
    presence: str
    locale: str
    csrf: str
    token_hash: str
    shortcuts: str = "plain"

    @property
    def administers(self) -> bool:
        """May see to accounts, and read who did what."""
        return self.role == "admin"

    @property
    def present(self) -> bool:
        """Says that they are here, free or busy."""
        return self.presence not in ("away", "lost")

    @property
    def supervises(self) -> bool:
        """May see to conversations that others hold."""
        return self.role in ("supervisor", "admin")

    @property
    def writes(self) -> bool:
        """May change articles."""
        return self.role in ("author", "supervisor", "admin")


def desk_locale(request: Request, chosen: str | None = None) -> str:
    """The language of the desk: the agent's choice, else the browser's, else English."""
    # A page that claims a language it is not written in is read out wrongly.
    spoken = {locale.tag for locale in known() if locale.quality == "complete"}
    wanted = [chosen] if chosen else []
    wanted += accepted_languages(request.headers.get("accept-language"))
    return next((tag for full in wanted if (tag := full.split("-")[0].lower()) in spoken), "en")


async def visitor(desk: Front, request: Request) -> Who | None:
    """The signed-in agent of a request, or None."""
    token = request.cookies.get(COOKIE)
    request.state.locale = desk_locale(request)
    if not token:
        return None
    async with desk.db.reading() as session:
        found = await agents.signed_in(session, token)
    if found is None:
        return None
    agent, row = found
    if agents.stale(row):
        async with desk.db.transaction() as session:
            await agents.seen(session, row.token_hash)
    locale = desk_locale(request, agent.locale)
    request.state.locale = locale
    return Who(
        id=agent.id,
        name=agent.name,
        email=agent.email,
        role=agent.role,
        languages=agent.languages,
        capacity=agent.capacity,
        presence=agent.presence,
        locale=locale,
        csrf=row.csrf,
        token_hash=row.token_hash,
        shortcuts=agent.shortcuts,
    )


async def reader(desk: Desk, request: Request) -> Who:
    """The signed-in agent.

    Raises:
        ApiError: 401 `signed_out`.
    """
    who = await visitor(desk, request)
    if who is None:
        raise ApiError(401, "signed_out")
    return who


async def page_reader(desk: Desk, request: Request) -> Who:
    """The signed-in agent who opens a page.

    Raises:
        HTTPException: nobody is signed in. It leads to where one signs in; htmx follows its own
            header.
    """
    who = await visitor(desk, request)
    if who is None and request.headers.get("hx-request"):
        raise HTTPException(401, headers={"HX-Redirect": "/desk/login"})
    if who is None:
        raise HTTPException(303, headers={"Location": "/desk/login", "Cache-Control": "no-store"})
    return who


async def writer(desk: Desk, request: Request) -> Who:
    """The signed-in agent of a request that changes something, from a page of ours.

    Raises:
        ApiError: 401 `signed_out`; 403 `bad_csrf`: the token is missing or another session's.
    """
    who = await reader(desk, request)
    given = request.headers.get(CSRF_HEADER, "")
    if not secrets.compare_digest(given.encode("utf-8", "replace"), who.csrf.encode()):
        raise ApiError(403, "bad_csrf")
    return who


async def admin_reader(desk: Desk, request: Request) -> Who:
    """The signed-in admin.

    Raises:
        ApiError: 401 `signed_out`; 403 `not_allowed`.
    """
    who = await reader(desk, request)
    if not who.administers:
        raise ApiError(403, "not_allowed")
    return who


async def admin_writer(desk: Desk, request: Request) -> Who:
    """The admin behind a request that changes something, from a page of ours.

    Raises:
        ApiError: 401 `signed_out`; 403 `bad_csrf`, `not_allowed`.
    """
    who = await writer(desk, request)
    if not who.administers:
        raise ApiError(403, "not_allowed")
    return who


def set_cookie(desk: Desk, request: Request, response: Response, session: SignedIn) -> None:
    """Give the browser its session."""
    https = request.url.scheme == "https" or desk.settings.public_url.startswith("https://")
    response.set_cookie(
        COOKIE,
        session.token,
        expires=session.expires_at,
        path="/",
        secure=https,
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")

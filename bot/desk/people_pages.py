"""The pages about accounts: one's own, everybody's for admins, forgotten passwords."""

import functools
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.channels import smtp
from bot.desk.access import Desk, Who, desk_locale, page_reader, visitor
from bot.desk.pages import ConversationId as AgentId
from bot.desk.pages import render
from bot.desk.people_bodies import open_session
from bot.handoff import agents, invitations, people
from bot.handoff.models import Agent
from bot.handoff.policy import policy

SHORTCUTS = ("plain", "alt", "off")


def routes(desk: Desk) -> APIRouter:
    """The pages."""
    router = APIRouter(include_in_schema=False)
    page = functools.partial(render, desk)

    @router.get("/desk/forgot")
    async def forgot(request: Request) -> Response:
        if await visitor(desk, request) is not None:
            return RedirectResponse("/desk/account", 303)
        return page("forgot.html", desk_locale(request), mail=smtp.configured(desk.settings))

    @router.get("/desk/recover")
    async def recover(request: Request, code: str = "") -> Response:
        async with desk.db.reading() as session:
            link = await invitations.find(session, code, recovers=True)
        return page(
            "recover.html",
            desk_locale(request),
            code=code if link is not None else None,
            email=link.email if link is not None else "",
            least=agents.MIN_PASSWORD,
        )

    @router.get("/desk/account")
    async def own(request: Request) -> Response:
        who = await page_reader(desk, request)
        async with desk.db.reading() as session:
            mine = await people.sessions(session, who.id)
        return page(
            "account.html",
            who.locale,
            who,
            sessions=[open_session(row, who) for row in mine],
            least=agents.MIN_PASSWORD,
            shortcuts=SHORTCUTS,
        )

    @router.get("/desk/people")
    async def everybody(request: Request) -> Response:
        who = await page_reader(desk, request)
        if not who.administers:
            return admins_only(desk, who)
        async with desk.db.reading() as session:
            values: dict[str, Any] = {
                "people": await people.everybody(session),
                "invited": await invitations.standing(session),
                "skills": skills(who),
            }
        return page("people.html", who.locale, who, roles=agents.ROLES, **values)

    @router.get("/desk/people/{agent}")
    async def somebody(agent: AgentId, request: Request) -> Response:
        who = await page_reader(desk, request)
        if not who.administers:
            return admins_only(desk, who)
        async with desk.db.reading() as session:
            person = await session.get(Agent, agent)
            theirs = await people.sessions(session, agent)
        answer = page(
            "person.html",
            who.locale,
            who,
            person=person,
            sessions=[open_session(row, who) for row in theirs],
            roles=agents.ROLES,
            skills=skills(who),
        )
        answer.status_code = 200 if person is not None else 404
        return answer

    return router


def skills(who: Who) -> dict[str, str]:
    """What every skill is called at this agent's desk."""
    return {name: policy().skill_name(name, who.locale) for name in policy().skills}


def admins_only(desk: Desk, who: Who) -> Response:
    """What somebody sees whose role does not go so far."""
    answer = render(desk, "admins_only.html", who.locale, who)
    answer.status_code = 403
    return answer

"""The audit log's page and its API, for admins."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from bot.channels.fields import Described
from bot.db import JsonDict
from bot.desk import audit_log
from bot.desk.access import Desk, admin_reader, page_reader
from bot.desk.audit_log import Filter
from bot.desk.bodies import HEX_ID
from bot.desk.pages import render
from bot.desk.people_pages import admins_only
from bot.desk.refusals import refusals
from bot.handoff import agents, people
from bot.languages.strings import STRINGS

Id = Annotated[str, Query(pattern=f"{HEX_ID}|^$")]
Action = Annotated[str, Query(max_length=40)]


class AuditLine(Described):
    """One thing an agent read or did; `agent` is null for the program and the command line."""

    id: str
    at: dt.datetime
    agent_id: str | None
    agent: str | None
    action: str
    conversation: str | None
    details: JsonDict


class AuditLines(Described):
    """The newest first; `before` fetches what is older, null at the end."""

    lines: list[AuditLine]
    before: str | None


def routes(desk: Desk) -> APIRouter:
    """The page under `/desk/audit`, and the API."""
    router = APIRouter()

    @router.get(
        "/api/desk/audit",
        tags=["desk: people"],
        response_model=AuditLines,
        responses=refusals(401, 403),
    )
    async def show(
        request: Request, agent: Id = "", conversation: Id = "", action: Action = "",
        before: Id = "",
    ) -> AuditLines:  # fmt: skip
        """Who read and did what, the newest first."""
        await admin_reader(desk, request)
        async with desk.db.reading() as session:
            found = await audit_log.lines(session, Filter(agent, conversation, action, before))
        shown = found[: audit_log.PAGE]
        return AuditLines(
            lines=[AuditLine(**vars(line)) for line in shown],
            before=shown[-1].id if len(found) > len(shown) else None,
        )

    @router.get("/desk/audit", include_in_schema=False)
    async def page(
        request: Request, agent: str = "", conversation: str = "", action: Action = "",
        before: str = "",
    ) -> Response:  # fmt: skip
        who = await page_reader(desk, request)
        if not who.administers:
            return admins_only(desk, who)
        # A link to a conversation, pasted whole, is as good as its number.
        wanted = Filter(
            agent.strip()[:32],
            conversation.strip().split("?")[0].rstrip("/").rpartition("/")[2].lower()[:32],
            action,
            before[:32],
        )
        async with desk.db.reading() as session:
            found = await audit_log.lines(session, wanted)
            kinds = await audit_log.actions(session)
            everybody = await people.everybody(session)
        shown = found[: audit_log.PAGE]
        return render(
            desk,
            "audit.html",
            who.locale,
            who,
            wanted=wanted,
            lines=shown,
            older=shown[-1].id if len(found) > len(shown) else None,
            kinds=kinds,
            people=everybody,
            names={person.id: person.name for person in everybody},
            roles=agents.ROLES,
            known_actions={key for key in STRINGS if key.startswith("desk.audit.did_")},
        )

    return router

"""Reports: the page, its tables as files, and the API.

Supervisors and admins see everybody's figures, and one person's if they choose; everybody else
sees what was theirs.
"""

import dataclasses
import functools
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.errors import ApiError
from bot.desk import audit, figures, views
from bot.desk.access import Desk, Who, page_reader, reader
from bot.desk.account import refused
from bot.desk.bodies import MARK
from bot.desk.figures import Figures
from bot.desk.pages import Say, render
from bot.desk.refusals import refusals
from bot.desk.report_bodies import Report, report
from bot.desk.report_tables import MOST_SHOWN, NAMES, Tables
from bot.desk.scope import MOST_DAYS, PRESETS, USUAL, BadPeriod, Period, Scope, period
from bot.handoff import office
from bot.languages import formats
from bot.languages.say import say

_PER_MINUTE = 120  # for one agent: each costs what some hundred messages do
_GAPS = 5
_TAG, _CHANNEL = r"^[A-Za-z0-9-]{0,35}$", r"^[a-z0-9_]{0,20}$"
_TABLES = f"one of {', '.join(NAMES)}"
_NOT_STORED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a request asks for; travels in the page's addresses."""

    first: Annotated[str, Query(max_length=10, description="the first day, as 2026-01-31")] = ""
    last: Annotated[str, Query(max_length=10, description="the last day")] = ""
    days: Annotated[
        int, Query(ge=1, le=MOST_DAYS, description="of no such day: so many, until today")
    ] = USUAL
    language: Annotated[str, Query(pattern=_TAG, description="a tag; empty: all")] = ""
    channel: Annotated[str, Query(pattern=_CHANNEL, description="empty: all")] = ""
    agent: Annotated[str, Query(pattern=MARK, description="for supervisors; empty: everybody")] = ""

    def query(self, chosen: Period | None = None, days: int | None = None) -> str:
        """The query of an address with the same filters, of a period or so many days."""
        when: dict[str, object] = {"days": days} if days else {}
        if chosen is not None:
            when = {"first": chosen.first, "last": chosen.last}
        rest = {"language": self.language, "channel": self.channel, "agent": self.agent}
        return urlencode({**when, **{key: value for key, value in rest.items() if value}})


_Asked = Annotated[Wanted, Depends()]


@dataclasses.dataclass(frozen=True)
class _Counted:
    """A period and its figures."""

    period: Period
    scope: Scope
    found: Figures
    names: dict[str, str]


def routes(desk: Desk) -> APIRouter:
    """The page under `/desk/reports`, files and figures under `/api/desk/reports`."""
    router = APIRouter()
    page = functools.partial(render, desk)
    zone = desk.settings.time_zone

    async def count(session: AsyncSession, who: Who, wanted: Wanted) -> _Counted:
        own = not who.supervises
        if own and wanted.agent not in ("", who.id):
            raise ApiError(403, "not_allowed")
        await desk.rates.check("reports", who.id, _PER_MINUTE)
        chosen = period(wanted.first, wanted.last, wanted.days, zone)
        scope = Scope.of(
            chosen,
            zone,
            language=wanted.language,
            channel=wanted.channel,
            agent=who.id if own else wanted.agent,
        )
        house = await office.read(session, desk.settings)
        found = await figures.figures(session, scope, house)
        return _Counted(chosen, scope, found, await views.names(session))

    def draw(counted: _Counted, who: Who) -> Tables:
        t = Say(who.locale, zone)
        return Tables(t, counted.found, counted.names, one=bool(counted.scope.agent))

    @router.get(
        "/api/desk/reports",
        tags=["desk: reports"],
        response_model=Report,
        responses=refusals(401, 403, 422, 429),
    )
    async def show(request: Request, wanted: _Asked) -> Response | Report:
        """What contacts came to: endings, ratings, waiting, hours and topics of a period.

        A contact belongs to the day on which it began. Agents and authors get their own figures.
        422 `bad_date`, `bad_period` or `long_period`: the message says why.
        """
        who = await reader(desk, request)
        try:
            async with desk.db.reading() as session:
                counted = await count(session, who, wanted)
        except BadPeriod as bad:
            return refused(bad.code, request)
        return report(counted.period, counted.scope, counted.found, counted.names)

    @router.get(
        "/api/desk/reports/{table}.csv",
        tags=["desk: reports"],
        response_class=Response,
        responses={
            200: {"content": {"text/csv": {}}, "description": "UTF-8 with a byte order mark"},
            **refusals(401, 403, 404, 422, 429),
        },
    )
    async def file(
        request: Request,
        table: Annotated[str, Path(max_length=20, description=_TABLES)],
        wanted: _Asked,
    ) -> Response:
        """One table of a report as CSV, its headings in the agent's language."""
        who = await reader(desk, request)
        if table not in NAMES:
            raise ApiError(404, "not_found")
        try:
            async with desk.db.reading() as session:
                counted = await count(session, who, wanted)
        except BadPeriod as bad:
            return refused(bad.code, request)
        made = draw(counted, who).table(table)
        if made is None:
            raise ApiError(404, "not_found")
        days = f"{counted.period.first}-{counted.period.last}"
        async with desk.db.transaction() as session:
            audit.note(session, who.id, "report_downloaded", table=table, period=days)
        name = f"{table.replace('_', '-')}-{days}.csv"
        headers = {**_NOT_STORED, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(made.file(), media_type="text/csv; charset=utf-8", headers=headers)

    @router.get("/desk/reports", include_in_schema=False)
    async def look(request: Request, wanted: _Asked) -> Response:
        who = await page_reader(desk, request)
        values: dict[str, Any] = {"wrong": None, "counted": None}
        async with desk.db.reading() as session:
            try:
                values["counted"] = counted = await count(session, who, wanted)
            except BadPeriod as bad:
                values["wrong"] = say(f"desk.refused.{bad.code}", who.locale)
                counted = None
            values["languages"] = await figures.spoken(session)
            values["channels"] = await figures.channels(session)
            values["people"] = await views.names(session) if counted is None else counted.names
        today = period("", "", 1, zone).last
        if counted is not None:
            tables = draw(counted, who)
            values |= {"tables": tables.all(), "draw": tables, "most": MOST_SHOWN}
            if not counted.scope.agent:
                values["gaps"], values["working"] = await _gaps()
        answer = page(
            "reports.html",
            who.locale,
            who,
            wanted=wanted,
            presets=PRESETS,
            today=today,
            own=not who.supervises,
            city=formats.city(zone, who.locale),
            **values,
        )
        answer.status_code = 422 if counted is None else 200
        return answer

    async def _gaps() -> tuple[Any, bool]:
        made, working = await desk.gaps.latest()
        return (made.gaps[:_GAPS] if made is not None else ()), working

    return router

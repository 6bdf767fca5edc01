"""The desk's API for how it behaves: settings and teams' hours. Everybody reads, admins write."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse

from bot.channels.errors import ApiError
from bot.conversations.wake import DESK
from bot.desk import audit
from bot.desk.access import Desk, admin_writer, reader
from bot.desk.account import refused
from bot.desk.bodies import OfficeChange, TeamHours
from bot.handoff import office
from bot.handoff.office import EVERYBODY, OfficeError, Team

_NOT_STORED = {"Cache-Control": "no-store"}
TeamId = Annotated[str, Path(pattern=rf"^([0-9a-f]{{32}}|{EVERYBODY})$")]


def routes(desk: Desk) -> APIRouter:
    """The settings' part of the API."""
    router = APIRouter(prefix="/api/desk/settings", tags=["desk"])

    @router.get("")
    async def show(request: Request) -> JSONResponse:
        """How the desk behaves now, and the range of each number."""
        await reader(desk, request)
        async with desk.db.reading() as session:
            found = await office.read(session, desk.settings)
        return JSONResponse(
            {
                "settings": found.settings(),
                "ranges": office.RANGES,
                "teams": [_team(team) for team in found.teams],
            },
            headers=_NOT_STORED,
        )

    @router.patch("", status_code=204)
    async def change(body: OfficeChange, request: Request) -> Response:
        """Change some settings; they count at once."""
        who = await admin_writer(desk, request)
        try:
            async with desk.db.transaction() as session:
                await office.change(session, body.settings, who.id)
                audit.note(session, who.id, "settings_changed", settings=body.settings)
        except OfficeError as error:
            return refused(error.code, request)
        desk.wake.call(DESK)
        return Response(status_code=204)

    async def save(team: str | None, body: TeamHours, request: Request) -> Response:
        who = await admin_writer(desk, request)
        try:
            async with desk.db.transaction() as session:
                saved = await office.save_team(
                    session,
                    team,
                    name=body.name,
                    time_zone=body.time_zone,
                    languages=body.languages,
                    week=body.week,
                    free_days=[one.dict() for one in body.free_days],
                )
                audit.note(session, who.id, "team_saved", team=saved)
        except OfficeError as error:
            return refused(error.code, request)
        desk.wake.call(DESK)
        return JSONResponse({"team": saved}, headers=_NOT_STORED)

    @router.post("/teams")
    async def add(body: TeamHours, request: Request) -> Response:
        """A new team for some languages."""
        return await save(None, body, request)

    @router.put("/teams/{team}")
    async def put(team: TeamId, body: TeamHours, request: Request) -> Response:
        """A team's hours and free days, whole."""
        return await save(team, body, request)

    @router.delete("/teams/{team}", status_code=204)
    async def remove(team: TeamId, request: Request) -> Response:
        """Forget a team, or let everybody's hours be the environment's again."""
        who = await admin_writer(desk, request)
        async with desk.db.transaction() as session:
            if not await office.remove_team(session, team):
                raise ApiError(404, "not_found")
            audit.note(session, who.id, "team_removed", team=team)
        desk.wake.call(DESK)
        return Response(status_code=204)

    return router


def _team(team: Team) -> dict[str, Any]:
    return {
        "id": team.id,
        "name": team.name,
        "languages": list(team.languages),
        "time_zone": team.schedule.zone,
        "week": [
            [[opens.strftime("%H:%M"), closes.strftime("%H:%M")] for opens, closes in day]
            for day in team.schedule.week
        ],
        "free_days": [{"day": day.isoformat(), "name": name} for day, name in team.free_days],
    }

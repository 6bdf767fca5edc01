"""The page of how the desk behaves: one thing each, and the teams' hours."""

import zoneinfo
from functools import lru_cache

from fastapi import APIRouter, Request, Response

from bot.db import now
from bot.desk.access import Desk, page_reader
from bot.desk.pages import render
from bot.handoff import hours, office
from bot.languages.formats import weekdays
from bot.languages.locales import known

GROUPS: dict[str, tuple[str, ...]] = {
    "waiting": (
        "too_long",
        "offer_email",
        "gone_minutes",
        "expire_hours",
        "agent_grace",
        "alert_closed",
    ),
    "call": ("offer_call", "call_minutes", "call_days", "call_places"),
    "rating": ("csat", "csat_hours"),
}
"""What belongs together on the page; a test sees to it that nothing is left out."""

_HINTS = ("gone_minutes", "expire_hours", "agent_grace", "alert_closed")


def routes(desk: Desk) -> APIRouter:
    """The page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/desk/settings")
    async def settings(request: Request) -> Response:
        who = await page_reader(desk, request)
        async with desk.db.reading() as session:
            found = await office.read(session, desk.settings)
        moment = now()
        return render(
            desk,
            "settings.html",
            who.locale,
            who,
            house=found,
            values=found.settings(),
            groups=GROUPS,
            hints=_HINTS,
            ranges=office.RANGES,
            everybody=office.EVERYBODY,
            days=weekdays(who.locale),
            zones=_zones(),
            all_locales=known(),
            is_open=lambda team: hours.is_open(moment, team.schedule),
            opens=lambda team: hours.next_opening(moment, team.schedule),
            may=who.administers,
        )

    return router


@lru_cache(maxsize=1)
def _zones() -> list[str]:
    return sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC")

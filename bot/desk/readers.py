"""Who reads the desk's refusals: agents, each in their language; whoever opens an address, a page.

FastAPI looks at a request before any route learns who sent it, so that is found here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response

from bot.channels.errors import Refusal
from bot.db import Database
from bot.desk.access import COOKIE, Front, desk_locale, visitor
from bot.desk.pages import render
from bot.desk.unreadable import faults_in_words
from bot.handoff import agents
from bot.languages.say import say
from bot.settings import Settings

DESK_PATHS = ("/api/desk", "/desk")


class AgentReads:
    """The readers of the desk: agents, in the language each has chosen."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self._front = Front(settings, db)

    async def locale(self, request: Request) -> str:
        """The language of who is signed in, else the browser's."""
        chosen, token = None, request.cookies.get(COOKIE)
        if token:
            async with self._front.db.reading() as session:
                found = await agents.signed_in(session, token)
            chosen = found[0].locale if found else None
        return desk_locale(request, chosen)

    def unreadable(self, faults: Sequence[Mapping[str, Any]], locale: str) -> str | None:
        """The first faults in words; None where no field is to blame, but the whole request."""
        told = faults_in_words(faults, locale)
        return say("desk.unreadable.told", locale, faults="; ".join(told)) if told else None

    async def page(self, request: Request, refusal: Refusal) -> Response | None:
        """What an agent sees of an address that leads nowhere; None for parts and programs.

        Whoever is not signed in is told the same of any such address, and where to sign in.
        """
        if not _opened(request):
            return None
        if any(fault["loc"][0] == "path" for fault in refusal.faults):
            # What cannot be anything's number is answered like one that is nothing's.
            refusal = Refusal(404, "not_found", refusal.headers)
        who = await visitor(self._front, request)
        locale = who.locale if who else desk_locale(request)
        page = render(
            self._front,
            "lost.html",
            locale,
            who,
            heading=_HEADINGS.get(refusal.status, "closed"),
            code=refusal.code,
            told=faults_in_words(refusal.faults, locale, page=True),
        )
        page.status_code = refusal.status
        page.headers.update(refusal.headers or {})
        return page


_HEADINGS = {404: "nowhere", 422: "unreadable"}


def _opened(request: Request) -> bool:
    """Whether a browser shows the answer to somebody as a page of its own."""
    headers = request.headers
    return (
        f"{request.url.path}/".startswith("/desk/")
        and request.method in ("GET", "HEAD")
        and "hx-request" not in headers
        # Sent over HTTPS and to this machine only.
        and headers.get("sec-fetch-dest", "document") == "document"
        and "text/html" in headers.get("accept", "")
    )

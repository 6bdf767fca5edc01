"""The desk's pages, and the parts of them that are fetched again when something changed."""

import dataclasses
import datetime as dt
import functools
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from bot.channels.errors import ApiError
from bot.channels.widget.markdown import to_html
from bot.conversations import ownership, reading
from bot.conversations.identities import client_of
from bot.conversations.models import Conversation
from bot.db import now
from bot.desk import assets, attachments, drawing, history, routing_api, translating, views, wrap_up
from bot.desk.access import Desk, Front, Who, desk_locale, page_reader, visitor
from bot.desk.api import note_reading
from bot.desk.bodies import HEX_ID
from bot.desk.views import Tab
from bot.feedback import followups
from bot.handoff import agents, invitations, pull
from bot.handoff.policy import policy
from bot.handoff.previous import previous
from bot.languages import formats
from bot.languages.address import addressed
from bot.languages.locales import UnknownLocale, get, known
from bot.languages.say import say

_LONG_WAIT = 10  # minutes
_clock = functools.lru_cache(maxsize=4096)(formats.clock)
_date = functools.lru_cache(maxsize=512)(formats.date)
_ENTITIES = ("order", "invoice", "ticket", "money", "date", "email", "phone")
_MEGABYTE = 1024 * 1024
ConversationId = Annotated[str, Path(pattern=HEX_ID)]
Chosen = Annotated[str | None, Query(pattern=HEX_ID)]
Number = Annotated[int, Query(ge=0, le=2**31 - 1)]


@dataclasses.dataclass(frozen=True)
class Listing:
    """What of the queue a page shows; travels in its address."""

    tab: Tab = "waiting"
    lang: Annotated[str, Query(max_length=35)] = ""
    unread: bool = False
    rows: Annotated[int, Query(ge=1, le=views.MOST_ROWS)] = views.WINDOW

    @property
    def filtered(self) -> bool:
        """Whether something is left out."""
        return bool(self.lang or self.unread)

    def query(self, tab: Tab | None = None) -> str:
        """The query of an address that shows the same, in this tab or another."""
        chosen = {"tab": tab or self.tab, "lang": self.lang, "unread": "1" if self.unread else ""}
        return urlencode({key: value for key, value in chosen.items() if value})


Listed = Annotated[Listing, Depends()]


def endonym(tag: str) -> str:
    """What a language calls itself; the tag where we do not know it."""
    try:
        return get(tag).endonym
    except UnknownLocale:
        return tag


class Say:
    """What templates call to speak to one agent: texts, dates and times in their language."""

    def __init__(self, locale: str, zone: str) -> None:
        self.locale = locale
        self._zone = zone

    def __call__(self, key: str, count: int | None = None, **values: object) -> str:
        return say(f"desk.{key}", self.locale, None, count=count, **values)

    def plain(self, key: str) -> str:
        """A text that another room says too."""
        return say(key, self.locale)

    def number(self, value: float) -> str:
        """A number in the locale's digits."""
        return formats.number(value, self.locale)

    def size(self, size: int) -> str:
        """A file's size, in the units that people know."""
        if size < _MEGABYTE:
            return f"{self.number(max(1, size // 1024))} kB"
        return f"{self.number(round(size / _MEGABYTE, 1))} MB"

    def time(self, moment: dt.datetime, zone: str | None = None) -> str:
        """A time of day, in the shop's zone or another."""
        # A thread says the same minutes and days a hundred times over.
        return _clock(moment.replace(second=0, microsecond=0), self.locale, zone or self._zone)

    def day(self, moment: dt.datetime, zone: str | None = None) -> str:
        """A day, in the shop's zone or another."""
        return _date(moment.astimezone(ZoneInfo(zone or self._zone)).date(), self.locale)

    def city(self, zone: str) -> str:
        """The place that a zone is known by."""
        return formats.city(zone, self.locale)

    def date(self, day: dt.date) -> str:
        """A day that is one in any zone."""
        return _date(day, self.locale)

    def waited(self, minutes: int) -> str:
        """How long somebody has been waiting."""
        if minutes < 1:
            return self("just_now")
        if minutes < 60:
            return self("waiting_for", duration=formats.minutes(minutes, self.locale))
        return self("waiting_hours", count=minutes // 60)

    def reason(self, reason: str) -> str:
        """Why a person is wanted."""
        known_reasons = ("asked", "unanswered", "complaint", "failure", "follow_up")
        return self(f"reason_{reason}") if reason in known_reasons else reason

    def client(self, name: str | None, conversation: str) -> str:
        """A client's name; a short number for somebody who gave none."""
        return name or self("visitor", number=conversation[:4].upper())


def render(
    desk: Front, name: str, locale: str, who: Who | None = None, **values: Any
) -> HTMLResponse:
    """A page or a part of one, for one reader, under the desk's headers."""
    return HTMLResponse(text(desk, name, locale, who, **values), headers=assets.PAGE_HEADERS)


def text(desk: Front, name: str, locale: str, who: Who | None = None, **values: Any) -> str:
    """A page or a part of one as HTML."""
    return (
        assets.templates()
        .get_template(name)
        .render(
            t=Say(locale, desk.settings.time_zone),
            who=who,
            shop=desk.settings.shop,
            locale=get(locale),
            locales=[found for found in known() if found.quality != "answers only"],
            asset=assets.url,
            endonym=endonym,
            markdown=lambda text: Markup(to_html(text)),  # noqa: S704  (cleaned by nh3)
            now=now(),
            long_wait=_LONG_WAIT,
            many=views.MANY,
            window=views.WINDOW,
            entities=_ENTITIES,
            agent_of=ownership.agent_of,
            why=functools.partial(routing_api.in_words, locale=locale),
            came=functools.partial(routing_api.how, locale=locale),
            skill_names={name: policy().skill_name(name, locale) for name in policy().skills},
            **values,
        )
    )


def routes(desk: Desk) -> APIRouter:
    """The pages."""
    router = APIRouter(include_in_schema=False)
    page = functools.partial(render, desk)
    kept = drawing.Rows()

    def drawn(row: views.QueueRow, who: Who, query: str, chosen: str | None) -> drawing.Drawn:
        def draw(row: views.QueueRow) -> str:
            values = {"row": row, "query": query, "here": here}
            return text(desk, "parts/row.html", who.locale, who, **values)

        here = row.conversation == chosen
        return kept.drawn(row, (who.id, who.locale, query, here), draw)

    async def queue_values(
        who: Who, listing: Listing, chosen: str | None, had: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        async with desk.db.reading() as session:
            wanted = views.Wanted(listing.lang, listing.unread, listing.rows)
            found = await routing_api.rows(desk, session, listing.tab, who, wanted)
            spoken = await views.languages(session, listing.tab, who.id)
            counts = await views.counts(session, who.id)
            counts["answerable"] = await pull.answerable(
                session, who.languages, translates=desk.translates
            )
        query, more = listing.query(), len(found) > listing.rows
        rows = [drawn(row, who, query, chosen) for row in found[: listing.rows]]
        return {
            "rows": rows,
            "more": more,
            "spoken": spoken,
            "counts": counts,
            "listing": listing,
            "tab": listing.tab,
            "chosen": chosen,
            "had": had,
            "version": drawing.version(rows, more, spoken, counts, listing, chosen, who.locale),
        }

    async def work_values(who: Who, conversation: str | None, since: int = 0) -> dict[str, Any]:
        if conversation is None:
            return {"opened": None}
        async with desk.db.reading() as session:
            opened = await views.opened(session, conversation, who.locale, since)
            if opened is None:
                return {"opened": None}
            values = {
                "opened": opened,
                "history": opened.history,
                "newest": True,
                "colleagues": await views.colleagues(session, who.id),
                "typing": desk.composing.active(conversation, "client"),
                "translates": desk.translates,
                "most_file": desk.settings.attachment_mb * _MEGABYTE
                if opened.conversation.channel in attachments.CHANNELS
                else 0,
                "reads": (to := translating.reader_of(desk, who)),
                "beside": functools.partial(translating.shown, opened.history, to=to),
                "seen": await reading.read_by(session, conversation, reading.CLIENT),
                "called": addressed(opened.client.name, opened.conversation.locale),
                "form": _form(opened.conversation),
                "proposal": await wrap_up.propose(desk, session, opened.conversation)
                if opened.holder is not None and opened.holder.id == who.id
                else None,
                "resolutions": wrap_up.RESOLUTIONS,
                "previous": await previous(
                    session, conversation, opened.handoff.id if opened.handoff else None
                ),
                "owed_here": await followups.of_conversation(session, conversation),
                "zone": _known_zone(opened.conversation.time_zone or opened.client.time_zone),
            }
        await note_reading(desk, who, conversation)
        return values

    @router.get("/desk/login")
    async def login(request: Request) -> Response:
        if await visitor(desk, request) is not None:
            return RedirectResponse("/desk", 303)
        return page("login.html", desk_locale(request))

    @router.get("/desk/welcome")
    async def welcome(request: Request, code: str = "") -> Response:
        async with desk.db.reading() as session:
            link = await invitations.find(session, code)
        return page(
            "welcome.html",
            desk_locale(request),
            code=code if link is not None else None,
            link=link,
            least=agents.MIN_PASSWORD,
        )

    @router.get("/desk")
    async def home(request: Request, listing: Listed) -> Response:
        who = await page_reader(desk, request)
        values = {**await queue_values(who, listing, None), **await work_values(who, None)}
        return page("desk.html", who.locale, who, **values)

    @router.get("/desk/c/{chat}")
    async def conversation(request: Request, chat: ConversationId, listing: Listed) -> Response:
        who = await page_reader(desk, request)
        values = {**await queue_values(who, listing, chat), **await work_values(who, chat)}
        return page("desk.html", who.locale, who, **values)

    @router.get("/desk/parts/queue")
    async def queue_part(request: Request, listing: Listed, c: Chosen = None) -> Response:
        who = await page_reader(desk, request)
        version, had = drawing.had(request.headers.get(drawing.HEADER))
        values = await queue_values(who, listing, c, had)
        if version == values["version"]:
            return Response(status_code=204, headers=assets.PAGE_HEADERS)
        return page("parts/queue.html", who.locale, who, **values)

    @router.get("/desk/parts/conversation/{chat}")
    async def work_part(
        request: Request, chat: ConversationId, listing: Listed, since: Number = 0
    ) -> Response:
        who = await page_reader(desk, request)
        values = await work_values(who, chat, since)
        return page("parts/work.html", who.locale, who, listing=listing, **values)

    @router.get("/desk/parts/earlier/{chat}")
    async def earlier_part(request: Request, chat: ConversationId, before: Number) -> Response:
        who = await page_reader(desk, request)
        async with desk.db.reading() as session:
            if await session.get(Conversation, chat) is None:
                raise ApiError(404, "not_found")
            client = await client_of(session, chat)
            found = await history.history(session, chat, who.locale, before=before)
        to = translating.reader_of(desk, who)
        return page(
            "parts/earlier.html",
            who.locale,
            who,
            history=found,
            beside=functools.partial(translating.shown, found, to=to),
            client_name=Say(who.locale, desk.settings.time_zone).client(client.name, chat),
            seen=None,
            newest=False,
        )

    return router


def _form(row: Conversation) -> tuple[str, str]:
    """The form of address a client is spoken to in, and its pronoun where there is one."""
    locale = get(row.locale)
    form = row.register if row.register in locale.registers else locale.register_default
    return form, locale.registers.get(form, {}).get("pronoun", "")


def _known_zone(name: str | None) -> str | None:
    try:
        return name and ZoneInfo(name).key
    except (LookupError, ValueError, OSError):
        return None

"""Tells whoever is not at the desk that somebody waits too long: Slack, Teams, e-mail and others.

Where to is a list of apprise addresses. Each wait is told of once, by one process: a row is put
down for it before anything is sent. A message holds how many wait and how long, never who or what
they wrote: it leaves the house. While a team is closed and nobody is on duty its clients are told
so, and nobody is woken for them, unless the settings ask for it: their minutes count from the
team's next opening.
"""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Sequence

import apprise
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.models import Conversation
from bot.db import Database, now
from bot.desk.models import Alert
from bot.handoff import agents, hours, office
from bot.handoff.models import Handoff
from bot.languages.formats import minutes
from bot.languages.locales import UnknownLocale, get
from bot.languages.say import say
from bot.settings import Settings

_SECONDS = 15.0
_MOST_SECONDS = 300.0  # between two attempts at a service that does not answer
_PATIENCE = 30.0  # seconds a service may take

_logger = structlog.get_logger(__name__)


@dataclasses.dataclass(frozen=True)
class Late:
    """A wait that is too long."""

    handoff: str
    conversation: str
    language: str
    since: dt.datetime


class Alerts:
    """Looks every quarter of a minute for waits that are too long, in the background."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        self._services = apprise.Apprise()
        for number, address in enumerate(settings.alert_urls, 1):
            if not self._services.add(address):
                # Not the address itself: it holds a password.
                _logger.error("SETU_ALERT_URLS: apprise cannot read this address", number=number)

    @property
    def on(self) -> bool:
        """Whether there is anybody to tell."""
        return len(self._services) > 0

    async def run(self) -> None:
        """Look until cancelled; a service that fails is asked less and less often."""
        wait = _SECONDS
        while True:
            if self.on:
                wait = _SECONDS if await self.tick(now()) else min(wait * 2, _MOST_SECONDS)
            await asyncio.sleep(wait)

    async def tick(self, moment: dt.datetime) -> bool:
        """Tell of every wait that has become too long by `moment` and was not told of.

        Returns:
            Did it arrive, if there was anything? What did not is told again at the next tick.
        """
        limit = moment - dt.timedelta(minutes=self._settings.alert_minutes)
        try:
            async with self._db.transaction() as session:
                late = await self._due(session, moment, limit)
                session.add_all(Alert(handoff_id=one.handoff, at=moment) for one in late)
        except sa.exc.IntegrityError:
            return True  # another process was faster, and tells
        if not late:
            return True
        if await self._tell(late, moment):
            return True
        async with self._db.transaction() as session:
            await session.execute(
                sa.delete(Alert)
                .where(Alert.handoff_id.in_([one.handoff for one in late]))
                .execution_options(synchronize_session=False)
            )
        return False

    async def _due(
        self, session: AsyncSession, moment: dt.datetime, limit: dt.datetime
    ) -> list[Late]:
        late = await _late(session, limit)
        house = await office.read(session, self._settings)
        if not late or house.alert_closed or await agents.on_duty(session):
            return late
        open_since = {
            one.language: hours.open_since(moment, house.team(one.language).schedule)
            for one in late
        }
        return [one for one in late if (since := open_since[one.language]) and since <= limit]

    async def _tell(self, late: Sequence[Late], moment: dt.datetime) -> bool:
        title, body = self._words(late, moment)
        sending = self._services.async_notify(body=body, title=title)
        try:
            told = bool(await asyncio.wait_for(sending, _PATIENCE))
        except asyncio.TimeoutError:
            told = False
        if not told:
            _logger.error("an alert did not arrive at every service", waiting=len(late))
        return told

    def _words(self, late: Sequence[Late], moment: dt.datetime) -> tuple[str, str]:
        locale = self._settings.default_locale
        longest = max(int((moment - one.since).total_seconds() // 60) for one in late)
        waited = minutes(longest, locale)
        address = f"{self._settings.address}/desk"
        title = say("desk.alert_title", locale, shop=self._settings.shop)
        if len(late) == 1:
            where = f"{address}/c/{late[0].conversation}"
            language = _named(late[0].language)
            return title, say(
                "desk.alert_one", locale, duration=waited, language=language, url=where
            )
        return title, say("desk.alert_many", locale, count=len(late), duration=waited, url=address)


async def _late(session: AsyncSession, limit: dt.datetime) -> list[Late]:
    found = await session.execute(
        sa.select(Handoff.id, Handoff.conversation_id, Handoff.language, Handoff.opened_at)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .outerjoin(Alert, Alert.handoff_id == Handoff.id)
        .where(Handoff.status == "waiting", Handoff.opened_at <= limit, Alert.handoff_id.is_(None))
        .order_by(Handoff.opened_at)
    )
    return [Late(*row) for row in found]


def _named(tag: str) -> str:
    try:
        return get(tag).endonym
    except UnknownLocale:
        return tag

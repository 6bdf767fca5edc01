"""Rows that fall due: idle interactions close, lost agents' chats are queued again, waits that
changed are told or end, rating requests expire."""

import asyncio
import datetime as dt

from bot.conversations import interactions
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database, now
from bot.feedback import csat
from bot.flow import lost, waits
from bot.handoff import office, waiting
from bot.settings import Settings

_SECONDS = 15.0
_BATCH = 100


class Clock:
    """Looks every quarter of a minute for what has fallen due, in the background."""

    def __init__(self, db: Database, wake: Wake, settings: Settings) -> None:
        self._db = db
        self._wake = wake
        self._settings = settings
        self._since = now()

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            await self.tick(now())
            await asyncio.sleep(_SECONDS)

    async def tick(self, moment: dt.datetime) -> None:
        """Do what is due at `moment`. Doing it twice changes nothing."""
        idle = moment - dt.timedelta(minutes=self._settings.idle_minutes)
        async with self._db.transaction() as session:
            for interaction in await interactions.idle_since(session, idle, _BATCH):
                answered = bool(interaction.articles)
                await interactions.close(
                    session, interaction, "implied" if answered else "abandoned"
                )
        requeued = await lost.sweep(self._db, self._settings, moment, self._since)
        if requeued:
            self._wake.call(DESK, *(conversation_topic(conversation) for conversation in requeued))
        async with self._db.transaction() as session:
            told = await waiting.tell_changes(session, self._settings)
            ended = await waits.run_out(session, self._settings, moment)
        if told or ended:
            topics = map(conversation_topic, {*told, *ended})
            self._wake.call(DESK, *topics)
        async with self._db.transaction() as session:
            house = await office.read(session, self._settings)
            await csat.expire(session, moment - dt.timedelta(hours=house.csat_hours))

"""Retention by policy: what was said longer ago than a setting allows loses its words."""

import asyncio
import datetime as dt

import sqlalchemy as sa

from bot.conversations.models import Conversation, Event, Interaction
from bot.db import Database, now
from bot.desk import audit, personal
from bot.feedback.models import FollowUp, Rating
from bot.settings import Settings

_EVERY = 3600.0  # seconds
_BATCH = 50


class Retention:
    """Looks once an hour; does nothing where `retention_days` is 0."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._days = settings.retention_days

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            more = await self.tick(now()) if self._days else 0
            await asyncio.sleep(0 if more else _EVERY)

    async def tick(self, moment: dt.datetime) -> int:
        """Take the words of one batch of conversations; says of how many, 0 when none is left.

        Whatever belongs to an interaction that is still open stays, however old it is.
        """
        before = moment - dt.timedelta(days=self._days)
        first_left = (
            sa.select(Event.at)
            .where(Event.conversation_id == Conversation.id, Event.seq > Conversation.erased_seq)
            .order_by(Event.seq)
            .limit(1)
            .correlate(Conversation)
            .scalar_subquery()
        )
        still_open = (
            sa.select(sa.func.min(Interaction.first_seq))
            .where(Interaction.conversation_id == Conversation.id, Interaction.closed_at.is_(None))
            .correlate(Conversation)
            .scalar_subquery()
        )
        async with self._db.transaction() as session:
            due = await session.execute(
                sa.select(Conversation.id, still_open.label("open_from"))
                .where(
                    first_left < before,
                    sa.or_(still_open.is_(None), still_open > Conversation.erased_seq + 1),
                )
                .order_by(Conversation.id)
                .limit(_BATCH)
            )
            conversations = due.all()
            for row in conversations:
                last = sa.select(sa.func.max(Event.seq)).where(
                    Event.conversation_id == row.id, Event.at < before
                )
                if row.open_from is not None:
                    last = last.where(Event.seq < row.open_from)
                seq = (await session.execute(last)).scalar_one()
                await personal.forget_until(session, row.id, seq)
                audit.note(session, None, "words_erased", row.id, days=self._days)
            await session.execute(
                sa.update(Rating)
                .where(Rating.comment.is_not(None), Rating.answered_at < before)
                .values(comment=None)
                .execution_options(synchronize_session=False)
            )
            await session.execute(
                sa.update(FollowUp)
                .where(
                    FollowUp.status != "open",
                    FollowUp.done_at < before,
                    sa.or_(FollowUp.note != "", FollowUp.contact.is_not(None)),
                )
                .values(note="", contact=None)
                .execution_options(synchronize_session=False)
            )
        return len(conversations)

"""Clients change their minds about what they wrote: edits and deletions, on platforms that tell.

An edit replaces the text and is noted with what stood there before. One of the newest message is
a new question too, unless the bot has not come to it yet. A deletion takes the words out of the
log wherever they stand, and leaves that there were some.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.contract import LONGEST, Edited
from bot.conversations import log, ownership
from bot.conversations.models import Conversation, Event
from bot.db import Database, JsonDict
from bot.flow.translation import TRANSLATION

EDITED = "edited"
DELETED = "deleted"
_HAS_WORDS = ("unanswered", "understood", TRANSLATION, EDITED)


async def edit(db: Database, conversation: str, message_id: str, change: Edited) -> str | None:
    """Put the new text in the old one's place.

    Returns:
        An id for the new text where it is to be taken as a new message; else None.
    """
    again = f"{_known_by(message_id)}{change.version[:18]}"
    async with db.transaction() as session:
        # Taken first: it locks the conversation's row.
        seq = await log.next_seq(session, conversation)
        events = await _events(session, conversation, message_id)
        text = change.text.replace("\0", "")[:LONGEST]
        row = await session.get(Conversation, conversation, populate_existing=True)
        latest = events[-1] if events else None
        if (
            latest is None
            or latest.payload.get("deleted")
            or latest.payload["text"] == text
            or latest.message_id == again
        ):
            await log.give_back(session, conversation, seq)
            return None
        answered = row.client_seq == latest.seq <= row.handled_seq
        if answered and row.owner == ownership.BOT:
            latest.payload = {**latest.payload, "edited": True}
            await log.give_back(session, conversation, seq)
            return again
        log.add(
            session, conversation, seq, EDITED, {"of": latest.seq, "before": latest.payload["text"]}
        )
        latest.payload = {**latest.payload, "text": text, "edited": True}
        return None


async def delete(db: Database, conversation: str, message_id: str) -> bool:
    """Erase a message's words; whether there were any."""
    async with db.transaction() as session:
        seq = await log.next_seq(session, conversation)
        events = await _events(session, conversation, message_id)
        left = [event for event in events if not event.payload.get("deleted")]
        if not left:
            await log.give_back(session, conversation, seq)
            return False
        row = await session.get(Conversation, conversation, populate_existing=True)
        for event in left:
            row.dialogue = _without(row.dialogue, event.payload["text"])
            kept = {key: event.payload[key] for key in ("language", "via") if key in event.payload}
            event.payload = {**kept, "text": "", "deleted": True, "silent": True}
            await _erase_copies(session, conversation, event.seq)
        log.add(session, conversation, seq, DELETED, {"of": left[0].seq})
        return True


def _known_by(message_id: str) -> str:
    """What the ids begin with under which a message's edits were taken as messages."""
    return f"{message_id[:40]}-edit-"


async def _events(session: AsyncSession, conversation: str, message_id: str) -> list[Event]:
    """A message and those that its edits became, oldest first."""
    found = await session.execute(
        sa.select(Event)
        .where(
            Event.conversation_id == conversation,
            Event.author == "client",
            sa.or_(
                Event.message_id == message_id,
                Event.message_id.startswith(_known_by(message_id), autoescape=True),
            ),
        )
        .order_by(Event.seq)
    )
    return list(found.scalars())


def _without(stored: Any, text: str) -> Any:
    """The dialogue's state with `text` taken out wherever it stands by itself."""
    if isinstance(stored, dict):
        return {key: _without(value, text) for key, value in stored.items()}
    if isinstance(stored, list):
        return [_without(value, text) for value in stored]
    return "" if stored == text else stored


async def _erase_copies(session: AsyncSession, conversation: str, seq: int) -> None:
    """What else in the log repeats the message's words: translations, what was understood."""
    rows = await session.execute(
        sa.select(Event)
        .where(Event.conversation_id == conversation, Event.kind.in_(_HAS_WORDS), Event.seq > seq)
        .order_by(Event.seq)
    )
    turn = None
    for event in rows.scalars():
        about = event.payload.get("of", event.payload.get("message"))
        if event.kind == "understood":
            turn = about
        # An unanswered question stands behind its turn and names it not.
        if about == seq or (event.kind == "unanswered" and turn == seq):
            event.payload = _without_words(event.payload)


def _without_words(payload: JsonDict) -> JsonDict:
    emptied = {"text": "", "before": "", "entities": []}
    return {key: emptied.get(key, value) for key, value in payload.items()}

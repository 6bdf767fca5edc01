"""The bot's turn: the oldest unhandled client message → engine → one commit.

A turn's commit begins with the fence: `handled_seq` moves on only where it is still what this
turn began from and the bot still owns the conversation. No row, and the outcome is discarded: a
bot reply never lands after an agent's claim, and two workers never both answer.
"""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import json
import secrets

import anyio
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.widget.identify import CHANNEL
from bot.conversations import interactions, log, ownership
from bot.conversations.effects import HandOff
from bot.conversations.models import Conversation, Event
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database, JsonDict, now
from bot.engine.engine import Engine
from bot.engine.turn import Outcome, Reply, Turn
from bot.feedback import csat
from bot.flow import waits
from bot.flow.effects import Scene, carry_out
from bot.handoff import contact
from bot.languages.register import next_register
from bot.languages.say import Voice
from bot.settings import Settings

_WORKERS = 4  # turns under way at once: one computes while others commit
_SCAN_SECONDS = 1.0
TURN_FAILED = "turn_failed"

_logger = structlog.get_logger(__name__)


@dataclasses.dataclass(frozen=True)
class _Pending:
    conversation: str
    handled_seq: int
    attempts: int
    message: log.Message
    locale: str
    voice: Voice
    dialogue: JsonDict | None
    greeted: bool  # the chat window welcomes whoever opens it
    claimable: bool  # the message may belong to a rating, or to another way than waiting


class _Fenced(Exception):
    """Somebody else owns the conversation or has answered: the outcome is discarded."""


class Turns:
    """Takes the turns that are due, in the background, in order within a conversation."""

    def __init__(self, db: Database, engine: Engine, wake: Wake, settings: Settings) -> None:
        self._db = db
        self._engine = engine
        self._wake = wake
        self._settings = settings
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._recovered: set[str] = set()

    def due(self, conversation: str) -> None:
        """The conversation may have a message for the bot. Cheap; only a hint."""
        self._queue.put_nowait(conversation)

    async def run(self) -> None:
        """Take up what the last process left, then work until cancelled."""
        await self.recover()
        await self.work()

    async def work(self) -> None:
        """Take turns until cancelled."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._scan)
            for _ in range(_WORKERS):
                group.start_soon(self._worker)

    async def recover(self) -> None:
        """Take up the turns that were due when the last process ended.

        Each counts as an attempt before it is tried, so that a message which kills the process
        comes to its end too, instead of killing it for ever.
        """
        async with self._db.reading() as session:
            rows = await session.execute(sa.select(Conversation.id).where(_waiting_for_bot()))
            self._recovered = set(rows.scalars())
        for conversation in self._recovered:
            self.due(conversation)

    async def _scan(self) -> None:
        """Find what no hint told of: another process accepted it, or died over it."""
        patience = dt.timedelta(seconds=self._settings.turn_deadline)
        while True:
            await asyncio.sleep(_SCAN_SECONDS)
            # With the database away the workers must not be torn down with the scan.
            with contextlib.suppress(sa.exc.DBAPIError):
                await self._find(patience)

    async def _find(self, patience: dt.timedelta) -> None:
        async with self._db.reading() as session:
            rows = await session.execute(
                sa.select(Conversation.id)
                .where(_waiting_for_bot(), Conversation.active_at < now() - patience)
                .limit(100)
            )
            for conversation in rows.scalars():
                if conversation not in self._busy:
                    self.due(conversation)

    async def _worker(self) -> None:
        while True:
            conversation = await self._queue.get()
            if conversation in self._busy:
                self._again.add(conversation)
                continue
            self._busy.add(conversation)
            try:
                await self.take(conversation)
            # The database was away: the scan finds the conversation again.
            except sa.exc.DBAPIError:
                _logger.exception("turn interrupted", conversation=conversation)
            finally:
                self._busy.discard(conversation)
                if conversation in self._again:
                    self._again.discard(conversation)
                    self.due(conversation)

    async def take(self, conversation: str) -> None:
        """Take all turns that are due in one conversation."""
        while (pending := await self._next(conversation)) is not None:
            await self._take(pending)

    async def _next(self, conversation: str) -> _Pending | None:
        async with self._db.reading() as session:
            found = await session.execute(
                sa.select(Conversation, Event)
                .join(Event, Event.conversation_id == Conversation.id)
                .where(
                    Conversation.id == conversation,
                    Conversation.owner == ownership.BOT,
                    Event.kind == log.MESSAGE,
                    Event.author == "client",
                    Event.seq > Conversation.handled_seq,
                )
                .order_by(Event.seq)
                .limit(1)
            )
            first = found.one_or_none()
            if first is None:
                return None
            row, event = first
            message = log.message(event)
            return _Pending(
                conversation,
                row.handled_seq,
                row.attempts,
                message,
                row.locale,
                row.voice,
                row.dialogue,
                row.channel == CHANNEL,
                await _claimable(session, conversation, message.payload.get("button")),
            )

    async def _take(self, pending: _Pending) -> None:
        counted = pending.conversation in self._recovered
        self._recovered.discard(pending.conversation)
        try:
            if pending.message.payload.get("silent"):
                async with self._db.transaction() as session:
                    await _fence(session, pending, pending.dialogue)
            elif pending.attempts >= self._settings.turn_attempts:
                await self._give_up(pending)
            else:
                if counted:
                    await self._count_attempt(pending)
                if not (pending.claimable and await self._claimed(pending)):
                    await self._answer(pending)
        except _Fenced:
            return
        # The boundary of a turn: whatever failed, the client's message must not be forgotten.
        except Exception:
            _logger.exception(
                "turn failed", conversation=pending.conversation, seq=pending.message.seq
            )
            if not counted:
                await self._count_attempt(pending)
            return
        self._wake.call(conversation_topic(pending.conversation), DESK)

    async def _count_attempt(self, pending: _Pending) -> None:
        async with self._db.transaction() as session:
            await session.execute(
                sa.update(Conversation)
                .where(
                    Conversation.id == pending.conversation,
                    Conversation.handled_seq == pending.handled_seq,
                )
                .values(attempts=Conversation.attempts + 1)
                .execution_options(synchronize_session=False)
            )

    async def _claimed(self, pending: _Pending) -> bool:
        """Whether an open request claimed the message, before the engine sees it."""
        pressed = pending.message.payload.get("button")
        text = None if pressed else pending.message.text
        async with self._db.transaction() as session:
            claimed = bool(
                await csat.claim(
                    session,
                    pending.conversation,
                    text=text,
                    payload=pressed,
                    due=waits.rating_due,
                )
                or await waits.claim(session, pending.conversation, text=text, payload=pressed)
            )
            if claimed:
                await _fence(session, pending, pending.dialogue)
        return claimed

    async def _answer(self, pending: _Pending) -> None:
        outcome = await self._engine.handle(
            self._turn(pending), deadline=self._settings.turn_deadline
        )
        async with self._db.transaction() as session:
            await _fence(session, pending, outcome.dialogue)
            await self._commit(session, pending, outcome)

    def _turn(self, pending: _Pending) -> Turn:
        does = pending.message.payload.get("does")
        if does and not does.startswith("/"):
            # A button of a wait or a rating that is over: it asks for nothing any more.
            does = "/need_help"
        intent, entities = _meaning(does) if does else (None, {})
        return Turn(
            conversation=pending.conversation,
            text=None if does else pending.message.text,
            intent=intent,
            entities=entities,
            locale=pending.voice.locale,
            register=pending.voice.register,
            greeted=pending.greeted,
            dialogue=pending.dialogue,
            values={"shop": self._settings.shop},
        )

    async def _commit(self, session: AsyncSession, pending: _Pending, outcome: Outcome) -> None:
        message = pending.message
        interaction = await interactions.ensure_open(
            session, pending.conversation, message.seq, ownership.BOT
        )
        interactions.note(interaction, "languages", message.language or pending.locale)
        understood = {
            "message": message.seq,
            "intent": outcome.intent,
            "confidence": outcome.confidence,
            "entities": list(outcome.entities),
        }
        seq = await log.next_seq(session, pending.conversation, 1 + len(outcome.replies))
        log.add(session, pending.conversation, seq, "understood", understood)
        for number, reply in enumerate(outcome.replies, seq + 1):
            content = _content(reply, pending)
            log.add(session, pending.conversation, number, log.MESSAGE, content, author="bot")
        if outcome.intent == "complaint":
            row = await session.get(Conversation, pending.conversation)
            row.register = next_register(row.register, None, "complaint", row.locale)
        scene = Scene(session, interaction, self._settings)
        for effect in outcome.effects:
            await carry_out(effect, scene)

    async def _give_up(self, pending: _Pending) -> None:
        """After the last attempt: an apology, and people take over."""
        async with self._db.transaction() as session:
            await _fence(session, pending, pending.dialogue)
            await log.append(
                session, pending.conversation, TURN_FAILED, {"message": pending.message.seq}
            )
            interaction = await interactions.ensure_open(
                session, pending.conversation, pending.message.seq, ownership.BOT
            )
            await log.say(
                session,
                pending.conversation,
                "bot",
                pending.voice.say("engine.turn_failed"),
                pending.locale,
            )
            await carry_out(HandOff("failure"), Scene(session, interaction, self._settings))


async def _claimable(session: AsyncSession, conversation: str, payload: str | None) -> bool:
    return await csat.concerns(session, conversation, payload) or await contact.concerns(
        session, conversation, payload
    )


def _waiting_for_bot() -> sa.sql.ColumnElement:
    return sa.and_(
        Conversation.owner == ownership.BOT, Conversation.client_seq > Conversation.handled_seq
    )


async def _fence(session: AsyncSession, pending: _Pending, dialogue: JsonDict | None) -> None:
    moved = await session.execute(
        sa.update(Conversation)
        .where(
            Conversation.id == pending.conversation,
            Conversation.handled_seq == pending.handled_seq,
            Conversation.owner == ownership.BOT,
        )
        .values(handled_seq=pending.message.seq, attempts=0, dialogue=dialogue)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:
        raise _Fenced(pending.conversation)


def _content(reply: Reply, pending: _Pending) -> JsonDict:
    """A bot message as the log has it. Its buttons go out with opaque ids; what they do stays."""
    does = {secrets.token_hex(8): button for button in reply.buttons}
    return {
        "text": reply.text,
        # A territory is part of how we speak, not of the language the log names.
        "language": pending.locale if reply.language == pending.voice.locale else reply.language,
        "buttons": [{"title": button.title, "payload": key} for key, button in does.items()],
        "does": {key: button.payload for key, button in does.items()},
        "article": reply.article,
    }


def _meaning(does: str) -> tuple[str, JsonDict]:
    """The intent and entities of `/intent{"entity": "value"}`, as our own buttons carry it."""
    name, brace, rest = does.removeprefix("/").partition("{")
    return name, json.loads(brace + rest) if brace else {}

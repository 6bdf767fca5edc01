"""What the log says clients asked and did not get, without their private data."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log, ownership
from bot.conversations.models import Conversation, Event
from bot.engine.nlu import patterns
from bot.knowledge.gaps import Kind, Question
from bot.languages.formats import fold_digits

MASK = "…"
MOST_EVENTS = 5_000
"""Newest failures that are read; a shop with more of them in five weeks has enough to mend."""

_SAME_MATTER = dt.timedelta(days=1)
_PRIVATE = frozenset({"order", "invoice", "ticket", "email", "phone"})
# What no pattern knows: one-time codes, cards, account and identity numbers, postcodes.
_LONG_NUMBER = re.compile(r"[\w@.+-]*\d(?:[ -]?\d){3,}[\w@.+-]*")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w.-]+|(?<!\w)@\w+")
_ASKS = frozenset({"question", "nlu_fallback", "complaint", "off_topic"})
_CHUNK = 500


@dataclass(frozen=True)
class _Said:
    seq: int
    text: str
    language: str | None
    at: dt.datetime


def mask(text: str, language: str | None = None) -> str:
    """A text with `…` in place of order numbers, addresses, telephone numbers and the like."""
    folded = fold_digits(text)
    spans = [(found.start(), found.end()) for found in _ADDRESS.finditer(folded)]
    kept: list[tuple[int, int]] = []
    for found in patterns.find(text, language):
        (spans if found.kind in _PRIVATE else kept).append((found.start, found.end))
    for number in _LONG_NUMBER.finditer(folded):
        if not any(start < number.end() and number.start() < end for start, end in kept):
            spans.append(number.span())
    position = 0
    parts: list[str] = []
    for start, end in sorted(spans):
        if end > position:
            parts += [text[position : max(start, position)], "" if start < position else MASK]
            position = end
    return "".join([*parts, text[position:]])


async def missed(session: AsyncSession, since: dt.datetime) -> list[Question]:
    """Questions since an instant that were not answered, each message once, the newest first.

    A failure is `unanswered`, `helped` with a no, or a handoff. The question is what the client
    last *asked* before it: not the button they pressed, nor "I want to talk to somebody".
    """
    found = await session.execute(
        sa.select(Event)
        .where(
            Event.kind.in_(("unanswered", "helped", ownership.OWNER_CHANGED)),
            Event.at > since,
        )
        .order_by(Event.at.desc(), Event.seq.desc())
        .limit(MOST_EVENTS)
    )
    failures = [(event, kind) for event in found.scalars() if (kind := _kind(event))]
    said = await _asked(session, {event.conversation_id for event, _ in failures})
    questions: dict[tuple[str, int], Question] = {}
    # The first failure of a message is what happened to it; the rest follows from that one.
    for event, kind in reversed(failures):
        question = _question(event, said.get(event.conversation_id, ()))
        if question is not None:
            questions.setdefault(
                (event.conversation_id, question.seq),
                Question(
                    mask(question.text, question.language),
                    question.language or "und",
                    kind,
                    question.at,
                ),
            )
    return list(reversed(questions.values()))


async def newest_failure(session: AsyncSession) -> tuple[dt.datetime | None, int]:
    """What changes whenever `missed` may have something new to say."""
    found = await session.execute(
        sa.select(sa.func.max(Event.at), sa.func.count()).where(
            Event.kind.in_(("unanswered", "helped", ownership.OWNER_CHANGED))
        )
    )
    row = found.one()
    return row[0], row[1]


def _kind(event: Event) -> Kind | None:
    if event.kind == "unanswered":
        return "unanswered"
    if event.kind == "helped":
        return None if event.payload.get("yes") else "not_helped"
    came_from_us = event.payload.get("from") == ownership.BOT
    return "handed_off" if came_from_us and event.payload.get("to") == ownership.QUEUE else None


def _question(event: Event, said: Iterable[_Said]) -> _Said | None:
    before = [one for one in said if one.seq < event.seq and event.at - one.at < _SAME_MATTER]
    if before:
        return before[-1]
    text = event.payload.get("text") if event.kind == "unanswered" else None
    return _Said(event.seq, text, None, event.at) if text else None


async def _asked(session: AsyncSession, conversations: set[str]) -> dict[str, list[_Said]]:
    """What clients typed that asked for something, by conversation, oldest first."""
    asked: dict[str, list[_Said]] = {}
    wanted = sorted(conversations)
    for start in range(0, len(wanted), _CHUNK):
        rows = await session.execute(
            sa.select(Event, Conversation.locale)
            .join(Conversation, Conversation.id == Event.conversation_id)
            .where(
                Event.conversation_id.in_(wanted[start : start + _CHUNK]),
                sa.or_(
                    sa.and_(Event.kind == log.MESSAGE, Event.author == "client"),
                    Event.kind == "understood",
                ),
            )
            .order_by(Event.conversation_id, Event.seq)
        )
        typed: dict[tuple[str, int], _Said] = {}
        for event, locale in rows:
            payload = event.payload
            if event.kind == log.MESSAGE:
                if not payload.get("button"):
                    language = payload.get("language") or locale
                    said = _Said(event.seq, payload["text"], language, event.at)
                    typed[event.conversation_id, event.seq] = said
            elif payload.get("intent") in _ASKS:
                one = typed.get((event.conversation_id, payload.get("message", 0)))
                if one is not None:
                    asked.setdefault(event.conversation_id, []).append(one)
    return asked

"""Translation between a client and the people who hold their conversation.

A client's message stands in the log as it came; its translation is an event behind it. What is
due is derived from the log itself, so a crash loses nothing: a message of a conversation that
people hold, in a language its reader does not speak, without a translation yet. The service is
asked outside any transaction. When it fails, an event says so and the chat goes on.
"""

import asyncio
import dataclasses
import datetime as dt
import time
from collections.abc import Collection, Iterable

import anyio
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log, ownership
from bot.conversations.identities import client_of
from bot.conversations.models import Conversation, Event
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database, JsonDict, now
from bot.engine.nlu.patterns import find
from bot.flow.readers import Reader, language_of, reader, script_of
from bot.handoff import queue
from bot.handoff.models import Agent, Handoff
from bot.languages import clean, scripts
from bot.languages.detect import Detector
from bot.languages.locales import native
from bot.languages.translation.guarded import Guarded
from bot.languages.translation.libretranslate import LibreTranslate
from bot.languages.translation.translator import TEMPORARY, Translated, Translator
from bot.settings import Settings

TRANSLATION = "translation"
"""The kind of a translation's event: {of, from, language, text, by, failure}."""

_BACK = 30  # messages: what the next reader needs of a conversation that began without them
_WORKERS = 2
_SCAN_SECONDS = 1.0
_PATIENCE = 1.5  # seconds that a change is left to the process that made it
_AGAIN_AFTER = (30.0, 300.0)  # seconds after the first and the second failure that may pass
_PRIVATE = frozenset({"order", "invoice", "ticket", "email", "phone"})
_MOST_NAMES = 10

_logger = structlog.get_logger(__name__)


@dataclasses.dataclass(frozen=True)
class Preview:
    """What a client would get of an agent's text.

    `needed` is false where it is in the client's language already. Where `text` is None the
    translation failed, and `failure` says why.
    """

    needed: bool
    source: str
    language: str
    text: str | None = None
    by: str | None = None
    failure: str | None = None


@dataclasses.dataclass(frozen=True)
class _Due:
    """A message to translate."""

    seq: int
    text: str
    source: str


@dataclasses.dataclass(frozen=True)
class _Work:
    """What is due in one conversation, for one reader; `again_in` seconds until more may be."""

    last_seq: int
    target: str
    due: tuple[_Due, ...]
    names: tuple[str, ...]
    again_in: float | None


def configured(settings: Settings) -> tuple[Guarded, LibreTranslate] | None:
    """The translator the settings ask for, and the connection to close at the end; None if off."""
    if not settings.translate_url:
        return None
    service = LibreTranslate(settings.translate_url, settings.translate_key)
    terms = (settings.shop, *settings.translate_terms)
    guarded = Guarded(
        service, terms=terms, private=private_data, deadline=settings.translate_deadline
    )
    return guarded, service


def private_data(text: str, language: str | None) -> list[tuple[int, int]]:
    """Where a text holds what identifies a person or their order."""
    return [(each.start, each.end) for each in find(text, language) if each.kind in _PRIVATE]


class Bridge:
    """Translates what people could not read, in the background, and previews what agents write.

    Args:
        translator: None where translation is off; then nothing happens here.
    """

    def __init__(
        self,
        db: Database,
        wake: Wake,
        settings: Settings,
        detector: Detector,
        translator: Translator | None,
    ) -> None:
        self._db = db
        self._wake = wake
        self._default = settings.default_locale
        self._detector = detector
        self._translator = translator
        # A conversation always goes to the same worker: never two at once for one.
        self._queues: list[asyncio.Queue[str]] = [asyncio.Queue() for _ in range(_WORKERS)]
        self._queued: set[str] = set()
        self._done: dict[str, int] = {}
        self._again_at: dict[str, float] = {}
        self._noticed: dict[str, tuple[int, float]] = {}

    @property
    def on(self) -> bool:
        """Whether a translation service is set up."""
        return self._translator is not None

    @property
    def by(self) -> str | None:
        """Who translates."""
        return self._translator.name if self._translator else None

    @property
    def translator(self) -> Translator | None:
        """What translates, for texts that are no conversation's; None where translation is off."""
        return self._translator

    def due(self, conversation: str) -> None:
        """Something may be due in the conversation. Cheap; only a hint."""
        if self._translator is not None and conversation not in self._queued:
            self._queued.add(conversation)
            self._queues[hash(conversation) % _WORKERS].put_nowait(conversation)

    async def run(self) -> None:
        """Work until cancelled; sleep where translation is off."""
        if self._translator is None:
            await asyncio.Event().wait()
        async with anyio.create_task_group() as group:
            group.start_soon(self._scan)
            for mine in self._queues:
                group.start_soon(self._worker, mine)

    async def preview(
        self, text: str, spoken: str, writer: Reader, names: Iterable[str] = ()
    ) -> Preview:
        """What the client would get of an agent's text.

        Args:
            spoken: the conversation's language.
            names: of the client and the agent; they are not translated and not sent.
        """
        judgement = self._detector.judge(text)
        if judgement.decided and judgement.language:
            source = native(judgement.language)
        else:
            # A few words tell little: then people write in the language they have.
            written = scripts.of(clean.normal(text))
            theirs = written == script_of(spoken) != script_of(writer.language)
            source = spoken if theirs or spoken in writer.speaks else writer.language
        if self._translator is None or source == spoken:
            return Preview(False, source, spoken)
        [result] = await self._translator.translate([text], source, spoken, keep=_parts(names))
        if result.failure:
            return Preview(True, source, spoken, failure=result.failure)
        return Preview(result.by is not None, source, spoken, result.text, result.by)

    async def _scan(self) -> None:
        """Find what no hint told of: another process wrote it, or a failure may be over."""
        while True:
            moment = time.monotonic()
            async with self._db.reading() as session:
                rows = await session.execute(
                    sa.select(Conversation.id, Conversation.last_seq)
                    .join(Handoff, Handoff.conversation_id == Conversation.id)
                    .where(Handoff.status.in_(queue.OPEN))
                )
                held = {row.id: row.last_seq for row in rows}
            for known in (self._done, self._again_at, self._noticed):
                for gone in known.keys() - held.keys():
                    del known[gone]
            for conversation, last_seq in held.items():
                if moment >= self._again_at.get(conversation, float("inf")):
                    self.due(conversation)
                if self._done.get(conversation) == last_seq:
                    continue
                seen, since = self._noticed.get(conversation, (-1, moment))
                if seen != last_seq:
                    since = moment
                    self._noticed[conversation] = (last_seq, since)
                if moment - since >= _PATIENCE:
                    self.due(conversation)
            await asyncio.sleep(_SCAN_SECONDS)

    async def _worker(self, mine: asyncio.Queue[str]) -> None:
        while True:
            conversation = await mine.get()
            self._queued.discard(conversation)
            try:
                await self.work(conversation)
            # The boundary of a conversation: one that fails must not stop the others'.
            except Exception:
                _logger.exception("translation failed", conversation=conversation)
                self._again_at[conversation] = time.monotonic() + _AGAIN_AFTER[0]

    async def work(self, conversation: str) -> None:
        """Translate what is due in one conversation now."""
        assert self._translator is not None
        async with self._db.reading() as session:
            work = await self._look(session, conversation)
        self._again_at.pop(conversation, None)
        if work is None:
            return
        self._done[conversation] = work.last_seq
        if work.again_in is not None:
            self._again_at[conversation] = time.monotonic() + work.again_in
        if not work.due:
            return
        by_source: dict[str, list[_Due]] = {}
        for one in work.due:
            by_source.setdefault(one.source, []).append(one)
        results: list[tuple[_Due, Translated]] = []
        for source, some in by_source.items():
            said = await self._translator.translate(
                [one.text for one in some], source, work.target, keep=work.names
            )
            results += zip(some, said, strict=True)
        told = [pair for pair in results if pair[1].by or pair[1].failure]
        async with self._db.transaction() as session:
            await _append(session, conversation, work.target, told)
        if any(one.failure in TEMPORARY for _, one in told):
            self._again_at[conversation] = time.monotonic() + _AGAIN_AFTER[0]
        self._wake.call(conversation_topic(conversation), DESK)

    async def _look(self, session: AsyncSession, conversation: str) -> _Work | None:
        row = await session.get(Conversation, conversation)
        if row is None or row.owner == ownership.BOT:
            return None
        holder = ownership.agent_of(row.owner)
        agent = await session.get(Agent, holder) if holder else None
        to = (
            reader(agent.languages or {}, agent.locale, self._default)
            if agent is not None
            else Reader(frozenset({self._default}), self._default)
        )
        messages = await log.recent(session, conversation, _BACK)
        known = await of_messages(session, conversation, messages[0].seq if messages else 0)
        due, waits = [], []
        for message in reversed(messages):  # what was said last is wanted first
            source = self._source(message, row.locale, holder)
            if source is None or native(source) in to.speaks or source == to.language:
                continue
            wait = _wait(known.get(message.seq, {}).get(to.language, []))
            if wait == 0:
                due.append(_Due(message.seq, message.text, source))
            elif wait is not None:
                waits.append(wait)
        names = (await client_of(session, conversation)).name, agent.name if agent else None
        return _Work(row.last_seq, to.language, tuple(due), _parts(names), min(waits, default=None))

    def _source(self, message: log.Message, spoken: str, holder: str | None) -> str | None:
        """The language of a message; None where it needs no translation at the desk."""
        if message.author == "system" or message.payload.get("original"):
            return None
        if message.author == "agent" and message.payload.get("agent") == holder:
            return None  # they wrote it themselves
        if message.author == "bot" or message.payload.get("button"):
            return message.language
        return language_of(message.text, spoken, self._detector)


def _parts(names: Iterable[str | None]) -> tuple[str, ...]:
    """Names, whole and in parts: a client signs with one of them."""
    parts = [part for name in names if name for part in (name, *name.split()) if len(part) > 2]
    return tuple(dict.fromkeys(parts))[:_MOST_NAMES]


async def of_messages(
    session: AsyncSession, conversation: str, first: int
) -> dict[int, dict[str, list[JsonDict]]]:
    """All translations of the messages from number `first` on, by message and language.

    Each is the event's payload and its time as `at`, oldest first; the last one counts.
    """
    rows = await session.execute(
        sa.select(Event.payload, Event.at)
        .where(Event.conversation_id == conversation, Event.kind == TRANSLATION, Event.seq > first)
        .order_by(Event.seq)
    )
    found: dict[int, dict[str, list[JsonDict]]] = {}
    for payload, at in rows:
        of = found.setdefault(int(payload["of"]), {})
        of.setdefault(payload["language"], []).append({**payload, "at": at})
    return found


def _wait(tried: list[JsonDict]) -> float | None:
    """Seconds until a message should be tried (again); None for never."""
    if not tried:
        return 0
    last = tried[-1]
    if last["failure"] not in TEMPORARY or len(tried) > len(_AGAIN_AFTER):
        return None
    due = last["at"] + dt.timedelta(seconds=_AGAIN_AFTER[len(tried) - 1])
    return max(0.0, float((due - now()).total_seconds()))


async def _append(
    session: AsyncSession,
    conversation: str,
    target: str,
    results: Collection[tuple[_Due, Translated]],
) -> None:
    """Put translations into the log, but none that another process has put there meanwhile."""
    if not results:
        return
    # Taken first: it locks the conversation's row, so that a racing process waits and is seen.
    seq = await log.next_seq(session, conversation)
    known = await of_messages(session, conversation, min(due.seq for due, _ in results))
    for due, result in results:
        if _wait(known.get(due.seq, {}).get(target, [])) != 0:
            continue
        content = {
            "of": due.seq,
            "from": due.source,
            "language": target,
            "text": None if result.failure else result.text,
            "by": result.by,
            "failure": result.failure,
        }
        log.add(session, conversation, seq, TRANSLATION, content)
        await session.flush()
        seq = await log.next_seq(session, conversation)
    await log.give_back(session, conversation, seq)

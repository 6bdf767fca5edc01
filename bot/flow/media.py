"""Fetches what clients send on messengers: pictures and PDFs that stay there until asked for.

A message stands in the log when it comes, in its place; its `remote_file` row is made in the same
transaction, so a crash loses none, and what a dead process had begun is taken up (`liveness`). Once
fetched, looked at and cleaned like those of the widget, the files join the message, and the row
goes. What cannot be had the client is told, in words.
"""

import datetime as dt
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

import anyio
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import uploads
from bot.channels.contract import Channel, Fetching, Later, Never, Remote
from bot.conversations import files, log, ownership
from bot.conversations.models import Conversation, Event, RemoteFile
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database, JsonDict, now
from bot.flow import notices
from bot.flow.pace import backoff
from bot.flow.taking import Taker
from bot.settings import Settings

FETCHED = "fetched"
"""The kind of the event that says a message's files have come: {of, files}."""

_AT_ONCE = 4  # messages, in one process
_LONGEST = 100.0  # seconds for all files of a message
_LEASE = dt.timedelta(seconds=_LONGEST + 20)
_MOST_ATTEMPTS = 8  # over about ten minutes, while a platform cannot be reached
_LOST = "channel.not_fetched"

_logger = structlog.get_logger(__name__)


async def announce(
    session: AsyncSession, conversation: Conversation, seq: int, remote: Sequence[Remote]
) -> None:
    """Have a message's files fetched; in the transaction of the message."""
    sources = [
        {"at": each.at, "name": each.name, "kind": each.kind, "size": each.size} for each in remote
    ]
    session.add(
        RemoteFile(
            conversation_id=conversation.id,
            seq=seq,
            channel=conversation.channel,
            sources=sources,
        )
    )


class Fetches(Taker):
    """Fetches what is due, in the background.

    Args:
        channels: those that are on. What is due on others waits until they are.
        holder: this process's number.
    """

    def __init__(
        self,
        db: Database,
        wake: Wake,
        channels: Mapping[str, Channel],
        settings: Settings,
        holder: int,
    ) -> None:
        super().__init__(wake, _AT_ONCE)
        self._db = db
        self._channels = {
            name: channel for name, channel in channels.items() if hasattr(channel, "fetch")
        }
        self._megabytes = settings.attachment_mb
        self._holder = holder

    async def _take(self, most: int) -> Mapping[tuple[str, int], Coroutine[Any, Any, None]]:
        moment = now()
        query = (
            sa.select(RemoteFile)
            .where(RemoteFile.due_at <= moment, RemoteFile.channel.in_(list(self._channels)))
            .order_by(RemoteFile.due_at)
            .limit(most)
        )
        async with self._db.reading() as session:
            # A writing transaction is only begun when there is something to take.
            if (await session.execute(query.with_only_columns(RemoteFile.seq))).first() is None:
                return {}
        async with self._db.transaction() as session:
            rows = await session.execute(query.with_for_update(skip_locked=True))
            taken = list(rows.scalars())
            for row in taken:
                row.due_at, row.attempts = moment + _LEASE, row.attempts + 1
                row.holder = self._holder
        return {(row.conversation_id, row.seq): self._fetch(row) for row in taken}

    async def _fetch(self, row: RemoteFile) -> None:
        """Fetch a message's files, and put them into it."""
        channel: Fetching = self._channels[row.channel]  # type: ignore[assignment]  # has `fetch`
        ready: list[files.Prepared] = []
        told: str | None = None
        try:
            try:
                with anyio.fail_after(_LONGEST):
                    for source in row.sources[: files.MOST_IN_A_MESSAGE]:
                        try:
                            ready.append(await self._prepared(channel, source))
                        except files.Unfit as unfit:
                            told = f"error.{unfit.code}"
                if len(row.sources) > files.MOST_IN_A_MESSAGE:
                    told = "error.file_many"
            except (Later, TimeoutError) as later:
                if row.attempts < _MOST_ATTEMPTS:
                    await self._put_off(row, later)
                    return
                told = _LOST
            except Never as never:
                _logger.warning("a file cannot be fetched", channel=row.channel, why=str(never))
                told = _LOST
            # The boundary of a message's files: our own fault ends here, and the client is told.
            except Exception:
                _logger.exception("a file could not be taken", channel=row.channel)
                told = _LOST
            await self._join(row, ready, told)
        # The database was away: whoever looks next takes it up, at the latest after its lease.
        except sa.exc.DBAPIError:
            _logger.exception("fetching a file was interrupted", channel=row.channel)

    async def _prepared(self, channel: Fetching, source: JsonDict) -> files.Prepared:
        most = self._megabytes * 1024 * 1024
        if source["kind"] is not None and source["kind"] not in files.KINDS:
            raise files.Unfit("file_type")
        if (source["size"] or 0) > most:
            raise files.Unfit("file_large")
        content = await channel.fetch(source["at"], most)
        return await uploads.looked_at(content, source["name"], self._megabytes)

    async def _put_off(self, row: RemoteFile, why: Exception) -> None:
        wait = backoff(row.attempts, why.after if isinstance(why, Later) else None)
        _logger.info(
            "a file is fetched again later",
            channel=row.channel, why=str(why) or "it takes too long", seconds=round(wait, 1),
        )  # fmt: skip
        async with self._db.transaction() as session:
            mine = await self._mine(session, row)
            if mine is not None:
                mine.due_at, mine.holder = now() + dt.timedelta(seconds=wait), None

    async def _mine(self, session: AsyncSession, row: RemoteFile) -> RemoteFile | None:
        """The row as it stands, if it is still ours: after its lease it may be another's."""
        found = await session.get(
            RemoteFile, (row.conversation_id, row.seq), with_for_update=True, populate_existing=True
        )
        return found if found is not None and found.attempts == row.attempts else None

    async def _join(
        self, row: RemoteFile, ready: Sequence[files.Prepared], told: str | None
    ) -> None:
        """Put what came into its message, and say what did not."""
        async with self._db.transaction() as session:
            # Taken first: it locks the conversation's row, as whoever edits or deletes does.
            seq = await log.next_seq(session, row.conversation_id)
            mine = await self._mine(session, row)
            if mine is None:
                await log.give_back(session, row.conversation_id, seq)
                return
            await session.delete(mine)
            event = await session.get(Event, (row.conversation_id, row.seq), populate_existing=True)
            gone = event.kind != log.MESSAGE or event.payload.get("deleted")
            if gone or not (ready or told):
                await log.give_back(session, row.conversation_id, seq)
                return
            conversation = await session.get(
                Conversation, row.conversation_id, populate_existing=True
            )
            kept: list[JsonDict] = []
            for each in ready:
                try:
                    file = await files.keep(session, conversation.id, files.CLIENT, each)
                except files.Unfit as unfit:
                    told = f"error.{unfit.code}"
                    break
                file.seq = event.seq
                kept.append(files.described(file))
            content: JsonDict = {"of": event.seq, "files": len(kept)}
            log.add(session, conversation.id, seq, FETCHED, content)
            silent = bool(event.payload.get("silent"))
            if kept:
                event.payload = _with(event.payload, kept, conversation)
            if told:
                await notices.tell_once(session, conversation, told)
            elif silent and conversation.owner == ownership.BOT:
                await notices.tell_kept(session, conversation)
        self._wake.call(conversation_topic(row.conversation_id), DESK)


def _with(payload: JsonDict, kept: list[JsonDict], conversation: Conversation) -> JsonDict:
    """A message that holds its files; the word that stood for them makes room."""
    bare = payload.get("silent") and not payload.get("edited")
    words = (
        {"text": conversation.voice.say(files.word_for(kept)), "captionless": True} if bare else {}
    )
    rest = {key: value for key, value in payload.items() if key != "media"}
    return {**rest, "attachments": kept, **words}

"""Where channels bring what they heard: finds the conversation, and writes it down.

Everything here happens before a platform is answered, in short transactions; whatever raises
makes the platform repeat itself.
"""

import asyncio
import dataclasses
import hashlib
import re
import time
import weakref
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import uploads
from bot.channels.contract import (
    Channel,
    Deleted,
    Edited,
    Inbound,
    Inbox,
    Left,
    Noted,
    Receipt,
    Refused,
    Said,
    Update,
)
from bot.channels.errors import ApiError
from bot.channels.limits import Rates
from bot.channels.widget.bodies import known_zone
from bot.channels.widget.conversations import territory_of
from bot.channels.widget.identify import BadIdentity, person_of, verified
from bot.conversations import files, identities, linking, log
from bot.conversations.models import Client, Conversation, Event, Identity
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database, JsonDict, new_id, storable
from bot.flow import changes, delivery, pulled
from bot.languages.belief import Belief
from bot.languages.locales import negotiate
from bot.settings import Settings

_PLAIN_ID = re.compile(r"[\w.:@=-]{1,64}", re.ASCII)
_LONGEST_ADDRESS = 200
_EARLY_SECONDS = 2.0  # how long one that came too early waits for those before it
_LOOK_SECONDS = 0.1
_LOOK_BACK = 20  # messages

_logger = structlog.get_logger(__name__)


class ChannelDoor:
    """Implements `bot.channels.contract.Door`."""

    def __init__(self, db: Database, inbox: Inbox, wake: Wake, settings: Settings) -> None:
        self._db = db
        self._inbox = inbox
        self._wake = wake
        self._settings = settings
        self._rates = Rates()
        self._name = new_id()
        self._told: dict[str, float] = {}
        self._order: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def take(self, channel: Channel, update: Update) -> bool:
        """See `bot.channels.contract.Door.take`."""
        update = _storable(update)
        if isinstance(update, Receipt):
            return await self._receipt(channel, update)
        if isinstance(update, Said) and update.number is not None and update.number > 1:
            await self._wait_for_those_before(channel, update.address, update.number)
        # One address after the other: what arrives together stays in the order it came in.
        key = f"{channel.name}:{update.address}"
        lock = self._order.get(key)
        if lock is None:
            lock = self._order[key] = asyncio.Lock()
        async with lock:
            if isinstance(update, Said):
                return await self._said(channel, update)
            if isinstance(update, Noted):
                return await self._noted(channel, update)
            return await self._changed(channel, update)

    async def mine(self, channel: Channel, seconds: float) -> bool:
        """See `bot.channels.contract.Door.mine`."""
        async with self._db.transaction() as session:
            return await pulled.hold(session, channel.name, self._name, seconds)

    async def recall(self, channel: Channel) -> JsonDict:
        """See `bot.channels.contract.Door.recall`."""
        async with self._db.reading() as session:
            return await pulled.recall(session, channel.name)

    async def remember(self, channel: Channel, state: JsonDict) -> None:
        """See `bot.channels.contract.Door.remember`."""
        async with self._db.transaction() as session:
            await pulled.remember(session, channel.name, state)

    async def whose(self, channel: Channel, id: str) -> str | None:
        """See `bot.channels.contract.Door.whose`."""
        async with self._db.reading() as session:
            return await pulled.whose(session, channel.name, id)

    async def _said(self, channel: Channel, said: Said) -> bool:
        conversation = await self._conversation(channel, said)
        message_id = stored_id(said.id)
        if not await self._may_write(channel, conversation):
            return False
        if said.identity is not None:
            await self._vouch(conversation, said.identity)
        via = {**(said.via or {}), **({"number": said.number} if said.number else {})}
        kept, unfit = await self._keep(conversation, message_id, said)
        media = said.media
        if unfit and not (kept or media or (said.text or "").strip()):
            media = "file"
        takes = bool(self._settings.attachment_mb)
        closed = dataclasses.replace(channel.limits, opens=False)
        try:
            accepted = await self._inbox.accept(
                Inbound(
                    conversation,
                    message_id,
                    text=said.text,
                    payload=said.payload,
                    media=media,
                    files=kept,
                    remote=said.remote if takes else (),
                    via=via or None,
                    limits=channel.limits if takes else closed,
                    proven=said.proven,
                )
            )
        except Refused as refused:
            if refused.code != "empty":  # nothing to see, so nothing to say
                await self._tell(conversation, refused.code)
            return False
        if unfit and media == said.media and not accepted.repeated:
            await self._tell(conversation, unfit)
        return not accepted.repeated

    async def _keep(
        self, conversation: str, message_id: str, said: Said
    ) -> tuple[tuple[str, ...], str | None]:
        """Keep the files of a message; gives their ids, and why one was not taken, if so."""
        unfit: str | None = None
        kept: list[str] = []
        if not said.files:
            return (), None
        async with self._db.reading() as session:
            if await log.find(session, conversation, "client", message_id) is not None:
                return (), None
        for file in said.files:
            try:
                if len(kept) == files.MOST_IN_A_MESSAGE:
                    raise files.Unfit("file_many")
                ready = await uploads.looked_at(
                    file.content, file.name, self._settings.attachment_mb
                )
                async with self._db.transaction() as session:
                    kept.append((await files.keep(session, conversation, files.CLIENT, ready)).id)
            except files.Unfit as error:
                unfit = error.code
        return tuple(kept), unfit

    async def _noted(self, channel: Channel, noted: Noted) -> bool:
        """Show people what a machine wrote under a client's address, if there is a conversation."""
        async with self._db.transaction() as session:
            conversation = await identities.newest(session, channel.name, noted.address)
            if conversation is None:
                return False
            seq = await log.next_seq(session, conversation)
            # No author's: neither a message of the client nor one that anybody has to be sent.
            of = stored_id(noted.id)
            if await pulled.noted(session, conversation, of):
                await log.give_back(session, conversation, seq)
                return False
            content: JsonDict = {"text": noted.text, "automatic": True, "of": of}
            log.add(session, conversation, seq, "note", content)
        self._wake.call(conversation_topic(conversation), DESK)
        return True

    async def _vouch(self, conversation: str, token: str) -> None:
        """Make the client the person that the shop's token names."""
        if not self._settings.widget_secret:
            raise ApiError(403, "identify_off")
        try:
            person = person_of(token, self._settings.widget_secret)
        except BadIdentity as error:
            raise ApiError(403, "bad_identity") from error
        async with self._db.transaction() as session:
            known = await verified(session, person)
            here = await identities.client_of(session, conversation)
            if await linking.merge(session, known, here) is None:
                raise ApiError(409, "other_person")

    async def _may_write(self, channel: Channel, conversation: str) -> bool:
        """Whether the sender keeps within the rate; one who does not is told."""
        try:
            await self._rates.check("messages", conversation, self._settings.messages_per_minute)
        except ApiError as error:
            if getattr(channel, "pushes_back", False):
                raise
            _logger.warning("a sender writes too much", channel=channel.name)
            await self._tell(conversation, error.code)
            return False
        return True

    async def _conversation(self, channel: Channel, said: Said) -> str:
        """The conversation with an address, opened now if this is its first message."""
        address = said.address[:_LONGEST_ADDRESS]
        async with self._db.reading() as session:
            found = await identities.newest(session, channel.name, address)
        if found is None and (introduce := getattr(channel, "introduce", None)):
            said = await introduce(said)
        for last in (False, True):
            if found is not None:
                break
            try:
                async with self._db.transaction() as session:
                    found = await self._open(session, channel.name, address, said)
            except sa.exc.IntegrityError:
                # Another message of the same client was faster: now its rows are to be found.
                if last:
                    raise
        assert found is not None
        return found

    async def _open(self, session: AsyncSession, channel: str, address: str, said: Said) -> str:
        of = await identities.identity(session, channel, address)
        await session.execute(sa.select(Identity.id).where(Identity.id == of.id).with_for_update())
        found = await identities.newest(session, channel, address)
        if found is not None:
            return found
        client = await session.get(Client, of.client_id)
        client.name = client.name or (said.name or "").strip()[:120] or None
        wished = client.preferred_language or said.language
        spoken = negotiate([wished]) if wished else None
        conversation, _ = await identities.open_conversation(
            session,
            of,
            locale=spoken or self._settings.default_locale,
            belief=Belief.starting(spoken).to_json(),
            territory=territory_of(said.language),
            time_zone=known_zone(said.time_zone) or client.time_zone,
        )
        return str(conversation.id)

    async def _wait_for_those_before(self, channel: Channel, address: str, number: int) -> None:
        """Give messages that were sent earlier and arrive later a moment to do so."""
        until = time.monotonic() + _EARLY_SECONDS
        while time.monotonic() < until:
            async with self._db.reading() as session:
                rows = await session.execute(
                    sa.select(Event.payload["via", "number"].as_integer())
                    .join(Conversation, Conversation.id == Event.conversation_id)
                    .join(Identity, Identity.id == Conversation.identity_id)
                    .where(
                        Identity.channel == channel.name,
                        Identity.address == address,
                        Event.kind == log.MESSAGE,
                        Event.author == "client",
                    )
                    .order_by(Event.seq.desc())
                    .limit(_LOOK_BACK)
                )
            if any(known is not None and known >= number - 1 for known in rows.scalars()):
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def _changed(self, channel: Channel, update: Edited | Deleted | Left) -> bool:
        async with self._db.reading() as session:
            conversation = await identities.newest(session, channel.name, update.address)
        if conversation is None:
            return False
        if isinstance(update, Edited):
            again = await changes.edit(self._db, conversation, stored_id(update.id), update)
            if again is not None and await self._may_write(channel, conversation):
                await self._inbox.accept(
                    Inbound(conversation, again, text=update.text, limits=channel.limits)
                )
        elif isinstance(update, Deleted):
            await changes.delete(self._db, conversation, stored_id(update.id))
        else:
            async with self._db.transaction() as session:
                await delivery.give_up(session, conversation, update.reason)
        self._wake.call(conversation_topic(conversation), DESK)
        return True

    async def _receipt(self, channel: Channel, receipt: Receipt) -> bool:
        async with self._db.transaction() as session:
            conversation = await delivery.note(session, channel.name, receipt)
        if conversation is not None:
            self._wake.call(conversation_topic(conversation), DESK)
        return conversation is not None

    async def _tell(self, conversation: str, code: str) -> None:
        """Tell a client why their message was not taken, once a minute."""
        moment = time.monotonic()
        self._told = {who: at for who, at in self._told.items() if at > moment - 60}
        if f"{conversation}:{code}" in self._told:
            return
        self._told[f"{conversation}:{code}"] = moment
        async with self._db.transaction() as session:
            row = await session.get(Conversation, conversation)
            text = row.voice.say(f"error.{code}")
            await log.say(session, conversation, "system", text, row.locale, notice=code)
        self._wake.call(conversation_topic(conversation), DESK)


def stored_id(given: str) -> str:
    """A platform's id of a message as the log keeps it: a digest where it is long or unusual."""
    if _PLAIN_ID.fullmatch(given):
        return given
    return hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()


def _storable(update: Update) -> Update:
    """The update with its words as a database can hold them, whatever a platform lets through."""
    words = {
        field.name: value
        for field in dataclasses.fields(update)
        if isinstance(value := getattr(update, field.name), str)
    }
    clean: dict[str, Any] = {name: storable(value) for name, value in words.items()}
    return update if clean == words else dataclasses.replace(update, **clean)

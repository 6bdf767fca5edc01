"""A database, the whole way of a message through a channel, and a platform to send to."""

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from bot.channels import errors, hooks
from bot.channels.contract import Hook, Hooked
from bot.conversations import files, log
from bot.conversations.log import Message
from bot.conversations.models import Conversation, Delivery, Event, Identity, RemoteFile
from bot.conversations.wake import Wake
from bot.db import Database, now
from bot.engine.turn import Button, Outcome, Reply, Turn
from bot.flow.delivery import Deliveries
from bot.flow.door import ChannelDoor
from bot.flow.inbox import MessageInbox
from bot.flow.media import Fetches
from bot.flow.turn import Turns
from bot.languages.detect import detector
from bot.settings import Settings
from tests.channels.fake import FakePlatform
from tests.channels.kits import KITS, Kit
from tests.channels.mail import Dovecot, Post, letter
from tests.channels.mail import channel as mail_channel


class EchoEngine:
    """Stands in for Rasa where only the way there and back is looked at."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.buttons: tuple[Button, ...] = ()

    async def handle(self, turn: Turn, deadline: float) -> Outcome:
        self.turns.append(turn)
        await asyncio.sleep(0)
        reply = Reply(f"re: {turn.text or turn.intent}", turn.locale, self.buttons)
        return Outcome((reply,), (), {"turns": [turn.text]}, "question", 1.0)


@dataclass
class Line:
    """One channel from webhook to answer."""

    kit: Kit
    channel: Hooked
    platform: FakePlatform
    db: Database
    http: httpx.AsyncClient
    turns: Turns
    deliveries: Deliveries
    fetches: Fetches
    engine: EchoEngine

    def sent(self) -> list[dict[str, Any]]:
        """The messages that the platform was sent, in order."""
        return self.platform.sent(self.kit.path)

    async def post(self, content: dict[str, Any]) -> httpx.Response:
        """Post what the platform would, signed by it."""
        return await self.raw(self.kit.sign(content))

    async def raw(self, hook: Hook) -> httpx.Response:
        path = f"/api/channels/{self.channel.name}"
        return await self.http.post(path, content=hook.body, headers=dict(hook.headers))

    async def work(self) -> None:
        """Take the turns that are due and send what is due, until there is nothing left to do."""
        worker = asyncio.create_task(self.turns.work())
        try:
            with anyio.fail_after(60):
                while await self._waiting():  # noqa: ASYNC110  (the database is asked)
                    await asyncio.sleep(0.01)
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        await self.send()

    async def fetch(self) -> None:
        """Fetch what is due now."""
        while await self.fetches.look():
            await self.fetches.idle()

    async def send(self) -> None:
        """Send what is due now, but not what waits for its time."""
        while await self.deliveries.look():
            await self.deliveries.idle()

    async def _waiting(self) -> bool:
        async with self.db.reading() as session:
            rows = (await session.execute(sa.select(Conversation))).scalars().all()
            return any(c.owner == "bot" and c.client_seq > c.handled_seq for c in rows)

    async def conversation(self, address: str) -> Conversation:
        async with self.db.reading() as session:
            found = await session.execute(
                sa.select(Conversation).join(Identity).where(Identity.address == address)
            )
            return found.scalar_one()

    async def messages(self, address: str) -> list[Message]:
        conversation = await self.conversation(address)
        async with self.db.reading() as session:
            return await log.messages(session, conversation.id)

    async def answer(self, address: str, text: str, brought: list[tuple[str, bytes]]) -> None:
        """As if an agent wrote and attached files."""
        conversation = (await self.conversation(address)).id
        async with self.db.transaction() as session:
            kept = [
                await files.keep(session, conversation, "agent:a", files.prepare(content, name))
                for name, content in brought
            ]
            ids, seq = [row.id for row in kept], await log.next_seq(session, conversation)
            taken = await files.take(session, conversation, "agent:a", ids, seq)
            said: dict[str, Any] = {"text": text or "[File]", "name": "Asha", "attachments": taken}
            if not text:
                said["captionless"] = True
            log.add(session, conversation, seq, log.MESSAGE, said, "agent", f"a{seq}")

    async def events(self, kind: str) -> list[dict[str, Any]]:
        async with self.db.reading() as session:
            rows = await session.execute(
                sa.select(Event.payload).where(Event.kind == kind).order_by(Event.seq)
            )
            return list(rows.scalars())

    async def states(self) -> list[tuple[str, str | None]]:
        async with self.db.reading() as session:
            rows = await session.execute(sa.select(Delivery).order_by(Delivery.seq))
            return [(row.state, row.reason) for row in rows.scalars()]

    async def due_now(self) -> None:
        """As if what is put off had waited long enough."""
        async with self.db.transaction() as session:
            past = now() - dt.timedelta(minutes=1)
            for what in (Delivery, RemoteFile):
                change = sa.update(what).values(due_at=past)
                await session.execute(change.execution_options(synchronize_session=False))


@dataclass
class MailLine(Line):
    """The same with mails: put into a mailbox and fetched from there, answered to a mail server."""

    dovecot: Dovecot
    user: str
    door: ChannelDoor
    fetching: asyncio.Lock

    async def post(self, content: dict[str, Any]) -> httpx.Response:
        number = content["id"]
        headers = {"Message_ID": f"<{number}@example.com>", "Content_Language": "bn"}
        raw = letter(content["text"], content["from"], **headers)
        if content.get("sealed"):
            raw = raw.replace(b"text/plain", b"application/pkcs7-mime")
        async with self.fetching:
            await self.put(raw)
        return httpx.Response(200)

    async def put(self, raw: bytes) -> None:
        """One mail comes, and is fetched."""
        await asyncio.to_thread(self.dovecot.put, self.user, raw)
        while await self.channel.look(self.door):  # type: ignore[attr-defined]
            pass

    async def conversation(self, address: str) -> Conversation:
        return await super().conversation(f"{address}@example.com")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    server = Dovecot()
    yield server
    server.close()


@pytest.fixture
def post(dovecot: Dovecot) -> Iterator[Post]:
    server = Post(dovecot.certified)
    yield server
    server.close()


@pytest.fixture
def user() -> str:
    """A mailbox of one's own."""
    return f"u{uuid.uuid4().hex}"


@pytest.fixture
def platform() -> Iterator[FakePlatform]:
    with FakePlatform().running() as running:
        yield running


@pytest.fixture(params=KITS, ids=lambda kit: kit.name)
def kit(request: pytest.FixtureRequest) -> Kit:
    found: Kit = request.param
    return found


@pytest.fixture(params=["sqlite", "postgres"])
async def line(
    request: pytest.FixtureRequest, kit: Kit, platform: FakePlatform
) -> AsyncIterator[Line]:
    db = Database(request.getfixturevalue(f"{request.param}_tables"))
    settings = Settings(messages_per_minute=100, widget_secret="the shop's own secret, quite long")  # type: ignore[call-arg]
    wake, engine = Wake(), EchoEngine()
    if kit.name == "email":
        dovecot, post, user = map(request.getfixturevalue, ("dovecot", "post", "user"))
        channel = mail_channel(dovecot, post, user)
    else:
        channel = kit.channel(platform)
    turns = Turns(db, engine, wake, settings)  # type: ignore[arg-type]
    inbox = MessageInbox(db, detector("setu"), wake, turns.due)
    app = FastAPI()
    errors.install(app)
    channels = {channel.name: channel}
    door = ChannelDoor(db, inbox, wake, settings)
    app.include_router(hooks.router(channels, door))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://setu") as http:
        deliveries = Deliveries(db, wake, channels, holder=1)
        fetches = Fetches(db, wake, channels, settings, holder=1)
        if kit.name == "email":
            await channel.look(door)  # a mailbox counts from the first look on
            yield MailLine(
                kit, channel, post, db, http, turns, deliveries, fetches, engine,
                dovecot, user, door, asyncio.Lock(),
            )  # fmt: skip
        else:
            yield Line(kit, channel, platform, db, http, turns, deliveries, fetches, engine)
        await deliveries.idle()
    await channel.close()
    await db.dispose()

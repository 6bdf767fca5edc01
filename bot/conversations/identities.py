"""Clients and their identities, and the conversations they open."""

import datetime as dt
import hashlib
import secrets

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.models import Client, Conversation, Identity
from bot.db import Database, JsonDict, new_id, now

_SEEN_EVERY = dt.timedelta(seconds=30)


def hash_token(token: str) -> str:
    """What is stored of a bearer token: SHA-256, enough for a random 256-bit secret."""
    return hashlib.sha256(token.encode()).hexdigest()


async def identity(session: AsyncSession, channel: str, address: str) -> Identity:
    """The identity at this address, made with a client of its own when it is new."""
    row = await session.execute(
        sa.select(Identity).where(Identity.channel == channel, Identity.address == address)
    )
    found: Identity | None = row.scalar_one_or_none()
    if found is None:
        client = Client(id=new_id())
        session.add(client)
        await session.flush()
        found = Identity(channel=channel, address=address, client_id=client.id)
        session.add(found)
        await session.flush()
    return found


async def newest(session: AsyncSession, channel: str, address: str) -> str | None:
    """The conversation with this address, the newest where there are several; None if none."""
    row = await session.execute(
        sa.select(Conversation.id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(Identity.channel == channel, Identity.address == address)
        .order_by(Conversation.created_at.desc())
        .limit(1)
    )
    found: str | None = row.scalar_one_or_none()
    return found


async def client_of(session: AsyncSession, conversation: str) -> Client:
    """The client a conversation is with."""
    row = await session.execute(
        sa.select(Client)
        .join(Identity, Identity.client_id == Client.id)
        .join(Conversation, Conversation.identity_id == Identity.id)
        .where(Conversation.id == conversation)
    )
    client: Client = row.scalar_one()
    return client


async def open_conversation(
    session: AsyncSession,
    of: Identity,
    *,
    locale: str,
    belief: JsonDict,
    territory: str | None = None,
    time_zone: str | None = None,
    page: str | None = None,
) -> tuple[Conversation, str]:
    """A new conversation and the bearer token that alone opens it.

    Only the token's hash is kept, so it can be given out this once.
    """
    token = secrets.token_urlsafe(32)
    conversation = Conversation(
        id=new_id(),
        identity_id=of.id,
        channel=of.channel,
        token_hash=hash_token(token),
        locale=locale,
        territory=territory,
        belief=belief,
        time_zone=time_zone,
        page=page,
    )
    session.add(conversation)
    await session.flush()
    return conversation, token


async def seen(db: Database, conversation: str) -> None:
    """Write down, at most twice a minute, that the client is looking."""
    moment = now()
    async with db.reading() as session:
        found = await session.execute(
            sa.select(Conversation.seen_at).where(Conversation.id == conversation)
        )
        before = found.scalar_one_or_none()
    if before is not None and moment - before < _SEEN_EVERY:
        return
    async with db.transaction() as session:
        await session.execute(
            sa.update(Conversation)
            .where(Conversation.id == conversation)
            .values(seen_at=moment)
            .execution_options(synchronize_session=False)
        )


async def by_token(session: AsyncSession, conversation: str, token: str) -> Conversation | None:
    """The conversation if the token is its own; None otherwise, without saying which failed."""
    found: Conversation | None = await session.get(Conversation, conversation)
    if found is None or not secrets.compare_digest(found.token_hash, hash_token(token)):
        return None
    return found

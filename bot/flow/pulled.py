"""What pulled channels keep between two looks: how far they came, and which process looks."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.models import Conversation, Delivery, Event, Fetched, Identity
from bot.db import JsonDict, now

_LOOK_BACK = 50  # notes


async def hold(session: AsyncSession, channel: str, process: str, seconds: float) -> bool:
    """Make this process the one that fetches for a channel, unless another is just now."""
    moment = now()
    if await session.get(Fetched, channel, with_for_update=True) is None:
        session.add(Fetched(channel=channel, state={}))
        await session.flush()
    held = await session.execute(
        sa.update(Fetched)
        .where(
            Fetched.channel == channel,
            sa.or_(
                Fetched.holder == process,
                Fetched.held_until.is_(None),
                Fetched.held_until < moment,
            ),
        )
        .values(holder=process, held_until=moment + dt.timedelta(seconds=seconds))
        .execution_options(synchronize_session=False)
    )
    return bool(held.rowcount == 1)


async def recall(session: AsyncSession, channel: str) -> JsonDict:
    """What was remembered last; empty if nothing was."""
    row = await session.get(Fetched, channel)
    return {} if row is None else dict(row.state)


async def remember(session: AsyncSession, channel: str, state: JsonDict) -> None:
    """Remember how far a channel came."""
    row = await session.get(Fetched, channel, with_for_update=True)
    if row is None:
        session.add(Fetched(channel=channel, state=state))
    else:
        row.state = state


async def whose(session: AsyncSession, channel: str, external: str) -> str | None:
    """The address of the client who was sent a message, by the platform's id of it."""
    found: str | None = await session.scalar(
        sa.select(Identity.address)
        .join(Conversation, Conversation.identity_id == Identity.id)
        .join(Delivery, Delivery.conversation_id == Conversation.id)
        .where(Delivery.channel == channel, Delivery.external_id == external)
        .limit(1)
    )
    return found


async def noted(session: AsyncSession, conversation: str, id: str) -> bool:
    """Whether something that a machine wrote is among the latest notes already."""
    rows = await session.execute(
        sa.select(Event.payload)
        .where(Event.conversation_id == conversation, Event.kind == "note")
        .order_by(Event.seq.desc())
        .limit(_LOOK_BACK)
    )
    return any(payload.get("of") == id for payload in rows.scalars())

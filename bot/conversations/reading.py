"""Who has read how far: so an agent sees that an answer was seen, and what is new to them."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.models import Conversation, ReadMark
from bot.db import now

CLIENT = "client"
"""The reader at the other end; agents are `ownership.agent_owner`."""


async def mark(session: AsyncSession, conversation: str, reader: str, seq: int) -> bool:
    """Note that `reader` has read up to `seq`, never further than the log goes, never back.

    Returns:
        Is that news?
    """
    last = await session.execute(
        sa.select(Conversation.last_seq).where(Conversation.id == conversation)
    )
    upto = min(seq, last.scalar_one_or_none() or 0)
    if upto <= 0:
        return False
    where = (ReadMark.conversation_id == conversation, ReadMark.reader == reader)
    moved = await session.execute(
        sa.update(ReadMark)
        .where(*where, ReadMark.seq < upto)
        .values(seq=upto, at=now())
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount:
        return True
    if (await session.execute(sa.select(ReadMark.seq).where(*where))).first() is not None:
        return False
    session.add(ReadMark(conversation_id=conversation, reader=reader, seq=upto))
    await session.flush()
    return True


async def read_by(session: AsyncSession, conversation: str, reader: str) -> ReadMark | None:
    """How far `reader` has read; None where they never did."""
    found = await session.execute(
        sa.select(ReadMark)
        .where(ReadMark.conversation_id == conversation, ReadMark.reader == reader)
        .execution_options(populate_existing=True)
    )
    return found.scalar_one_or_none()  # type: ignore[no-any-return]

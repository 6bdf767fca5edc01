"""Writes down what agents read and do."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import now
from bot.desk.models import Audit

_SAME_READ = dt.timedelta(minutes=15)


def note(
    session: AsyncSession,
    agent: str | None,
    action: str,
    conversation: str | None = None,
    /,
    **details: Any,
) -> None:
    """One action, in the transaction that does it."""
    session.add(Audit(agent_id=agent, action=action, conversation_id=conversation, details=details))


async def already_read(session: AsyncSession, agent: str, conversation: str) -> bool:
    """Whether this agent's reading of a conversation was written down within a quarter hour.

    An open page fetches what is new many times a minute; that is one reading.
    """
    found = await session.execute(
        sa.select(Audit.id)
        .where(
            Audit.agent_id == agent,
            Audit.conversation_id == conversation,
            Audit.action == "read",
            Audit.at > now() - _SAME_READ,
        )
        .limit(1)
    )
    return found.first() is not None

"""The audit log as admins read it: who read which conversation, who did what, filtered."""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import JsonDict
from bot.desk.models import Audit
from bot.handoff.models import Agent

PAGE = 100


@dataclasses.dataclass(frozen=True)
class Filter:
    """What is looked for; an empty field is any. `before` is where an earlier page ended."""

    agent: str = ""
    conversation: str = ""
    action: str = ""
    before: str = ""


@dataclasses.dataclass(frozen=True)
class Line:
    """One thing that was read or done. `agent` is None for the program and the command line."""

    id: str
    at: dt.datetime
    agent_id: str | None
    agent: str | None
    action: str
    conversation: str | None
    details: JsonDict


async def lines(session: AsyncSession, wanted: Filter) -> list[Line]:
    """The newest lines that fit, one more than a page: the last says that there are older ones."""
    query = (
        sa.select(Audit, Agent.name)
        .outerjoin(Agent, Agent.id == Audit.agent_id)
        .order_by(Audit.at.desc(), Audit.id.desc())
        .limit(PAGE + 1)
    )
    if wanted.agent:
        query = query.where(Audit.agent_id == wanted.agent)
    if wanted.conversation:
        query = query.where(Audit.conversation_id == wanted.conversation)
    if wanted.action:
        query = query.where(Audit.action == wanted.action)
    last = await session.get(Audit, wanted.before) if wanted.before else None
    if last is not None:
        query = query.where(
            sa.or_(Audit.at < last.at, sa.and_(Audit.at == last.at, Audit.id < last.id))
        )
    found = await session.execute(query)
    return [
        Line(row.id, row.at, row.agent_id, name, row.action, row.conversation_id, row.details or {})
        for row, name in found
    ]


async def actions(session: AsyncSession) -> list[str]:
    """Every kind of line there is."""
    found = await session.execute(sa.select(Audit.action).distinct().order_by(Audit.action))
    return list(found.scalars())

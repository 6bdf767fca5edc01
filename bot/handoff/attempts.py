"""Tries to sign in, counted in the database: all processes together let no more through."""

import datetime as dt
import math
from collections.abc import Sequence

import sqlalchemy as sa

from bot.db import Database, new_id, now
from bot.handoff.agents import hash_token
from bot.handoff.models import Attempt

Limit = tuple[int, dt.timedelta]
"""How many in how long."""

_REMEMBERED = dt.timedelta(days=1)


async def wait(db: Database, kind: str, who: str, limits: Sequence[Limit]) -> int:
    """Count one attempt of `who`; says how many seconds too early it comes, 0 for in time.

    It is written down and committed before anybody counts: of any number that arrive at once, in
    any number of processes, no more than a limit find themselves within it. One that comes too
    early is taken back, so that trying again does not lengthen the wait.
    """
    mine, hashed, moment = new_id(), hash_token(who), now()
    async with db.transaction() as session:
        await session.execute(sa.delete(Attempt).where(Attempt.at < moment - _REMEMBERED))
        session.add(Attempt(id=mine, kind=kind, who=hashed, at=moment))
    longest = dt.timedelta()
    async with db.reading() as session:
        for most, window in limits:
            found = await session.execute(
                sa.select(Attempt.at)
                .where(
                    Attempt.kind == kind,
                    Attempt.who == hashed,
                    Attempt.at > moment - window,
                    Attempt.id != mine,
                )
                .order_by(Attempt.at.desc())
                .limit(most)
            )
            earlier = list(found.scalars())
            if len(earlier) == most:
                longest = max(longest, earlier[-1] + window - moment)
    if not longest:
        return 0
    async with db.transaction() as session:
        await session.execute(sa.delete(Attempt).where(Attempt.id == mine))
    return max(1, math.ceil(longest.total_seconds()))

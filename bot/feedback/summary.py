"""CSAT in figures: the share of 4s and 5s, never without how many answered."""

import dataclasses
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.models import Rating

_SATISFIED = 4


@dataclasses.dataclass(frozen=True)
class Summary:
    """Ratings of a period. `counts[i]` is how many gave i + 1."""

    asked: int
    counts: tuple[int, int, int, int, int]

    @property
    def responses(self) -> int:
        """How many gave a score."""
        return sum(self.counts)

    @property
    def percent(self) -> float | None:
        """CSAT: (4s + 5s) / responses, in per cent; None without responses."""
        return 100 * sum(self.counts[_SATISFIED - 1 :]) / self.responses if self.responses else None

    @property
    def response_rate(self) -> float | None:
        """Responses in per cent of those asked; None when nobody was asked."""
        return 100 * self.responses / self.asked if self.asked else None


async def summary(
    session: AsyncSession,
    since: dt.datetime,
    until: dt.datetime,
    *,
    agent: str | None = None,
    language: str | None = None,
) -> Summary:
    """Ratings asked for within [since, until), of one agent or language if given."""
    query = (
        sa.select(Rating.score, sa.func.count())
        .where(Rating.asked_at >= since, Rating.asked_at < until)
        .group_by(Rating.score)
    )
    if agent is not None:
        query = query.where(Rating.agent_id == agent)
    if language is not None:
        query = query.where(Rating.language == language)
    by_score = {score: count for score, count in await session.execute(query)}
    one, two, three, four, five = (by_score.get(score, 0) for score in range(1, 6))
    return Summary(asked=sum(by_score.values()), counts=(one, two, three, four, five))

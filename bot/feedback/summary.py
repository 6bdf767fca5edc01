"""CSAT in figures: the share of 4s and 5s, never without how many answered."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.feedback.models import Rating
from bot.feedback.share import Share

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
    def satisfied(self) -> Share:
        """The 4s and 5s among the responses."""
        return Share(sum(self.counts[_SATISFIED - 1 :]), self.responses)

    @property
    def answered(self) -> Share:
        """The responses among those asked."""
        return Share(self.responses, self.asked)

    @property
    def percent(self) -> float | None:
        """CSAT: (4s + 5s) / responses, in per cent; None without responses."""
        return self.satisfied.percent

    @property
    def response_rate(self) -> float | None:
        """Responses in per cent of those asked; None when nobody was asked."""
        return self.answered.percent


def of_scores(scores: Iterable[tuple[int | None, int]]) -> Summary:
    """The summary of so many requests with each score, None where nobody answered."""
    by_score: Counter[int | None] = Counter()
    for score, count in scores:
        by_score[score] += count
    one, two, three, four, five = (by_score[score] for score in range(1, 6))
    return Summary(asked=by_score.total(), counts=(one, two, three, four, five))


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
    return of_scores([(score, count) for score, count in await session.execute(query)])

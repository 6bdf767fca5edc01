"""What contacts came to, in figures: endings, ratings, waiting, hours and topics of a period.

One rule for all of them: a contact belongs to the day on which it began, and what came of it later
counts there too. The database groups and counts; what is left to put together here are hundreds of
rows, not the log. Nothing of it says who a client is.
"""

import dataclasses
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.models import Conversation, Interaction
from bot.desk.figures_waiting import Waiting, waiting
from bot.desk.scope import Scope
from bot.feedback.models import Rating
from bot.feedback.share import Share
from bot.feedback.summary import Summary, of_scores
from bot.handoff.office import Office
from bot.knowledge.models import Article

ENDINGS: Final = (
    *("confirmed", "implied"),
    *("person", "nobody", "unanswered", "abandoned", "open"),
)
"""How a contact ended, each in one way: the client said that an article helped; one was shown and
nothing more was said; a person had the chat; one was wanted and none had it; nothing was found or
helped; they left; it has not ended."""

_BY_ITSELF = ("confirmed", "implied")
_HOUR, _WEEK = 3600, 168  # seconds, hours
_THURSDAY = 72  # hours from a Monday: the epoch began on that day
_COMPLAINT = "complaint"


@dataclasses.dataclass(frozen=True)
class Topic:
    """Contacts about one thing, and how they ended."""

    name: str
    endings: Mapping[str, int]

    @property
    def contacts(self) -> int:
        """How many."""
        return sum(self.endings.values())


@dataclasses.dataclass(frozen=True)
class Figures:
    """All of it.

    Attributes:
        endings: contacts by `ENDINGS`, each there.
        resolutions: of those a person had, by what they said of it; "" where nothing was said.
        csat: of everybody; `by_agent` has None for the assistant.
        hours: contacts by the hour in which they began, in the scope's zone; 24 of them.
        weekdays: likewise by the day, Monday first.
        topics: the most frequent first; a contact may be about several, or about none known.
    """

    endings: Mapping[str, int]
    resolutions: Mapping[str, int]
    csat: Summary
    by_language: Mapping[str, Summary]
    by_agent: Mapping[str | None, Summary]
    by_topic: Mapping[str, Summary]
    waiting: Waiting
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]
    topics: tuple[Topic, ...]

    @property
    def contacts(self) -> int:
        """How many began."""
        return sum(self.endings.values())

    @property
    def self_service(self) -> Share:
        """What the assistant dealt with alone, of all that have ended."""
        done = sum(self.endings[ending] for ending in _BY_ITSELF)
        return Share(done, self.contacts - self.endings["open"])


async def figures(session: AsyncSession, scope: Scope, house: Office) -> Figures:
    """Count everything in a scope.

    Args:
        house: whose hours say when a desk was open; today's, as older ones are not kept.
    """
    endings, resolutions = await _endings(session, scope)
    categories = await _categories(session)
    hours, weekdays = await _times(session, scope)
    ratings = await _ratings(session, scope)
    return Figures(
        endings=endings,
        resolutions=resolutions,
        csat=of_scores((row.score, row.count) for row in ratings),
        by_language=_summaries((row.locale, row) for row in ratings),
        by_agent=_summaries((row.agent_id, row) for row in ratings),
        by_topic=_summaries((name, row) for row in ratings for name in _topics(row, categories)),
        waiting=await waiting(session, scope, house),
        hours=hours,
        weekdays=weekdays,
        topics=await _by_topic(session, scope, categories),
    )


async def spoken(session: AsyncSession) -> list[str]:
    """The languages that clients were ever spoken to in."""
    found = await session.execute(sa.select(Conversation.locale).distinct())
    return sorted(found.scalars())


async def channels(session: AsyncSession) -> list[str]:
    """The channels that clients ever wrote on."""
    found = await session.execute(sa.select(Conversation.channel).distinct())
    return sorted(found.scalars())


def _holds(column: Any, begins: str) -> Any:
    """Whether a JSON list of texts has one that begins so; the same SQL for every database."""
    return sa.cast(column, sa.Text).contains(f'"{begins}', autoescape=True)


def _ending() -> Any:
    wanted = _holds(Interaction.owners, "queue") | (Interaction.outcome == "handed_off")
    return sa.case(
        (Interaction.closed_at.is_(None), "open"),
        (_holds(Interaction.owners, "agent:"), "person"),
        (Interaction.outcome == "confirmed", "confirmed"),
        (Interaction.outcome == "implied", "implied"),
        (wanted, "nobody"),
        (Interaction.outcome == "unanswered", "unanswered"),
        else_="abandoned",
    ).label("ending")


def _contacts(scope: Scope, *columns: Any) -> Any:
    """The contacts of a scope, as a table of these columns."""
    query = (
        sa.select(*columns)
        .join(Conversation, Conversation.id == Interaction.conversation_id)
        .where(
            Interaction.opened_at >= scope.since,
            Interaction.opened_at < scope.until,
            *scope.where(),
        )
    )
    if scope.agent:
        query = query.where(_holds(Interaction.owners, f'agent:{scope.agent}"'))
    return query.subquery()


async def _counted(session: AsyncSession, table: Any) -> list[Any]:
    """The different rows of a table, each with how often it is there as `count`."""
    # Grouped by name, outside: PostgreSQL takes two expressions with parameters for different.
    rows = await session.execute(
        sa.select(*table.c, sa.func.count().label("count")).group_by(*table.c)
    )
    return list(rows)


async def _endings(
    session: AsyncSession, scope: Scope
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    resolution = sa.func.coalesce(Interaction.resolution, "").label("resolution")
    endings = dict.fromkeys(ENDINGS, 0)
    resolutions: Counter[str] = Counter()
    for row in await _counted(session, _contacts(scope, _ending(), resolution)):
        endings[row.ending] += row.count
        if row.ending == "person":
            resolutions[row.resolution] += row.count
    return endings, resolutions


async def _times(session: AsyncSession, scope: Scope) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """By hour and by weekday; in SQL, else thousands of different times had to be fetched."""
    *earlier, last = scope.offsets()
    ahead: Any = last[1]
    if earlier:
        ahead = sa.case(
            *((Interaction.opened_at < until, seconds) for until, seconds in earlier), else_=last[1]
        )
    there = (sa.cast(sa.extract("epoch", Interaction.opened_at), sa.Integer) + ahead) / _HOUR
    hour = ((there + _THURSDAY) % _WEEK).label("hour")
    hours, weekdays = [0] * 24, [0] * 7
    for row in await _counted(session, _contacts(scope, hour)):
        weekday, hour_of_day = divmod(int(row.hour), 24)
        hours[hour_of_day] += row.count
        weekdays[weekday] += row.count
    return tuple(hours), tuple(weekdays)


_ABOUT = (
    sa.cast(Interaction.topics, sa.Text).label("topics"),
    sa.cast(Interaction.articles, sa.Text).label("articles"),
)


async def _categories(session: AsyncSession) -> Mapping[str, str]:
    rows = await session.execute(
        sa.select(Article.id, Article.category).where(Article.category != "")
    )
    return {row.id: row.category for row in rows}


def _topics(row: Any, categories: Mapping[str, str]) -> list[str]:
    """What a contact was about: as it was noted, else what the last article shown is about."""
    noted = [str(topic) for topic in json.loads(row.topics)]
    if any(topic != _COMPLAINT for topic in noted):
        return noted
    shown = json.loads(row.articles)
    category = categories.get(shown[-1]) if shown else None
    return [*noted, category] if category else noted


async def _by_topic(
    session: AsyncSession, scope: Scope, categories: Mapping[str, str]
) -> tuple[Topic, ...]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in await _counted(session, _contacts(scope, _ending(), *_ABOUT)):
        for name in _topics(row, categories):
            found[name][row.ending] += row.count
    topics = [Topic(name, endings) for name, endings in found.items()]
    return tuple(sorted(topics, key=lambda topic: (-topic.contacts, topic.name)))


async def _ratings(session: AsyncSession, scope: Scope) -> list[Any]:
    columns = (Rating.score, Rating.agent_id, Conversation.locale, *_ABOUT)
    query = (
        sa.select(*columns)
        .join(Interaction, Interaction.id == Rating.interaction_id)
        .join(Conversation, Conversation.id == Interaction.conversation_id)
        .where(
            Interaction.opened_at >= scope.since,
            Interaction.opened_at < scope.until,
            *scope.where(),
        )
    )
    if scope.agent:
        query = query.where(Rating.agent_id == scope.agent)
    return await _counted(session, query.subquery())


def _summaries(rows: Iterable[tuple[Any, Any]]) -> dict[Any, Summary]:
    """A summary for each key, the most answered first."""
    by_key: dict[Any, list[tuple[int | None, int]]] = defaultdict(list)
    for key, row in rows:
        by_key[key].append((row.score, row.count))
    found = {key: of_scores(scores) for key, scores in by_key.items()}
    return dict(
        sorted(found.items(), key=lambda one: (-one[1].responses, -one[1].asked, str(one[0])))
    )

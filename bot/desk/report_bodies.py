"""What the API says of a report: the figures, as numbers."""

import datetime as dt

from pydantic import Field

from bot.channels.fields import Described
from bot.desk.figures import Figures
from bot.desk.figures_waiting import Answers
from bot.desk.scope import Period, Scope
from bot.feedback.share import ENOUGH
from bot.feedback.share import Share as ShareOf
from bot.feedback.summary import Summary


class Share(Described):
    """`count` of `of`."""

    count: int
    of: int
    percent: float | None = Field(description="null of nothing")
    likely: tuple[float, float] | None = Field(
        description="Wilson's interval in per cent: the true share lies within it 19 times of 20"
    )
    enough: bool = Field(description=f"of {ENOUGH} or more; of fewer a percentage says little")


class Csat(Described):
    """Ratings: how many gave each score, and the share of 4s and 5s."""

    asked: int
    scores: list[int] = Field(description="how many gave 1, 2, 3, 4 and 5")
    satisfied: Share = Field(description="the 4s and 5s among those who answered")
    answered: Share = Field(description="those who answered among those asked")


class CsatOfAgent(Csat):
    """The ratings that are credited to somebody; to the assistant where `agent` is null."""

    agent: str | None
    name: str | None


class FirstAnswer(Described):
    """Seconds from the wish for a person to a person's first message, of those who got one."""

    wanted: int
    answered: int
    median: float | None
    ninth_decile: float | None


class Told(Described):
    """What became of the last range of minutes that clients were told."""

    within: int
    sooner: int
    longer: int


class Waits(Described):
    """Waits for a person, in all and by whether the team was open when they began."""

    everybody: FirstAnswer
    open_hours: FirstAnswer
    closed_hours: FirstAnswer
    ended: dict[str, int] = Field(
        description="`person`, `asked_back`, `email`, `call`, `gone`, `expired`; `waiting`: not yet"
    )
    abandoned: Share = Field(description="who left while waiting, among those who wait no more")
    told: Told


class TopicCount(Described):
    """Contacts about one thing, by how they ended."""

    topic: str
    contacts: int
    endings: dict[str, int]


class Report(Described):
    """Figures of the contacts that began in a period, with what came of them since."""

    first: dt.date
    last: dt.date
    time_zone: str
    language: str
    channel: str
    agent: str = Field(description="whose figures these are; empty: everybody's")
    contacts: int
    endings: dict[str, int] = Field(
        description="`confirmed`: an article helped, the client says; `implied`: one was shown and "
        "nothing more was said; `person`: a person had the chat; `nobody`: one was wanted and none "
        "had it; `unanswered`; `abandoned`; `open`: not ended"
    )
    resolutions: dict[str, int] = Field(
        description="of `person`, by what agents said of it; empty: nothing"
    )
    self_service: Share = Field(description="`confirmed` and `implied` among all that have ended")
    csat: Csat
    csat_by_language: dict[str, Csat]
    csat_by_topic: dict[str, Csat]
    csat_by_agent: list[CsatOfAgent]
    waiting: Waits
    hours: list[int] = Field(description="contacts by the hour of the day, from midnight")
    weekdays: list[int] = Field(description="contacts by weekday, from Monday")
    topics: list[TopicCount]


def report(chosen: Period, scope: Scope, found: Figures, names: dict[str, str]) -> Report:
    """The figures as the API gives them."""
    wait = found.waiting
    return Report(
        first=chosen.first,
        last=chosen.last,
        time_zone=scope.zone,
        language=scope.language,
        channel=scope.channel,
        agent=scope.agent,
        contacts=found.contacts,
        endings=dict(found.endings),
        resolutions=dict(found.resolutions),
        self_service=_share(found.self_service),
        csat=_csat(found.csat),
        csat_by_language={key: _csat(one) for key, one in found.by_language.items()},
        csat_by_topic={key: _csat(one) for key, one in found.by_topic.items()},
        csat_by_agent=[
            CsatOfAgent(agent=agent, name=names.get(agent or ""), **dict(_csat(one)))
            for agent, one in found.by_agent.items()
        ],
        waiting=Waits(
            everybody=_answers(wait.everybody),
            open_hours=_answers(wait.open_hours),
            closed_hours=_answers(wait.closed_hours),
            ended=dict(wait.ended),
            abandoned=_share(wait.abandoned),
            told=Told(**vars(wait.told)),
        ),
        hours=list(found.hours),
        weekdays=list(found.weekdays),
        topics=[
            TopicCount(topic=one.name, contacts=one.contacts, endings=dict(one.endings))
            for one in found.topics
        ],
    )


def _share(share: ShareOf) -> Share:
    return Share(
        count=share.count,
        of=share.of,
        percent=share.percent,
        likely=share.interval,
        enough=share.enough,
    )


def _csat(one: Summary) -> Csat:
    return Csat(
        asked=one.asked,
        scores=list(one.counts),
        satisfied=_share(one.satisfied),
        answered=_share(one.answered),
    )


def _answers(one: Answers) -> FirstAnswer:
    return FirstAnswer(
        wanted=one.asked, answered=one.answered, median=one.median, ninth_decile=one.ninth
    )

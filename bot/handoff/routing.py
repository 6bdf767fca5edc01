"""Who should take which waiting conversation: pure decisions over what the queue holds.

Language first (speaks it, else with the translation service, else gets by), then skill, then the
queue's own order, which urgency has moved (`bot.handoff.priority`), then whoever has the client's
story, then the least loaded. Each agent pulls: what `plan` would give them is suggested to them.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence

from bot.db import JsonDict
from bot.handoff.policy import Policy
from bot.handoff.priority import SEGMENT
from bot.languages.locales import native


class Tongue(enum.IntEnum):
    """How an agent can answer in a language, the best first."""

    SPEAKS = 0
    TRANSLATED = 1
    GETS_BY = 2
    NONE = 3


@dataclasses.dataclass(frozen=True)
class Person:
    """An agent as routing sees them. `load` and `capacity` are conversations."""

    id: str
    languages: Mapping[str, int]
    skills: frozenset[str]
    capacity: int
    load: int
    available: bool

    @property
    def free(self) -> int:
        """Places that are free now."""
        return max(0, self.capacity - self.load) if self.available else 0


@dataclasses.dataclass(frozen=True)
class Want:
    """A waiting conversation as routing sees it; `position` in the queue, from 1."""

    handoff: str
    language: str
    skill: str | None
    opened_at: dt.datetime
    rank_at: dt.datetime
    priority: tuple[str, ...]
    preferred: str | None
    position: int


@dataclasses.dataclass(frozen=True)
class Choice:
    """One waiting conversation for one agent.

    `suggested`: it is for them before others. `elsewhere`: somebody better suited is free and may
    still come for it. `reasons` say why, as `code` and values, for `desk.why.*`.
    """

    want: Want
    tongue: Tongue
    suggested: bool
    elsewhere: bool
    reasons: tuple[JsonDict, ...] = ()


def tongue(languages: Mapping[str, int], language: str, by: Policy, translates: bool) -> Tongue:
    """How somebody with these languages, by level, can answer in a language."""
    level = languages.get(native(language), 0)
    if level >= by.speaks_from:
        return Tongue.SPEAKS
    if translates:
        return Tongue.TRANSLATED
    return Tongue.GETS_BY if level else Tongue.NONE


_Kind = tuple[str, str | None]
"""What suiting depends on: a language and a skill."""


def _suits(person: Person, want: Want, by: Policy, translates: bool) -> tuple[int, int]:
    """How well somebody suits, the lower the better: language, then skill."""
    lacking = want.skill is not None and want.skill not in person.skills
    return tongue(person.languages, want.language, by, translates), int(lacking)


def plan(
    wants: Sequence[Want], people: Iterable[Person], by: Policy, translates: bool
) -> dict[str, str]:
    """Who each waiting conversation is for, by handoff: the queue in order, each to whoever suits
    best and has a place left. What nobody with a place can answer is in nobody's plan.
    """
    known = {person.id: person for person in people if person.free}
    free = {one: person.free for one, person in known.items()}
    load = {one: person.load for one, person in known.items()}
    suits: dict[_Kind, dict[str, tuple[int, int]]] = {}
    found: dict[str, str] = {}
    for want in wants:
        kind = want.language, want.skill
        if kind not in suits:
            each = {one: _suits(person, want, by, translates) for one, person in known.items()}
            suits[kind] = {one: how for one, how in each.items() if how[0] < Tongue.NONE}
        able = [
            (*how, one != want.preferred, load[one] / known[one].capacity, one)
            for one, how in suits[kind].items()
            if free[one]
        ]
        if not able:
            continue
        chosen = min(able)[-1]
        found[want.handoff] = chosen
        free[chosen] -= 1
        load[chosen] += 1
        if not any(free.values()):
            break
    return found


def choices(
    me: Person,
    wants: Sequence[Want],
    people: Sequence[Person],
    by: Policy,
    moment: dt.datetime,
    *,
    translates: bool,
) -> list[Choice]:
    """The queue as one agent should see it, the best for them first; `reasons` are not in it.

    Args:
        wants: in the queue's order.
        people: everybody on duty, `me` among them when on duty.
        moment: now.
        translates: a translation service is set up.
    """
    planned = plan(wants, people, by, translates)
    since = moment - dt.timedelta(minutes=by.patience)
    # Hundreds wait, but for few kinds of help.
    suits: dict[_Kind, tuple[int, int]] = {}
    outdone: dict[_Kind, bool] = {}
    found = []
    for want in wants:
        kind = want.language, want.skill
        if kind not in suits:
            mine = suits[kind] = _suits(me, want, by, translates)
            outdone[kind] = any(
                person.free and person.id != me.id and _suits(person, want, by, translates) < mine
                for person in people
            )
        suggested = planned.get(want.handoff) == me.id
        found.append(
            Choice(
                want=want,
                tongue=Tongue(suits[kind][0]),
                suggested=suggested,
                elsewhere=outdone[kind] and not suggested and want.opened_at > since,
            )
        )
    found.sort(key=_order)
    return found


def explained(
    found: Iterable[Choice],
    me: Person,
    people: Sequence[Person],
    by: Policy,
    moment: dt.datetime,
    *,
    translates: bool,
) -> list[Choice]:
    """The same choices with their reasons."""
    return [
        dataclasses.replace(
            choice, reasons=reasons(me, choice.want, people, by, moment, translates=translates)
        )
        for choice in found
    ]


def _order(choice: Choice) -> tuple[object, ...]:
    able = choice.tongue < Tongue.NONE
    # What is suggested stands in the queue's order: the plan has weighed the rest.
    suits = 0 if choice.suggested or not able else choice.tongue
    return (not choice.suggested, not able, choice.elsewhere, suits, choice.want.position)


def reasons(
    me: Person,
    want: Want,
    people: Iterable[Person],
    by: Policy,
    moment: dt.datetime,
    *,
    translates: bool,
) -> tuple[JsonDict, ...]:
    """Why a conversation is for somebody, in the order in which it was weighed."""
    said: list[JsonDict] = []
    how = tongue(me.languages, want.language, by, translates)
    said.append({"code": how.name.lower(), "language": native(want.language)})
    if want.skill is not None:
        code = "skill" if want.skill in me.skills else "no_skill"
        said.append({"code": code, "skill": want.skill})
    for reason in want.priority:
        if reason.startswith(SEGMENT):
            said.append({"code": "segment", "segment": reason[len(SEGMENT) :]})
        else:
            said.append({"code": reason})
    if want.preferred == me.id:
        said.append({"code": "knows_them"})
    waited = max(0, int((moment - want.opened_at).total_seconds() // 60))
    said.append({"code": "next_in_line" if want.position == 1 else "waited", "minutes": waited})
    mine = _suits(me, want, by, translates)
    peers = [
        person
        for person in people
        if person.id != me.id and person.free and _suits(person, want, by, translates) == mine
    ]
    if peers and all(me.load / me.capacity < peer.load / peer.capacity for peer in peers):
        said.append({"code": "least_loaded"})
    return tuple(said)

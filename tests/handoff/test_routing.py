"""Language, skill, urgency, waiting, load: in this order, and nobody is passed for ever."""

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.policy import Policy, read
from bot.handoff.routing import Choice, Person, Tongue, Want, choices, explained, plan, tongue
from bot.settings import settings

NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.timezone.utc)
BY = Policy(segments={"vip": 15})


def person(id: str, load: int = 0, capacity: int = 4, **facts: Any) -> Person:
    languages = facts.get("languages", {"en": 3})
    skills = frozenset(facts.get("skills", ()))
    return Person(id, languages, skills, capacity, load, facts.get("available", True))


def want(id: str, waited: int = 10, language: str = "en", **facts: Any) -> Want:
    opened = NOW - dt.timedelta(minutes=waited)
    return Want(
        handoff=id,
        language=language,
        skill=facts.get("skill"),
        opened_at=opened,
        rank_at=opened - dt.timedelta(minutes=facts.get("ahead", 0)),
        priority=facts.get("priority", ()),
        preferred=facts.get("preferred"),
        position=0,
    )


def line(*wants: Want) -> list[Want]:
    import dataclasses

    ordered = sorted(wants, key=lambda one: (one.rank_at, one.handoff))
    return [dataclasses.replace(one, position=place) for place, one in enumerate(ordered, 1)]


def _can(one: Person, want: Want, translates: bool) -> bool:
    return tongue(one.languages, want.language, BY, translates) < Tongue.NONE


def seen_by(
    me: Person, wants: list[Want], *others: Person, translates: bool = False
) -> list[Choice]:
    people = [me, *others]
    found = choices(me, wants, people, BY, NOW, translates=translates)
    return explained(found, me, people, BY, NOW, translates=translates)


def ids(found: list[Choice]) -> list[str]:
    return [choice.want.handoff for choice in found]


def suggested(found: list[Choice]) -> list[str]:
    return [choice.want.handoff for choice in found if choice.suggested]


def codes(choice: Choice) -> list[str]:
    return [reason["code"] for reason in choice.reasons]


def test_the_levels_of_a_language() -> None:
    asha = person("asha", languages={"en": 3, "hi": 2, "bn": 1})
    hers = asha.languages
    assert tongue(hers, "hi", BY, False) is Tongue.SPEAKS
    assert tongue(hers, "hi-Latn", BY, False) is Tongue.SPEAKS, "romanised is the same language"
    assert tongue(hers, "bn", BY, False) is Tongue.GETS_BY
    assert tongue(hers, "bn", BY, True) is Tongue.TRANSLATED, "translated rather than halting"
    assert tongue(hers, "ml", BY, True) is Tongue.TRANSLATED
    assert tongue(hers, "ml", BY, False) is Tongue.NONE


def test_language_comes_before_everything() -> None:
    bina = person("bina", load=3, languages={"bn": 3})
    asha = person("asha", load=0, skills=["payments"])
    bengali = line(want("b", language="bn", skill="payments", preferred="asha"))
    assert plan(bengali, [asha, bina], BY, True) == {"b": "bina"}
    assert plan(bengali, [asha], BY, True) == {"b": "asha"}, "with the translator, if alone"
    assert plan(bengali, [asha], BY, False) == {}, "who cannot answer is not sent"


def test_then_skill_then_who_knows_them_then_load() -> None:
    loaded, skilled = person("a", load=0), person("b", load=3, skills=["payments"])
    assert plan(line(want("w", skill="payments")), [loaded, skilled], BY, False) == {"w": "b"}
    knows, idle = person("a", load=3), person("b", load=0)
    assert plan(line(want("w", preferred="a")), [knows, idle], BY, False) == {"w": "a"}
    assert plan(line(want("w")), [knows, idle], BY, False) == {"w": "b"}
    half, third = person("a", load=2, capacity=4), person("b", load=2, capacity=6)
    assert plan(line(want("w")), [half, third], BY, False) == {"w": "b"}, "of what they can hold"


def test_the_urgent_have_a_head_start_and_the_patient_are_not_passed_for_ever() -> None:
    me = person("me", capacity=1)
    vip = want("vip", waited=1, ahead=15, priority=("segment:vip",))
    assert ids(seen_by(me, line(want("long", waited=14), vip)))[0] == "vip"
    assert ids(seen_by(me, line(want("long", waited=17), vip)))[0] == "long"


def test_capacity_and_presence() -> None:
    wants = line(*(want(str(number), waited=30 - number) for number in range(6)))
    assert suggested(seen_by(person("me", load=2), wants)) == ["0", "1"]
    assert suggested(seen_by(person("me", load=4), wants)) == []
    assert suggested(seen_by(person("me", available=False), wants)) == []
    assert ids(seen_by(person("me", load=4), wants)) == list("012345"), "still there to be taken"


def test_what_somebody_better_may_come_for_stands_behind() -> None:
    me, bina = person("me"), person("bina", languages={"bn": 3, "en": 1}, capacity=1)
    fresh = line(want("b", language="bn", waited=2), want("e", waited=1))
    assert ids(seen_by(me, fresh, bina, translates=True)) == ["e", "b"]
    assert seen_by(me, fresh, bina, translates=True)[1].elsewhere
    stale = line(want("b", language="bn", waited=8), want("e", waited=1))
    (second,) = [
        one for one in seen_by(me, stale, bina, translates=True) if one.want.handoff == "b"
    ]
    assert not second.elsewhere, "after a while it is anybody's"


def test_what_i_cannot_answer_stands_last_but_stands() -> None:
    found = seen_by(person("me"), line(want("ml", language="ml", waited=60), want("en", waited=1)))
    assert ids(found) == ["en", "ml"]
    assert codes(found[1])[0] == "none"


def test_why_is_said_in_the_order_it_was_weighed() -> None:
    me = person("me", languages={"bn": 3}, skills=["payments"])
    wants = line(
        want(
            "w", waited=12, language="bn", skill="payments", preferred="me",
            priority=("segment:vip", "complaint"),
        )
    )  # fmt: skip
    (found,) = seen_by(me, wants, person("other", load=1, languages={"bn": 3}, skills=["payments"]))
    assert codes(found) == [
        "speaks", "skill", "segment", "complaint", "knows_them", "next_in_line", "least_loaded",
    ]  # fmt: skip
    assert found.reasons[0] == {"code": "speaks", "language": "bn"}


PEOPLE = st.lists(
    st.builds(
        person,
        st.sampled_from("abcdef"),
        load=st.integers(0, 4),
        capacity=st.integers(1, 4),
        languages=st.dictionaries(st.sampled_from(["en", "bn", "hi"]), st.integers(1, 3)),
        skills=st.sets(st.sampled_from(["payments", "returns"])),
        available=st.booleans(),
    ),
    unique_by=lambda one: one.id,
    max_size=6,
)
WANTS = st.lists(
    st.builds(
        want,
        st.integers(0, 10_000).map(str),
        waited=st.integers(0, 90),
        language=st.sampled_from(["en", "bn", "hi"]),
        skill=st.sampled_from([None, "payments", "returns"]),
        ahead=st.integers(0, 60),
    ),
    unique_by=lambda one: one.handoff,
    max_size=20,
).map(lambda wants: line(*wants))


@given(WANTS, PEOPLE, st.booleans())
def test_a_plan_is_sound(wants: list[Want], people: list[Person], translates: bool) -> None:
    found = plan(wants, people, BY, translates)
    by_id = {one.id: one for one in people}
    for one in people:
        assert list(found.values()).count(one.id) <= one.free
    left = sum(one.free for one in people) - len(found)
    for each in wants:
        if each.handoff in found:
            chosen = by_id[found[each.handoff]]
            assert tongue(chosen.languages, each.language, BY, translates) < Tongue.NONE
        elif left:
            idle = [p for p in people if p.free > list(found.values()).count(p.id)]
            able = [
                p for p in idle if tongue(p.languages, each.language, BY, translates) < Tongue.NONE
            ]
            assert not able, "nobody who could answer and has a place waits beside a client"


@given(WANTS, PEOPLE, st.booleans())
def test_everybody_sees_the_whole_queue_and_nothing_is_suggested_twice(
    wants: list[Want], people: list[Person], translates: bool
) -> None:
    seen: list[str] = []
    for me in people:
        found = choices(me, wants, people, BY, NOW, translates=translates)
        assert sorted(ids(found)) == sorted(one.handoff for one in wants)
        seen += suggested(found)
    assert len(seen) == len(set(seen))


def test_the_shipped_policy_is_right() -> None:
    found = read(settings().home / "data" / "routing.yml")
    assert found.segments == {"vip": 15}
    assert found.skill_for({"refunds"}) == "payments"
    assert found.skill_for({"complaint"}) is None
    for name in found.skills:
        for locale in ("en", "bn", "mr", "ml", "hi"):
            assert found.skill_name(name, locale) != name, "each skill has a name in each language"

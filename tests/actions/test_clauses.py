"""What the clauses of a message find, put together again."""

import dataclasses

from actions.clauses import merge


@dataclasses.dataclass(frozen=True)
class Entry:
    article: str
    confidence: float
    locale: str = "en"
    title: str = "Title"
    body: str = "Body"


@dataclasses.dataclass(frozen=True)
class Found:
    kind: str
    results: tuple = ()


NONE = Found("none", (Entry("far", 0.1),))


def test_one_sure_clause_is_the_answer():
    sure = Found("answer", (Entry("broken", 0.8),))
    assert merge(NONE, (NONE, sure, Found("suggest", (Entry("late", 0.4),)))) == sure


def test_two_questions_in_one_message_are_both_answered():
    parts = (
        Found("answer", (Entry("track", 0.64), Entry("x", 0.1))),
        Found("answer", (Entry("address", 0.9),)),
    )
    for whole in (NONE, Found("answer", (Entry("address", 0.6),))):
        merged = merge(whole, parts)
        assert merged.kind == "answers"
        assert [each.article for each in merged.results] == ["track", "address"]


def test_a_clause_that_tells_what_happened_is_no_second_question():
    """ "I cancelled my order and the refund has not come" is about the refund alone."""
    whole = Found("answer", (Entry("refund", 0.9),))
    told = Found("answer", (Entry("cancel", 0.55),))
    asked = Found("answer", (Entry("refund", 0.9),))
    assert merge(whole, (told, asked)) == whole
    assert merge(whole, (Found("answer", (Entry("cancel", 0.8),)), NONE)) == whole


def test_two_unsure_clauses_leave_the_choice_without_guesses():
    parts = (
        Found("answer", (Entry("late", 0.55), Entry("x", 0.1))),
        Found("answer", (Entry("cancel", 0.9), Entry("y", 0.1))),
        Found("suggest", (Entry("z", 0.4),)),
    )
    merged = merge(NONE, parts)
    assert merged.kind == "suggest"
    assert [each.article for each in merged.results] == ["cancel", "late"]


def test_unsure_ones_are_offered_the_best_of_each_first_and_once():
    whole = Found("suggest", (Entry("a", 0.3), Entry("b", 0.25), Entry("noise", 0.02)))
    part = Found("suggest", (Entry("c", 0.4), Entry("a", 0.1)))
    assert [each.article for each in merge(whole, (part,)).results] == ["c", "a", "b"]


def test_nothing_found_stays_nothing():
    assert merge(NONE, (NONE, NONE)) == NONE
    assert merge(NONE, ()) == NONE

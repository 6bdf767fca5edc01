"""Yes and no, greetings, and the language that is wished."""

import pytest

from tests.actions.acting import Entry, Found, reads, run


@pytest.mark.parametrize(
    ("pending", "effects"),
    [
        (None, []),
        ({"ask": "helped"}, ["Helped"]),
        ({"ask": "person", "reason": "complaint"}, ["HandOff"]),
        ({"ask": "article", "articles": ["a1"]}, ["ShowArticle"]),
        ({"ask": "article", "articles": ["a1", "a2"]}, []),
        ({"ask": "rephrase"}, []),
    ],
)
def test_yes_means_what_was_asked(pending, effects):
    assert run("action_affirm", text="yes", pending=pending)[1] == effects


@pytest.mark.parametrize(
    ("pending", "said"),
    [
        (None, "utter_anything_else"),
        ({"ask": "helped"}, "utter_not_helped"),
        ({"ask": "person", "reason": "asked"}, "utter_anything_else"),
        ({"ask": "article", "articles": ["a1"]}, "utter_no_answer"),
    ],
)
def test_no_means_what_was_asked(pending, said):
    assert run("action_deny", text="no", pending=pending)[0] == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "utter_greet"),
        ("assalamu alaikum", "utter_greet_salam"),
        ("Asalam alaikum bhai", "utter_greet_salam"),
        ("আসসালামু আলাইকুম", "utter_greet_salam"),
        ("अस्सलाम वालेकुम", "utter_greet_salam"),
        ("अस्सलामु अलैकुम", "utter_greet_salam"),
        ("അസ്സലാമു അലൈക്കും", "utter_greet_salam"),
        ("राम राम", "utter_greet"),
        ("is this Salem", "utter_greet"),
    ],
)
def test_a_salam_gets_its_pair(text, said):
    assert run("action_greet", text=text)[0] == [said]


def test_whoever_was_welcomed_is_greeted_back():
    assert run("action_greet", text="hello")[2]["greeted"]
    assert run("action_greet", text="hello", greeted=True)[0] == ["utter_greet_back"]
    assert run("action_greet", text="salam", greeted=True)[0] == ["utter_greet_back_salam"]


def test_a_question_behind_a_greeting_is_answered():
    knowledge = reads(hello_how_do_I_return=Found("answer", (Entry("a1"),)))
    assert run("action_greet", knowledge, "hello how do I return")[1] == ["ShowArticle"]


def test_a_wished_language_is_confirmed_in_it():
    _, effects, _ = run("action_change_language", entities={"wished_language": "mr"})
    assert effects == ["ChangeLanguage"]


@pytest.mark.parametrize(
    ("pending", "kept"),
    [
        ({"ask": "helped"}, {"pending": None}),
        ({"ask": "person", "reason": "asked"}, {}),
    ],
)
def test_a_new_language_closes_the_question_whether_it_helped(pending, kept):
    entities = {"wished_language": "mr"}
    assert run("action_change_language", entities=entities, pending=pending)[2] == kept

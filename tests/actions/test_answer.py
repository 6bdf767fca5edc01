"""What is shown as an answer, what is offered, and what becomes of a yes or a no to it."""

import pytest

from tests.actions.acting import SURE, UNSURE, Entry, Found, reads, run


def test_a_sure_answer_is_shown():
    said, effects, kept = run("action_answer", reads(**SURE), "q")
    assert said == ["Body", "utter_did_this_help"]
    assert effects == ["ShowArticle"]
    assert kept["shown"] == ["a1"]
    assert kept["pending"] == {"ask": "helped"}


def test_an_unsure_one_is_asked_about():
    said, effects, kept = run("action_answer", reads(**UNSURE), "q")
    assert said == ["utter_did_you_mean"]
    assert effects == []
    assert kept["pending"]["articles"] == ["a1", "a2", "a3"]


def test_none_is_admitted_and_a_person_offered():
    said, effects, kept = run("action_answer", text="q")
    assert said == ["utter_no_answer"]
    assert effects == ["Unanswered"]
    assert kept["pending"] == {"ask": "person", "reason": "unanswered"}


def test_a_chosen_article_that_is_gone_is_no_answer():
    said, _, _ = run("action_answer", entities={"article": "gone"}, question="q")
    assert said == ["utter_no_answer"]


def test_an_article_in_another_language_says_so():
    knowledge = reads(q=Found("answer", (Entry("a1", locale="bn"),)))
    said, _, _ = run("action_answer", knowledge, "q")
    assert said[0] == "utter_article_elsewhere"


def test_a_regional_locale_is_no_other_language():
    said, _, _ = run("action_answer", reads(**SURE), "q", language="en-IN")
    assert said[0] == "Body"


def test_a_short_follow_up_is_read_with_the_question_before():
    knowledge = reads(return_and_abroad=Found("answer", (Entry("return-abroad"),)))
    _, effects, kept = run(
        "action_answer", knowledge, "and abroad", question="return", shown=["return-item"]
    )
    assert effects == ["ShowArticle"]
    assert kept["shown"] == ["return-abroad"]


def test_stray_letters_do_not_bring_the_last_answer_back():
    knowledge = reads(return_asdf=Found("answer", (Entry("return-item"),)))
    said, _, _ = run("action_fallback", knowledge, "asdf", question="return", shown=["return-item"])
    assert said == ["utter_rephrase"]


def test_what_refers_back_is_offered_with_what_it_says_alone():
    knowledge = reads(
        exchange=Found("answer", (Entry("exchange-item"),)),
        is_it_free=Found("answer", (Entry("delivery-charge"),)),
        exchange_is_it_free=Found("answer", (Entry("exchange-item", confidence=0.7),)),
    )
    _, effects, kept = run(
        "action_answer", knowledge, "is it free", question="exchange", shown=["exchange-item"]
    )
    assert effects == []
    assert kept["pending"]["articles"] == ["exchange-item", "delivery-charge"]
    _, effects, _ = run("action_answer", knowledge, "is it free")
    assert effects == ["ShowArticle"]


def test_one_thought_in_several_messages():
    knowledge = reads(the_plate_came_in_pieces=Found("answer", (Entry("damaged-item"),)))
    _, _, kept = run("action_fallback", knowledge, "the plate")
    slots = {"question": kept["question"], "shown": kept["shown"]}
    _, _, kept = run("action_need_help", knowledge, "came", **slots)
    assert kept["question"] == "the plate came"
    for action in ("action_fallback", "action_answer", "action_need_help", "action_deny"):
        _, effects, _ = run(action, knowledge, "in pieces", question="the plate came", shown=[])
        assert effects == ["ShowArticle"], action


def test_two_answers_are_given_in_order():
    knowledge = reads(
        where_is_it=Found("answer", (Entry("track"),)), pay_by_card=Found("answer", (Entry("pay"),))
    )
    said, effects, kept = run("action_answer", knowledge, "where is it? pay by card?")
    assert effects == ["ShowArticle", "ShowArticle"]
    assert said == ["Body", "Body", "utter_did_this_help"]
    assert kept["shown"] == ["track", "pay"]


def test_no_leads_to_the_next_best_not_yet_shown():
    said, effects, kept = run("action_not_helped", reads(**SURE), question="q", shown=["a1"])
    assert effects == ["Helped", "ShowArticle"]
    assert kept["shown"] == ["a1", "a2"]
    assert said[:2] == ["utter_perhaps", "Body"]


def test_no_without_a_question_offers_a_person():
    said, _, kept = run("action_not_helped")
    assert said == ["utter_not_helped"]
    assert kept["pending"]["ask"] == "person"


def test_what_does_not_work_before_anything_was_shown_is_a_question():
    knowledge = reads(the_app_does_not_work=Found("answer", (Entry("app"),)))
    assert run("action_not_helped", knowledge, "the app does not work")[1] == ["ShowArticle"]
    _, effects, _ = run(
        "action_not_helped", knowledge, "the app does not work", question="q", shown=["a1"]
    )
    assert effects == ["Helped"]


def test_the_second_miss_offers_a_person():
    kept = run("action_fallback", text="zz")[2]
    assert kept == {"pending": {"ask": "rephrase"}, "misses": 1, "question": "zz", "shown": []}
    said, effects, _ = run("action_fallback", text="zz", misses=1)
    assert (said, effects) == (["utter_no_answer"], ["Unanswered"])


def test_help_that_is_asked_for_is_no_outcome():
    assert run("action_need_help", text="help")[0] == ["utter_go_on"]
    # A button says nothing more, whatever was asked before.
    assert run("action_need_help", question="q", shown=[])[0] == ["utter_go_on"]
    found = reads(q=Found("suggest", (Entry("a1"),)))
    assert run("action_need_help", found, question="q", shown=[])[0] == ["utter_go_on"]
    knowledge = reads(help_me_to_return_this=Found("answer", (Entry("a1"),)))
    assert run("action_need_help", knowledge, "help me to return this")[1] == ["ShowArticle"]


@pytest.mark.parametrize("pending", [None, {"ask": "person", "reason": "asked"}])
def test_words_confirm_an_outcome_only_where_it_was_asked_for(pending):
    said, effects, _ = run("action_helped", text="it works now", pending=pending)
    assert (said, effects) == (["utter_go_on"], [])
    said, effects, _ = run("action_helped", text="it works now", pending={"ask": "helped"})
    assert (said, effects) == (["utter_glad"], ["Helped"])


def test_the_button_confirms_an_outcome_at_any_time():
    assert run("action_helped", text="/helped")[1] == ["Helped"]
    assert run("action_helped")[1] == ["Helped"]


def test_nothing_absurd_is_offered():
    far = Entry("a2", confidence=0.02)
    knowledge = reads(q=Found("suggest", (Entry("a1"), far)), r=Found("suggest", (far, far)))
    assert run("action_answer", knowledge, "q")[2]["pending"]["articles"] == ["a1"]
    assert run("action_answer", knowledge, "r")[2]["pending"]["articles"] == ["a2"]


@pytest.mark.parametrize("text", ["??", "؟", "?!"])
def test_whoever_is_puzzled_by_an_answer_was_not_helped(text):
    knowledge = reads(q=Found("answer", (Entry("a1"), Entry("a2"))))
    answered = {"pending": {"ask": "helped"}, "question": "q", "shown": ["a1"]}
    said, effects, _ = run("action_fallback", knowledge, text, **answered)
    assert said[0] == "utter_perhaps"
    assert "Helped" in effects
    assert run("action_fallback", knowledge, text)[0] == ["utter_rephrase"]


def test_a_button_before_any_question_asks_what_stands_on_it():
    _, _, kept = run("action_answer", entities={"article": "a1"})
    assert kept["question"] == "Title"
    _, _, kept = run("action_answer", entities={"article": "a1"}, question="asked before")
    assert kept["question"] == "asked before"

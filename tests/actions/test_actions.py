"""What each action decides, without Rasa around it."""

import dataclasses

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions import ACTIONS, Reads
from bot.conversations.effects import effect_from_json
from bot.languages.numbers import asks_order


@dataclasses.dataclass(frozen=True)
class Entry:
    article: str
    locale: str = "en"
    title: str = "Title"
    body: str = "Body"
    confidence: float = 0.8


@dataclasses.dataclass(frozen=True)
class Found:
    kind: str
    results: tuple = ()


def reads(**answers):
    """Search by exact text; `article` knows every id but `gone`."""

    def search(text, locale, *, exclude=()):
        found = answers.get(text.replace(" ", "_"), Found("none"))
        return Found(found.kind, tuple(e for e in found.results if e.article not in exclude))

    return Reads(
        search=search,
        article=lambda id, locale: None if id == "gone" else Entry(id, locale),
        languages=(("en", "English"), ("bn", "বাংলা")),
        asks_order=asks_order,
    )


def run(name, knowledge=None, text=None, entities=None, upset=False, **slots):
    action = next(kind for kind in ACTIONS if kind.action_name == name)(knowledge or reads())
    slots = {"language": "en", **slots}
    heard = [{"entity": key, "value": value} for key, value in (entities or {}).items()]
    message = {"text": text, "intent": {}, "entities": heard, "upset": upset}
    tracker = Tracker("c", slots, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    events = action.run(dispatcher, tracker, {})
    effects = [effect_from_json(m["custom"]) for m in dispatcher.messages if m["custom"]]
    said = [m["response"] or m["text"] for m in dispatcher.messages if m["response"] or m["text"]]
    remembered = {event["name"]: event["value"] for event in events}
    return said, [type(effect).__name__ for effect in effects], remembered


def offered(action, text, entities=None, **slots):
    heard = [{"entity": key, "value": value} for key, value in (entities or {}).items()]
    message = {"text": text, "intent": {}, "entities": heard}
    slots = {"language": "en", **slots}
    dispatcher = CollectingDispatcher()
    action.run(dispatcher, Tracker("c", slots, message, [], False, None, {}, "action_listen"), {})
    return [button["payload"] for button in dispatcher.messages[-1]["buttons"]]


SURE = {"q": Found("answer", (Entry("a1"), Entry("a2")))}
UNSURE = {"q": Found("suggest", (Entry("a1"), Entry("a2"), Entry("a3"), Entry("a4")))}


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


def test_a_bare_number_is_asked_about_and_then_noted():
    said, _, kept = run("action_order", entities={"number": "482913"}, text="482913")
    assert said == ["utter_is_order"]
    assert kept["pending"] == {"ask": "order", "number": "482913"}
    said, _, after = run("action_affirm", text="yes", pending=kept["pending"])
    assert said == ["utter_order_noted"]
    assert after["order"] == "482913"
    said, _, after = run("action_deny", text="no", pending=kept["pending"])
    assert said == ["utter_go_on"]
    assert "order" not in after


@pytest.mark.parametrize("action", ["action_answer", "action_fallback"])
def test_whoever_is_upset_gets_a_sorry_with_the_answer(action):
    knowledge = reads(**SURE)
    assert run(action, knowledge, "q", upset=True)[0][0] == "utter_sorry"
    assert run(action, knowledge, "q", upset=False)[0][0] == "Body"
    if action == "action_answer":
        assert run(action, text="zz", upset=True)[0] == ["utter_complaint"]


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


def test_the_second_miss_offers_a_person():
    kept = run("action_fallback", text="zz")[2]
    assert kept == {"pending": {"ask": "rephrase"}, "misses": 1, "question": "zz", "shown": []}
    said, effects, _ = run("action_fallback", text="zz", misses=1)
    assert (said, effects) == (["utter_no_answer"], ["Unanswered"])


@pytest.mark.parametrize("action", ["action_order", "action_fallback", "action_answer"])
def test_an_order_number_alone_is_noted(action):
    said, effects, kept = run(action, text="ND-123456", entities={"order": "ND-123456"})
    assert said == ["utter_order_noted"]
    assert effects == []
    assert kept["pending"] is None


def test_a_noted_order_comes_with_what_can_be_done():
    knowledge = reads(
        **{
            "Where_is_my_order?_How_do_I_track_it?": Found("answer", (Entry("track"),)),
        }
    )
    slots = {"pending": {"ask": "article", "articles": ["late", "gone"]}}
    action = next(kind for kind in ACTIONS if kind.action_name == "action_order")(knowledge)
    assert offered(action, "48213", {"order": "48213"}, **slots) == [
        '/question{"article": "late"}',
        '/question{"article": "track"}',
        "/talk_to_human",
    ]


def test_a_question_with_an_order_number_is_offered_tracking():
    knowledge = reads(
        **{"Where_is_my_order?_How_do_I_track_it?": Found("answer", (Entry("track"),))}, **UNSURE
    )
    _, _, kept = run("action_answer", knowledge, "q", {"order": "48213"})
    assert kept["pending"]["articles"] == ["a1", "a2", "track"]
    _, _, kept = run("action_answer", knowledge, "q")
    assert kept["pending"]["articles"] == ["a1", "a2", "a3"]


def test_a_fact_in_a_long_message_is_found():
    knowledge = reads(my_bowl_arrived_broken=Found("answer", (Entry("broken"),)))
    text = "I hate this shop, my bowl arrived broken and nobody answers"
    said, effects, kept = run("action_complaint", knowledge, text)
    assert said == ["utter_sorry_to_hear", "Body", "utter_did_this_help"]
    assert effects == ["NoteTopic", "ShowArticle"]
    assert kept["pending"] == {"ask": "helped", "reason": "complaint"}
    assert run("action_answer", knowledge, text)[1] == ["ShowArticle"]


def test_an_unsure_help_for_a_complaint_comes_with_a_person():
    text = "my bowl arrived broken"
    knowledge = reads(my_bowl_arrived_broken=Found("suggest", (Entry("a1"), Entry("a2"))))
    said, effects, kept = run("action_complaint", knowledge, text)
    assert (said, effects) == (["utter_sorry_to_hear"], ["NoteTopic"])
    assert kept["pending"] == {"ask": "article", "articles": ["a1", "a2"], "reason": "complaint"}
    action = next(kind for kind in ACTIONS if kind.action_name == "action_complaint")(knowledge)
    assert offered(action, text)[-1] == "/talk_to_human"


@pytest.mark.parametrize("action", ["action_answer", "action_fallback"])
def test_guesses_for_somebody_upset_come_with_a_person(action):
    unlikely = Entry("a2", confidence=0.04)
    knowledge = reads(rubbish_service=Found("suggest", (Entry("a1"), unlikely)))
    said, _, kept = run(action, knowledge, "rubbish service", upset=True)
    assert said == ["utter_sorry_to_hear"]
    assert kept["pending"] == {"ask": "article", "articles": ["a1"], "reason": "complaint"}


def test_an_insult_is_not_searched_for_guesses():
    knowledge = reads(you_idiot=Found("suggest", (Entry("a1"),)))
    said, effects, _ = run("action_complaint", knowledge, "you idiot")
    assert (said, effects) == (["utter_complaint"], ["NoteTopic"])


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


@pytest.mark.parametrize(
    ("body", "order", "told"),
    [
        ("Write to us with your order number.", "ND-123456", True),
        ("ऑर्डर नंबरसह आम्हाला कळवा.", "ND-123456", True),
        ("অর্ডার নম্বরটাও দিন।", "ND-123456", True),
        ("ഓർഡർ നമ്പർ സഹിതം അറിയിക്കുക.", "ND-123456", True),
        ("ऑर्डर नंबर के साथ लिखिए।", "ND-123456", True),
        ("Write to us with your order number.", None, False),
        # To speak of the number is not to ask for it.
        ("Please wait: the order number sometimes comes a little late.", "ND-123456", False),
        ("৩০ মিনিট অপেক্ষা করুন। অনেক সময় অর্ডার নম্বর একটু দেরিতে আসে।", "ND-123456", False),
    ],
)
def test_an_order_number_given_once_is_not_asked_for_again(body, order, told):
    knowledge = reads(q=Found("answer", (Entry("late", body=body),)))
    said, _, _ = run("action_answer", knowledge, "q", order=order)
    assert ("utter_order_known" in said) is told
    assert said[-1] == "utter_did_this_help"


def numbered(text, knowledge):
    """The articles offered or shown for a text that has ND-123456 in it."""
    start = text.index("ND")
    heard = [{"entity": "order", "value": "ND-123456", "start": start, "end": start + 9}]
    message = {"text": text, "intent": {}, "entities": heard}
    tracker = Tracker("c", {"language": "en"}, message, [], False, None, {}, "action_listen")
    action = next(kind for kind in ACTIONS if kind.action_name == "action_answer")(knowledge)
    kept = {e["name"]: e["value"] for e in action.run(CollectingDispatcher(), tracker, {})}
    return kept["shown"], (kept["pending"] or {}).get("articles")


@pytest.mark.parametrize(
    "text",
    [
        "\u2060my order ND-123456 is late",
        "my order is late, ND-123456",
        "my order is late, number ND-123456",
        "ND-123456, my order is late",
    ],
)
def test_an_order_number_does_not_blur_what_is_asked(text):
    knowledge = reads(my_order_is_late=Found("answer", (Entry("late-delivery"),)))
    assert numbered(text, knowledge) == (["late-delivery"], None)


def test_what_reads_otherwise_without_its_number_is_asked_about():
    knowledge = reads(
        paid_for=Found("answer", (Entry("payment-failed"),)),
        **{"paid_for_ND-123456": Found("suggest", (Entry("order-not-confirmed"),))},
    )
    assert numbered("paid for ND-123456", knowledge) == (
        [],
        ["payment-failed", "order-not-confirmed"],
    )


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


def test_an_upset_client_is_acknowledged_before_an_answer():
    said, effects, _ = run("action_complaint", reads(**SURE), "q")
    assert said[0] == "utter_sorry_to_hear"
    assert effects == ["NoteTopic", "ShowArticle"]


def test_asking_for_a_person_keeps_the_reason_one_was_offered_for():
    pending = {"ask": "person", "reason": "complaint"}
    action = next(kind for kind in ACTIONS if kind.action_name == "action_talk_to_human")()
    dispatcher = CollectingDispatcher()
    tracker = Tracker("c", {"pending": pending}, {}, [], False, None, {}, None)
    action.run(dispatcher, tracker, {})
    assert dispatcher.messages[0]["custom"] == {"effect": "hand_off", "reason": "complaint"}


def test_the_action_server_of_rasa_finds_them_all():
    executor = ActionExecutor()
    executor.register_package("actions")
    assert {kind.action_name for kind in ACTIONS} <= set(executor.actions)
    assert "" not in executor.actions

"""What numbers of orders do to an answer, and how they are noted."""

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import ACTIONS
from tests.actions.acting import UNSURE, Entry, Found, offered, reads, run


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

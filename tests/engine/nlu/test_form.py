"""What a message's form tells overrules the classifier, and nothing else does."""

import pytest
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.engine.nlu.entities import PatternEntities
from bot.engine.nlu.form import IntentByForm
from bot.engine.nlu.intents import EVIDENCE


def understood(text: str, guess: str = "deny", language: str = "en") -> str:
    best = {"name": guess, "confidence": 0.4}
    message = Message({TEXT: text, INTENT: best, EVIDENCE: best, "language": language})
    entities = object.__new__(PatternEntities)
    read = object.__new__(IntentByForm).process(entities.process([message]))[0]
    assert read.get(EVIDENCE) == read.get(INTENT)
    name = read.get(INTENT)["name"]
    assert isinstance(name, str)
    return name


@pytest.mark.parametrize("text", ["मलयालम", "Malayalam", "नहीं, मलयालम", "Hindi please", "বাংলা"])
def test_a_language_and_nothing_else_is_a_wish(text: str) -> None:
    assert understood(text) == "change_language"


def test_who_wants_a_person_of_a_language_wants_a_person() -> None:
    assert understood("one person here who... Hindi", "talk_to_human") == "talk_to_human"


@pytest.mark.parametrize(
    "text",
    [
        "48213",
        "৪৮২১৩",
        "४८२१३",
        "#48213.",
        "رقم الطلب ND-482913",
        "mi pedido es el ND-482913",
        "注文番号はND-482913です",
        "订单号：ND-482913。",
        "ND-482913",
        "nd482913",
        "order number 48213",
        "my order number is 482913",
        "অর্ডার ৪৮২১৩",
        "ऑर्डर नंबर ४८२१३ आहे",
        "48213901234567",
    ],
)
def test_an_order_number_and_nothing_else_is_one(text: str) -> None:
    assert understood(text) == "order_number"


@pytest.mark.parametrize(
    "text",
    [
        "where is ND-482913",
        "cancel order 48213",
        "ND-482913 ND-482914",
        "482",
        "9876543210",
        "is the manual in German?",
        '/question{"order": "48213"}',
        "",
    ],
)
def test_else_the_classifier_is_believed(text: str) -> None:
    assert understood(text) == "deny"

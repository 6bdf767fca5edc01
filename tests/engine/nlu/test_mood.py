"""Upset is told by words of anger, by loudness, and by what the intent model believes."""

import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.engine.nlu.mood import UPSET, Mood


def is_upset(text: str, complaint: float = 0.0, language: str = "en") -> bool:
    ranking = [
        {"name": "question", "confidence": 1 - complaint},
        {"name": "complaint", "confidence": complaint},
    ]
    message = Message({TEXT: text, "intent_ranking": ranking, "language": language})
    return bool(object.__new__(Mood).process([message])[0].get(UPSET))


@pytest.mark.parametrize(
    ("text", "complaint", "language"),
    [
        ("this is unacceptable", 0.0, "en"),
        ("where is it!!!", 0.0, "en"),
        ("where is it???", 0.0, "en"),
        ("দুবার টাকা কেটেছে", 0.0, "bn"),
        ("घटिया सर्विस, ऑर्डर कहाँ है", 0.0, "hi"),
        ("the third broken cup", 0.3, "en"),
        ("the third broken cup!", 0.1, "en"),
    ],
)
def test_who_is_upset(text: str, complaint: float, language: str) -> None:
    assert is_upset(text, complaint, language)


@pytest.mark.parametrize("text", ["how do I pay?", "great, thanks!", "/deny", "", "where is it??"])
def test_who_is_not(text: str) -> None:
    assert not is_upset(text, 0.05)

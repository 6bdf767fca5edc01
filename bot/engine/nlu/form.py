"""Intents that a message's form alone tells: no classifier need guess at them."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES, INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.engine.nlu.entities import WISHED
from bot.engine.nlu.intents import EVIDENCE
from bot.engine.nlu.patterns import NUMBER, order_alone
from bot.engine.nlu.reader import Reader

CHANGE_LANGUAGE = "change_language"
ORDER_NUMBER = "order_number"
_PERSON = "talk_to_human"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class IntentByForm(Reader):
    """Stands after the classifier; overrules it where the message leaves no doubt."""

    def read(self, message: Message, text: str) -> None:
        """Nothing but a wish for a language, or nothing but what may be an order number."""
        intent = _intent(message, text)
        if intent:
            sure = {"name": intent, "confidence": 1.0}
            others = [each for each in message.get("intent_ranking", []) if each["name"] != intent]
            message.set(INTENT, sure, add_to_output=True)
            message.set("intent_ranking", [sure, *others], add_to_output=True)
            message.set(EVIDENCE, sure)


def _intent(message: Message, text: str) -> str | None:
    kinds = {entity["entity"] for entity in message.get(ENTITIES, [])}
    best = (message.get(EVIDENCE) or {}).get("name")
    # "An agent who speaks Hindi" is made of a wish's words, too.
    if WISHED in kinds and best != _PERSON:
        return CHANGE_LANGUAGE
    if NUMBER in kinds or ("order" in kinds and order_alone(text)):
        return ORDER_NUMBER
    return None

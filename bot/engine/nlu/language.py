"""The language of a message, for the components after it and for actions.

In the product it was judged before the engine saw it, with what the conversation has taught, and
comes with the message; only `rasa shell`, training and tests have to detect it here.
"""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.nlu.reader import Reader
from bot.languages.detect import detector
from bot.settings import settings

LANGUAGE = "language"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class MessageLanguage(Reader):
    """Sets `language` on a message: the metadata's, else what the detector says."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Judge each message that does not say its language."""
        for message in messages:
            given = (message.get("metadata") or {}).get(LANGUAGE)
            language = (
                given or detector(settings().detector).judge(message.get(TEXT) or "").language
            )
            message.set(LANGUAGE, language, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training needs no languages: one model understands them all."""
        return training_data

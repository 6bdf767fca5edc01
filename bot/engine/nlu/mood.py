"""Whether a message sounds upset: what it asks is one thing, how the client feels another."""

from __future__ import annotations

import re

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message

from bot.engine.nlu.language import LANGUAGE
from bot.engine.nlu.reader import Reader
from bot.languages.register import occasion_of

UPSET = "upset"
_COMPLAINT = "complaint"

_LIKELY = 0.25
"""Share of the intent model's belief in a complaint from which a question is upset too. Of 168
calm ones 6 % lie above, most of them about something that went wrong."""
_LIKELY_LOUD = 0.08  # the same where the message is loud
_LOUD = re.compile(r"[!\uff01]")
_SHOUTING = re.compile(r"[!\uff01]{2}|[?\uff1f]{3}|[!?]{3}")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Mood(Reader):
    """Sets `upset` on a message; stands after the classifiers."""

    def read(self, message: Message, text: str) -> None:
        """Words of anger or of money gone, loudness, and what the intent model makes of it."""
        ranking = message.get("intent_ranking", [])
        complaint = sum(r["confidence"] for r in ranking if r["name"] == _COMPLAINT)
        least = _LIKELY_LOUD if _LOUD.search(text) else _LIKELY
        upset = (
            complaint >= least
            or bool(_SHOUTING.search(text))
            or occasion_of(text, message.get(LANGUAGE) or "en") is not None
        )
        message.set(UPSET, upset, add_to_output=True)

"""Rasa's entity extractor of this project: patterns, and the language a client wishes for."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from bot.engine.nlu.language import LANGUAGE
from bot.engine.nlu.patterns import find
from bot.engine.nlu.reader import Reader
from bot.languages.wish import wished_language

WISHED = "wished_language"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PatternEntities(Reader, EntityExtractorMixin):
    """Adds what `patterns.find` finds, and `wished_language` with a BCP 47 tag."""

    def read(self, message: Message, text: str) -> None:
        """A payload carries its own entities."""
        found = [
            {"entity": each.kind, "value": each.value, "start": each.start, "end": each.end}
            for each in find(text, message.get(LANGUAGE))
        ]
        wished = wished_language(text)
        if wished:
            found.append({"entity": WISHED, "value": wished, "start": 0, "end": len(text)})
        named = self.add_extractor_name(found)
        message.set(ENTITIES, message.get(ENTITIES, []) + named, add_to_output=True)

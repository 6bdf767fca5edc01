"""Rasa's responses said by the one renderer: `utter_x` is `engine.x` in the client's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.turn import Button
from bot.engine.underway import current
from bot.languages.say import say
from bot.languages.strings import STRINGS

_BUTTON = "engine.button."
_LABELS = {english: key for key, english in STRINGS.items() if key.startswith(_BUTTON)}


def key_of(response: str) -> str:
    """The string key that says a response of domain.yml."""
    return f"engine.{response.removeprefix('utter_')}"


def buttons_of(message: Mapping[str, Any], locale: str, register: str | None) -> tuple[Button, ...]:
    """A message's buttons; the titles we know in English are said in the client's language."""
    return tuple(
        Button(
            say(_LABELS[button["title"]], locale, register)
            if button["title"] in _LABELS
            else button["title"],
            button["payload"],
        )
        for button in message.get("buttons") or ()
    )


class Renderer(NaturalLanguageGenerator):
    """Says responses in the locale and register of the turn under way."""

    def __init__(self) -> None:
        self.domain: Domain = Domain.empty()

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """The text of a response, with the buttons domain.yml gives it.

        A `locale` in `kwargs` overrides the turn's; the rest fills placeholders.
        """
        underway = current.get()
        turn = underway.turn
        locale = kwargs.get("locale") or turn.locale
        given = {name: value for name, value in kwargs.items() if isinstance(value, str)}
        values: dict[str, Any] = {**turn.values, **given}
        values.pop("locale", None)
        try:
            text = say(key_of(utter_action), locale, turn.register, **values)
        except KeyError as error:
            underway.fail(error)
            raise
        return {"text": text, "language": locale, "buttons": list(self._buttons(utter_action))}

    def _buttons(self, response: str) -> Sequence[dict[str, Any]]:
        variations = self.domain.responses.get(response) or [{}]
        return variations[0].get("buttons") or ()

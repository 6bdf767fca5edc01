"""What an action wants done in the world, as values.

Actions only read and decide; they put effects on Rasa's dispatcher as `custom` payloads. The flow
carries them out in the transaction that commits the turn, so a crash neither loses nor doubles
one.
"""

import dataclasses
from typing import Any, ClassVar

_KEY = "effect"


class UnknownEffect(ValueError):
    """A custom payload names no effect that this program knows."""


@dataclasses.dataclass(frozen=True)
class _Effect:
    name: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """The form that travels on the dispatcher: `{"effect": name, …fields}`."""
        return {_KEY: self.name, **dataclasses.asdict(self)}


@dataclasses.dataclass(frozen=True)
class HandOff(_Effect):
    """Give the conversation to people. `reason`: asked, unanswered, complaint or failure."""

    name: ClassVar[str] = "hand_off"
    reason: str


@dataclasses.dataclass(frozen=True)
class ShowArticle(_Effect):
    """An article was given as the answer; `confidence` is between 0 and 1."""

    name: ClassVar[str] = "show_article"
    article: str
    locale: str
    confidence: float


@dataclasses.dataclass(frozen=True)
class NoteTopic(_Effect):
    """What the client's message is about (an intent or an article's category)."""

    name: ClassVar[str] = "note_topic"
    topic: str


@dataclasses.dataclass(frozen=True)
class Unanswered(_Effect):
    """The knowledge base had no answer to `text`; feeds the gaps report."""

    name: ClassVar[str] = "unanswered"
    text: str


@dataclasses.dataclass(frozen=True)
class Helped(_Effect):
    """The client said whether the last answer helped."""

    name: ClassVar[str] = "helped"
    yes: bool


@dataclasses.dataclass(frozen=True)
class ChangeLanguage(_Effect):
    """The client explicitly wishes to be spoken to in `language` (BCP 47)."""

    name: ClassVar[str] = "change_language"
    language: str


@dataclasses.dataclass(frozen=True)
class EndChat(_Effect):
    """The client said goodbye: the interaction may close."""

    name: ClassVar[str] = "end_chat"


Effect = HandOff | ShowArticle | NoteTopic | Unanswered | Helped | ChangeLanguage | EndChat
_BY_NAME: dict[str, type[Effect]] = {
    kind.name: kind
    for kind in (HandOff, ShowArticle, NoteTopic, Unanswered, Helped, ChangeLanguage, EndChat)
}


def effect_from_json(payload: dict[str, Any]) -> Effect:
    """Read back what `to_json` wrote.

    Raises:
        UnknownEffect: the name or the fields are not those of an effect.
    """
    fields = {key: value for key, value in payload.items() if key != _KEY}
    try:
        return _BY_NAME[payload[_KEY]](**fields)
    except (KeyError, TypeError) as error:
        raise UnknownEffect(f"not an effect: {payload!r}") from error

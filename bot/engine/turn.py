"""What goes into the engine and what comes out, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.conversations.effects import Effect


@dataclass(frozen=True)
class Turn:
    """One client message the bot is to answer.

    Either `text` is what the client wrote, or `intent` and `entities` (name → value) are what the
    button they pressed means. `locale` is the language they are spoken to in, `register` the form
    of address (None: the locale's default). `dialogue` is the `Outcome.dialogue` of the turn
    before, None at the start. `greeted` says that the channel has welcomed them, as the chat window
    does. `values` fill placeholders of replies ({shop}, …); they are never
    stored with the dialogue.
    """

    conversation: str
    text: str | None
    locale: str
    intent: str | None = None
    entities: Mapping[str, str] = field(default_factory=dict)
    register: str | None = None
    greeted: bool = False
    dialogue: dict[str, Any] | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Button:
    """A quick reply; `payload` is `/intent{"entity": "value"}`, which no client ever sees."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One message to the client, in `language`; `article` is the knowledge article it shows."""

    text: str
    language: str
    buttons: tuple[Button, ...] = ()
    article: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a turn comes to. Nothing has happened yet: the caller commits all of it, or none.

    `dialogue` is for the next turn (plain JSON); `intent` and `confidence` are what was
    understood, and `entities` what was found in the text.
    """

    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...]
    dialogue: dict[str, Any]
    intent: str | None
    confidence: float
    entities: tuple[dict[str, Any], ...] = ()


class EngineError(Exception):
    """The engine cannot do what was asked; the message says why."""


class TurnFailed(EngineError):
    """An action, a reply or the dialogue failed; nothing of the turn is to be kept."""


class TurnTimedOut(TurnFailed):
    """The turn did not end within its deadline."""


class ModelNotCurrent(EngineError):
    """There is no model, or it was trained from something else than the project holds now."""

"""The turn that is under way in this task: what Rasa's parts are handed, and what they leave."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from rasa.core.channels.channel import OutputChannel
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.turn import Turn


@dataclass
class Underway:
    """One turn's workspace.

    `failure` is the first error of an action or a reply: Rasa logs those and goes on, so they are
    noted here and end the turn afterwards.
    """

    turn: Turn
    tracker: DialogueStateTracker
    said: list[dict[str, Any]] = field(default_factory=list)
    failure: BaseException | None = None

    def fail(self, error: BaseException) -> None:
        """Note an error that Rasa is about to swallow."""
        self.failure = self.failure or error


current: ContextVar[Underway] = ContextVar("turn under way")


class Collected(OutputChannel):
    """Keeps what the bot says, in order, on the turn under way."""

    @classmethod
    def name(cls) -> str:
        """The channel's name in the tracker."""
        return "setu"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """One utterance: text, buttons, custom."""
        current.get().said.append(message)


class TurnTrackers(TrackerStore):
    """A tracker store that holds nothing but the turn under way."""

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker this turn began with."""
        return current.get().tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """The tracker this turn ends with."""
        current.get().tracker = tracker

    async def keys(self) -> Iterable[str]:
        """No conversation outlives its turn here."""
        return []

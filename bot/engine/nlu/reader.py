"""What the components that learn nothing share: how Rasa makes one, and which messages it reads."""

from __future__ import annotations

from typing import Any, TypeVar

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

_Made = TypeVar("_Made", bound="Reader")


class Reader(GraphComponent):
    """Reads each message's text; a button's payload is left alone: it says what it means."""

    @classmethod
    def create(
        cls: type[_Made],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> _Made:
        """See Rasa's `GraphComponent`."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """See Rasa's `GraphComponent`."""
        for message in messages:
            text = message.get(TEXT) or ""
            if not text.startswith("/"):
                self.read(message, text)
        return messages

    def read(self, message: Message, text: str) -> None:
        """Set on a message what its text tells."""
        raise NotImplementedError

"""Two patches to Rasa 3.6.21, which change its cost and not its behaviour.

Both are measured in DESIGN: Rasa checks its own constant JSON schema against the meta-schema
whenever an action returns (42 % of a turn's CPU), and searches all subclasses of Event for the
class of every event it reads back.
"""

from __future__ import annotations

import functools
from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event

_original_resolve = Event.resolve_by_type


def apply() -> None:
    """Patch Rasa in this process; calling it again changes nothing."""
    RemoteAction._validate_action_result = _validate_action_result
    Event.resolve_by_type = staticmethod(_resolve_by_type)


@functools.lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """As Rasa's: True, or jsonschema's ValidationError."""
    _validator().validate(result)
    return True


@functools.lru_cache(maxsize=256)
def _event_class(type_name: str) -> type[Event] | None:
    # No default here, so that what is unknown raises, is not remembered, and is found once it is
    # defined.
    found: type[Event] | None = _original_resolve(type_name)
    return found


def _resolve_by_type(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """As Rasa's: the event class of that name, `default`, or ValueError."""
    try:
        return _event_class(type_name)
    except ValueError:
        if default is not None:
            return default
        raise

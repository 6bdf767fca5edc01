"""Custom actions in this process: where Rasa would call an action server, it calls them here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.engine.underway import current


class InProcessActions(EndpointConfig):
    """Rasa's action endpoint, answered by action instances."""

    def __init__(self, actions: Iterable[Action]) -> None:
        # Selective domain: otherwise every call serialises the whole domain.
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any | None:
        """Run the action that the call in `json` names.

        Raises:
            ClientResponseError: status 400, as the SDK's server answers, when the action refuses
                to run; Rasa then lets another one be predicted.
            Exception: whatever else the action raised; it is also noted on the turn, because Rasa
                only logs it.
        """
        call = kwargs["json"]
        try:
            return await self._executor.run(call)
        except ActionExecutionRejection as refusal:
            answer = {"error": str(refusal), "action_name": refusal.action_name}
            raise ClientResponseError(400, str(refusal), json.dumps(answer)) from refusal
        # The boundary to code of others: any error at all must fail the turn.
        except Exception as error:
            current.get().fail(error)
            raise

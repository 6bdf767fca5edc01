"""The loaded Rasa model and one turn through it. Lives in the engine's thread."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import SlotSet
from rasa_sdk import Action

from bot.conversations.effects import Effect, UnknownEffect, effect_from_json
from bot.engine import dialogue, rasa_patches
from bot.engine.actions_endpoint import InProcessActions
from bot.engine.renderer import Renderer, buttons_of
from bot.engine.turn import Outcome, Reply, Turn, TurnFailed
from bot.engine.underway import Collected, TurnTrackers, Underway, current

_LANGUAGE, _GREETED = "language", "greeted"


class Brain:
    """A trained model, ready to answer.

    Args:
        model: the model's archive.
        actions: instances of the custom actions.
    """

    def __init__(self, model: Path, actions: Iterable[Action]) -> None:
        if not structlog.is_configured():
            # Its default prints everything, clients' messages included.
            quiet = structlog.make_filtering_bound_logger(logging.INFO)
            structlog.configure(wrapper_class=quiet)
        rasa_patches.apply()
        self._renderer = Renderer()
        agent = Agent.load(
            model,
            generator=self._renderer,
            tracker_store=TurnTrackers(None),
            action_endpoint=InProcessActions(actions),
        )
        self._processor = agent.processor
        self._domain = self._renderer.domain = agent.domain
        self._channel = Collected()

    async def answer(self, turn: Turn) -> Outcome:
        """One turn.

        Raises:
            TurnFailed: something raised an error, whose cause it carries.
        """
        # The sender is the turn, not the conversation: an attempt that was given up must not
        # meet the one after it.
        sender = f"{turn.conversation}.{secrets.token_hex(4)}"
        tracker = dialogue.restore(turn.dialogue, sender, self._domain)
        if _LANGUAGE in tracker.slots and tracker.get_slot(_LANGUAGE) != turn.locale:
            tracker.update(SlotSet(_LANGUAGE, turn.locale))
        if turn.greeted and _GREETED in tracker.slots and not tracker.get_slot(_GREETED):
            tracker.update(SlotSet(_GREETED, True))
        underway = Underway(turn, tracker)
        current.set(underway)
        message = UserMessage(
            turn.text,
            self._channel,
            sender,
            parse_data=_pressed(turn) if turn.text is None else None,
            input_channel=self._channel.name(),
            metadata={_LANGUAGE: turn.locale},
        )
        try:
            await self._processor.handle_message(message)
        # The boundary to Rasa, which raises whatever a component raised.
        except Exception as error:
            raise TurnFailed(f"{type(error).__name__}: {error}") from error
        if underway.failure is not None:
            failure = underway.failure
            raise TurnFailed(f"{type(failure).__name__}: {failure}") from failure
        return self._outcome(underway)

    async def parse(self, text: str) -> dict[str, Any]:
        """See `Engine.parse`."""
        parsed = await self._processor.parse_message(UserMessage(text))
        return {
            "language": parsed.get(_LANGUAGE),
            "intent": parsed["intent"]["name"],
            "confidence": round(float(parsed["intent"]["confidence"]), 4),
            "entities": [_plain(entity) for entity in parsed["entities"]],
        }

    def _outcome(self, underway: Underway) -> Outcome:
        replies: list[Reply] = []
        effects: list[Effect] = []
        turn = underway.turn
        for message in underway.said:
            article, language = None, message.get(_LANGUAGE, turn.locale)
            if message.get("custom"):
                effect = _effect(message["custom"])
                effects.append(effect)
                article = getattr(effect, "article", None)
                language = getattr(effect, "locale", language)
            if message.get("text"):
                buttons = buttons_of(message, language, turn.register)
                replies.append(Reply(message["text"], language, buttons, article))
        understood = underway.tracker.latest_message
        return Outcome(
            replies=tuple(replies),
            effects=tuple(effects),
            dialogue=dialogue.snapshot(underway.tracker, self._domain),
            intent=understood.intent.get("name"),
            confidence=round(float(understood.intent.get("confidence") or 0.0), 4),
            entities=tuple(_plain(entity) for entity in understood.entities),
        )


def _pressed(turn: Turn) -> dict[str, Any]:
    """What Rasa's NLU would have said, for a button: its meaning needs no understanding."""
    entities = [{"entity": name, "value": value} for name, value in turn.entities.items()]
    return {
        "text": None,
        "intent": {"name": turn.intent, "confidence": 1.0},
        "entities": entities,
        _LANGUAGE: turn.locale,
    }


def _effect(payload: dict[str, Any]) -> Effect:
    try:
        return effect_from_json(payload)
    except UnknownEffect as error:
        raise TurnFailed(str(error)) from error


def _plain(entity: dict[str, Any]) -> dict[str, Any]:
    return {key: entity[key] for key in ("entity", "value", "start", "end") if key in entity}

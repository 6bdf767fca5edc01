"""Every channel there is, in one list. A new one is added here, and nowhere else."""

from collections.abc import Callable

from bot.channels.contract import Channel
from bot.channels.telegram import channel as telegram
from bot.channels.webhook import channel as webhook
from bot.settings import Settings

KNOWN: dict[str, Callable[[Settings], Channel | None]] = {
    webhook.NAME: webhook.configured,
    telegram.NAME: telegram.configured,
}
"""By name, what makes a channel from the settings; None where it is off."""


def configured(settings: Settings) -> dict[str, Channel]:
    """The channels that are on, by name."""
    made = {name: make(settings) for name, make in KNOWN.items()}
    return {name: channel for name, channel in made.items() if channel is not None}

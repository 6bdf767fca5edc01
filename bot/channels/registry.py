"""Every channel there is, in one list. A new one is added here, and nowhere else."""

import dataclasses
from collections.abc import Callable

from bot.channels.contract import Channel, Limits
from bot.channels.email import channel as email
from bot.channels.slack import channel as slack
from bot.channels.telegram import channel as telegram
from bot.channels.webhook import channel as webhook
from bot.channels.whatsapp import channel as whatsapp
from bot.settings import Settings


@dataclasses.dataclass(frozen=True)
class Kind:
    """A channel that can be: what its platform takes, the settings it needs, and what makes it
    from them."""

    limits: Limits
    needs: tuple[str, ...]
    make: Callable[[Settings], Channel]

    def missing(self, settings: Settings) -> list[str]:
        """The environment's names of what it needs and has not."""
        return [f"SETU_{name.upper()}" for name in self.needs if not getattr(settings, name)]

    def begun(self, settings: Settings) -> bool:
        """Whether somebody has set it up by half."""
        return 0 < len(self.missing(settings)) < len(self.needs)


KNOWN: dict[str, Kind] = {
    webhook.NAME: Kind(webhook.Webhook.limits, webhook.NEEDS, webhook.configured),
    telegram.NAME: Kind(telegram.Telegram.limits, telegram.NEEDS, telegram.configured),
    whatsapp.NAME: Kind(whatsapp.WhatsApp.limits, whatsapp.NEEDS, whatsapp.configured),
    slack.NAME: Kind(slack.Slack.limits, slack.NEEDS, slack.configured),
    email.NAME: Kind(email.Email.limits, email.NEEDS, email.configured),
}


def configured(settings: Settings) -> dict[str, Channel]:
    """The channels that are on, by name: those that have what they need."""
    return {name: kind.make(settings) for name, kind in KNOWN.items() if not kind.missing(settings)}

"""The kits of all channels; a new channel brings its own (docs/add-a-channel.md)."""

from tests.channels.kits.email import EmailKit
from tests.channels.kits.kit import Arrived, Kit
from tests.channels.kits.slack import SlackKit
from tests.channels.kits.telegram import TelegramKit
from tests.channels.kits.webhook import WebhookKit
from tests.channels.kits.whatsapp import WhatsAppKit

__all__ = [
    "KITS",
    "Arrived",
    "EmailKit",
    "Kit",
    "SlackKit",
    "TelegramKit",
    "WebhookKit",
    "WhatsAppKit",
]

KITS: tuple[Kit, ...] = (WebhookKit(), TelegramKit(), WhatsAppKit(), SlackKit(), EmailKit())

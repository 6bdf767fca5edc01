"""What the contract suite needs to know of each channel: how its platform would say things."""

import json
import time
from typing import Any, Protocol

from bot.channels.contract import Hook, Hooked
from bot.channels.platform import signature
from bot.channels.telegram.channel import Telegram
from bot.channels.webhook.channel import Webhook
from tests.channels.fake import FakePlatform, Reply


class Kit(Protocol):
    """One platform. `limited`, `broken`, `blocked` and `refused` are answers it gives."""

    name: str
    blocked: Reply | None
    refused: Reply

    def channel(self, platform: FakePlatform) -> Hooked: ...
    def text(self, address: str, id: int, text: str) -> dict[str, Any]: ...
    def press(self, address: str, id: int, payload: str) -> dict[str, Any] | None: ...
    def photo(self, address: str, id: int) -> dict[str, Any]: ...
    def edit(self, address: str, id: int, text: str) -> dict[str, Any] | None: ...
    def sign(self, content: dict[str, Any], at: float | None = None) -> Hook: ...
    def shown(self, sent: dict[str, Any]) -> str: ...


class WebhookKit:
    name = "webhook"
    blocked = Reply(410)
    refused = Reply(422)
    secret = "between the two of us"

    def channel(self, platform: FakePlatform) -> Webhook:
        return Webhook(self.secret, f"{platform.url}/answers")

    def text(self, address: str, id: int, text: str) -> dict[str, Any]:
        return {"id": f"m{id}", "from": address, "text": text, "name": "Rina", "language": "bn"}

    def press(self, address: str, id: int, payload: str) -> dict[str, Any]:
        return {"id": f"m{id}", "from": address, "payload": payload}

    def photo(self, address: str, id: int) -> dict[str, Any]:
        return {"id": f"m{id}", "from": address, "media": "photo"}

    def edit(self, address: str, id: int, text: str) -> dict[str, Any]:
        return {"type": "edit", "id": f"m{id}", "from": address, "text": text, "version": "1"}

    def sign(self, content: dict[str, Any], at: float | None = None) -> Hook:
        body, moment = json.dumps(content).encode(), time.time() if at is None else at
        stamp = str(int(moment))
        signed = signature(self.secret, f"{stamp}.".encode() + body)
        headers = {"setu-timestamp": stamp, "setu-signature": f"sha256={signed}"}
        return Hook(body, headers, {}, time.time())

    def shown(self, sent: dict[str, Any]) -> str:
        return str(sent["text"])


class TelegramKit:
    name = "telegram"
    token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
    blocked = Reply(
        403,
        {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"},
    )
    refused = Reply(
        400, {"ok": False, "error_code": 400, "description": "Bad Request: message text is empty"}
    )

    def channel(self, platform: FakePlatform) -> Telegram:
        platform.usual = Reply(
            200, lambda call: {"ok": True, "result": {"message_id": 7000 + len(platform.calls)}}
        )
        return Telegram(self.token, platform.url)

    def _message(self, address: str, id: int) -> dict[str, Any]:
        return {
            "message_id": id,
            "from": {
                "id": int(address),
                "is_bot": False,
                "first_name": "Rina",
                "last_name": "Sen",
                "language_code": "bn",
            },
            "chat": {"id": int(address), "first_name": "Rina", "type": "private"},
            "date": 1700000000,
        }

    def text(self, address: str, id: int, text: str) -> dict[str, Any]:
        return {"update_id": id, "message": {**self._message(address, id), "text": text}}

    def press(self, address: str, id: int, payload: str) -> dict[str, Any]:
        message = self._message(address, 900)
        return {
            "update_id": id,
            "callback_query": {
                "id": f"43823{id}",
                "from": message["from"],
                "message": message,
                "chat_instance": "1",
                "data": payload,
            },
        }

    def photo(self, address: str, id: int) -> dict[str, Any]:
        sizes = [{"file_id": "AgAC", "file_unique_id": "AQ", "width": 90, "height": 67}]
        return {"update_id": id, "message": {**self._message(address, id), "photo": sizes}}

    def edit(self, address: str, id: int, text: str) -> dict[str, Any]:
        edited = {**self._message(address, id), "edit_date": 1700000100, "text": text}
        return {"update_id": id + 5000, "edited_message": edited}

    def sign(self, content: dict[str, Any], at: float | None = None) -> Hook:
        secret = signature(self.token, b"setu webhook")
        headers = {"x-telegram-bot-api-secret-token": secret}
        return Hook(json.dumps(content).encode(), headers, {}, time.time())

    def shown(self, sent: dict[str, Any]) -> str:
        return str(sent["text"])


KITS: tuple[Kit, ...] = (WebhookKit(), TelegramKit())

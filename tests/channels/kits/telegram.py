"""How Telegram says things, and is told them."""

import json
import time
from typing import Any

from bot.channels.contract import Hook
from bot.channels.platform import signature
from bot.channels.telegram.channel import Telegram
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits.kit import Arrived


class TelegramKit:
    name = "telegram"
    path = "/sendMessage"
    knows = True
    unseen = "channel.voice"
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
        sizes = [
            {"file_id": "AgAC", "file_unique_id": "AQ", "width": 90, "height": 67},
            {"file_id": "AgAD", "file_unique_id": "AR", "width": 900, "height": 670},
        ]
        return {"update_id": id, "message": {**self._message(address, id), "photo": sizes}}

    def voice(self, address: str, id: int) -> dict[str, Any]:
        voice = {"file_id": "AwAC", "file_unique_id": "AQ", "duration": 3}
        return {"update_id": id, "message": {**self._message(address, id), "voice": voice}}

    def keeps(self, platform: FakePlatform, reply: Reply) -> str:
        found = {"file_id": "AgAD", "file_unique_id": "AR", "file_path": "photos/file_1.jpg"}
        platform.by_path["/getFile"] = Reply(200, {"ok": True, "result": found})
        platform.by_path[f"/file/bot{self.token}/photos/file_1.jpg"] = reply
        return "/photos/file_1.jpg"

    def edit(self, address: str, id: int, text: str) -> dict[str, Any]:
        edited = {**self._message(address, id), "edit_date": 1700000100, "text": text}
        return {"update_id": id + 5000, "edited_message": edited}

    def sign(self, content: dict[str, Any], at: float | None = None) -> Hook:
        secret = signature(self.token, b"setu webhook")
        headers = {"x-telegram-bot-api-secret-token": secret}
        return Hook(json.dumps(content).encode(), headers, {}, time.time())

    def shown(self, sent: dict[str, Any]) -> str:
        return str(sent["text"])

    def files(self, platform: FakePlatform) -> list[Arrived]:
        return [
            Arrived(name, content, call.content.get("caption", ""))
            for call in platform.calls
            for name, _, content in call.files.values()
        ]

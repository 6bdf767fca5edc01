"""How a program of one's own says things, and is told them."""

import base64
import json
import time
from typing import Any

from bot.channels.contract import Hook
from bot.channels.platform import signature
from bot.channels.webhook.channel import Webhook
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits.kit import Arrived


class WebhookKit:
    name = "webhook"
    path = "/answers"
    knows = True
    unseen = "channel.voice"
    blocked = Reply(410)
    refused = Reply(422)
    secret = "between the two of us"

    def channel(self, platform: FakePlatform) -> Webhook:
        self.host = platform.url
        return Webhook(self.secret, f"{platform.url}/answers")

    def text(self, address: str, id: int, text: str) -> dict[str, Any]:
        return {"id": f"m{id}", "from": address, "text": text, "name": "Rina", "language": "bn"}

    def press(self, address: str, id: int, payload: str) -> dict[str, Any]:
        return {"id": f"m{id}", "from": address, "payload": payload}

    def photo(self, address: str, id: int) -> dict[str, Any]:
        file = {"url": f"{self.host}/pictures/1?of=me", "name": "scratch.png"}
        return {"id": f"m{id}", "from": address, "media": "photo", "files": [file]}

    def voice(self, address: str, id: int) -> dict[str, Any]:
        return {"id": f"m{id}", "from": address, "media": "voice"}

    def keeps(self, platform: FakePlatform, reply: Reply) -> str:
        platform.by_path["/pictures/1"] = reply
        return "/pictures/1"

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

    def files(self, platform: FakePlatform) -> list[Arrived]:
        return [
            Arrived(sent["file"]["name"], base64.b64decode(sent["file"]["content"]), sent["text"])
            for sent in platform.sent(self.path)
            if "file" in sent
        ]

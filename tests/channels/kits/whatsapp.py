"""How WhatsApp says things, and is told them."""

import json
import time
from typing import Any

from bot.channels.contract import Hook
from bot.channels.platform import signature
from bot.channels.whatsapp.channel import WhatsApp
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits.kit import Arrived


class WhatsAppKit:
    name = "whatsapp"
    path = "/messages"
    knows = False
    unseen = "channel.voice"
    secret = "the app's secret"
    phone = "106540352242922"
    blocked: Reply | None = Reply(400, {"error": {"code": 131050, "message": "User opted out"}})
    refused = Reply(400, {"error": {"code": 100, "message": "Invalid parameter"}})

    def channel(self, platform: FakePlatform, **more: Any) -> WhatsApp:
        platform.usual = Reply(
            200,
            lambda call: {
                "messaging_product": "whatsapp",
                "messages": [{"id": f"wamid.{len(platform.calls)}"}],
            },
        )
        platform.by_path["/media"] = Reply(200, lambda call: {"id": f"{len(platform.calls)}"})
        values = {"token": "EAAG", "secret": self.secret, "phone": self.phone, **more}
        return WhatsApp(api=platform.url, **values)

    def value(self, **more: Any) -> dict[str, Any]:
        metadata = {"display_phone_number": "15550783881", "phone_number_id": self.phone}
        value = {"messaging_product": "whatsapp", "metadata": metadata, **more}
        change = {"value": value, "field": "messages"}
        entry = {"id": "102290129340398", "changes": [change]}
        return {"object": "whatsapp_business_account", "entry": [entry]}

    def _message(self, address: str, id: int, kind: str, content: Any) -> dict[str, Any]:
        message = {
            "from": address,
            "id": f"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA={id}",
            "timestamp": str(1749416383 + id),
            "type": kind,
            kind: content,
        }
        contact = {"profile": {"name": "Rina Sen"}, "wa_id": address}
        return self.value(contacts=[contact], messages=[message])

    def text(self, address: str, id: int, text: str) -> dict[str, Any]:
        return self._message(address, id, "text", {"body": text})

    def press(self, address: str, id: int, payload: str) -> dict[str, Any]:
        reply = {"id": payload, "title": "No"}
        content = {"type": "button_reply", "button_reply": reply}
        return self._message(address, id, "interactive", content)

    def photo(self, address: str, id: int) -> dict[str, Any]:
        content = {"mime_type": "image/jpeg", "sha256": "x", "id": "1003383421387256"}
        return self._message(address, id, "image", content)

    def voice(self, address: str, id: int) -> dict[str, Any]:
        return self._message(
            address, id, "audio", {"mime_type": "audio/ogg", "id": "1", "voice": True}
        )

    def keeps(self, platform: FakePlatform, reply: Reply) -> str:
        place = {"url": f"{platform.url}/whatsapp_business/attachments/", "file_size": 9}
        platform.by_path["/1003383421387256"] = Reply(200, place)
        platform.by_path["/whatsapp_business/attachments/"] = reply
        return "/whatsapp_business/attachments/"

    def edit(self, address: str, id: int, text: str) -> None:
        return None

    def sign(self, content: dict[str, Any], at: float | None = None) -> Hook:
        body = json.dumps(content).encode()
        headers = {"x-hub-signature-256": f"sha256={signature(self.secret, body)}"}
        return Hook(body, headers, {}, time.time())

    def shown(self, sent: dict[str, Any]) -> str:
        kind = sent["type"]
        body = sent[kind]["body"]
        return str(body["text"] if kind == "interactive" else body)

    def files(self, platform: FakePlatform) -> list[Arrived]:
        found, media = [], {}
        for nth, call in enumerate(platform.calls, 1):
            if call.path.endswith("/media"):
                name, kind, content = call.files["file"]
                assert call.content == {"messaging_product": "whatsapp", "type": kind}
                media[str(nth)] = (name, content)
            elif call.content.get("type") in ("image", "document"):
                shown = call.content[call.content["type"]]
                name, content = media[shown["id"]]
                found.append(Arrived(name, content, shown.get("caption", "")))
        return found

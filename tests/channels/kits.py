"""What the contract suite needs to know of each channel: how its platform would say things."""

import base64
import json
import time
import urllib.parse
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from bot.channels.contract import Channel, Hook
from bot.channels.email.channel import Email
from bot.channels.email.servers import Server
from bot.channels.platform import signature
from bot.channels.slack.channel import Slack
from bot.channels.telegram.channel import Telegram
from bot.channels.webhook.channel import Webhook
from bot.channels.whatsapp.channel import WhatsApp
from tests.channels.fake import FakePlatform, Reply
from tests.channels.mail import words


@dataclass(frozen=True)
class Arrived:
    """A file that the platform was sent, with the words that came as one message with it."""

    name: str
    content: bytes
    words: str = ""


class Kit(Protocol):
    """One platform. `path` is where it is sent messages; `blocked` and `refused` are answers it
    gives; `knows` whether it tells a client's language; `unseen` what stands for `voice`, which
    nobody can open. `keeps` is what the platform answers to whoever asks for a `photo`; it gives
    the end of the path asked for."""

    name: str
    path: str
    knows: bool
    unseen: str
    blocked: Reply | None
    refused: Reply

    def channel(self, platform: FakePlatform) -> Channel: ...
    def text(self, address: str, id: int, text: str) -> dict[str, Any]: ...
    def press(self, address: str, id: int, payload: str) -> dict[str, Any] | None: ...
    def photo(self, address: str, id: int) -> dict[str, Any]: ...
    def voice(self, address: str, id: int) -> dict[str, Any]: ...
    def keeps(self, platform: FakePlatform, reply: Reply) -> str: ...
    def edit(self, address: str, id: int, text: str) -> dict[str, Any] | None: ...
    def sign(self, content: dict[str, Any], at: float | None = None) -> Hook: ...
    def shown(self, sent: dict[str, Any]) -> str: ...
    def files(self, platform: Any) -> list[Arrived]: ...


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


class SlackKit:
    name = "slack"
    path = "/chat.postMessage"
    knows = True
    unseen = "channel.voice"
    secret = "8f742231b10e8888abcd99yyyzzz85a5"
    blocked: Reply | None = Reply(200, {"ok": False, "error": "messages_tab_disabled"})
    refused = Reply(200, {"ok": False, "error": "invalid_blocks"})

    def channel(self, platform: FakePlatform) -> Slack:
        platform.usual = Reply(
            200, lambda call: {"ok": True, "channel": "D1", "ts": f"17.{len(platform.calls):06}"}
        )
        profile = {"display_name": "Rina"}
        person = {"id": "U1", "locale": "bn-IN", "tz": "Asia/Kolkata", "profile": profile}
        platform.by_path["/users.info"] = Reply(200, {"ok": True, "user": person})
        platform.by_path["/files.getUploadURLExternal"] = Reply(
            200,
            lambda call: {
                "ok": True,
                "upload_url": f"{platform.url}/upload/v1/{len(platform.calls)}",
                "file_id": f"F{len(platform.calls)}",
            },
        )
        self.host = platform.url
        return Slack("xoxb-1", self.secret, platform.url)

    def event(self, **event: Any) -> dict[str, Any]:
        return {
            "token": "z26uFbvR1xHJEdHE1OQiO6t8",
            "team_id": "T123ABC456",
            "api_app_id": "A123ABC456",
            "event": event,
            "type": "event_callback",
            "event_id": "Ev123ABC456",
            "event_time": 1355517523,
        }

    def text(self, address: str, id: int, text: str) -> dict[str, Any]:
        return self.event(
            type="message",
            channel=address,
            user="U1",
            text=text,
            ts=f"1355517523.{id:06}",
            channel_type="im",
        )

    def press(self, address: str, id: int, payload: str) -> dict[str, Any]:
        return {
            "type": "block_actions",
            "user": {"id": "U1", "team_id": "T123ABC456"},
            "channel": {"id": address, "name": "directmessage"},
            "message": {"ts": f"1355517500.{id:06}", "type": "message"},
            "actions": [{"type": "button", "value": payload, "action_ts": f"13.{id}"}],
        }

    def photo(self, address: str, id: int) -> dict[str, Any]:
        update = self.text(address, id, "")
        url = f"{self.host}/files-pri/T1-F1/scratch.png"
        file = {"id": "F1", "mimetype": "image/png", "name": "scratch.png", "url_private": url}
        update["event"] |= {"subtype": "file_share", "files": [file]}
        return update

    def voice(self, address: str, id: int) -> dict[str, Any]:
        update = self.text(address, id, "")
        file = {"id": "F1", "mimetype": "audio/mp4", "url_private": f"{self.host}/files-pri/2"}
        update["event"] |= {"subtype": "file_share", "files": [file]}
        return update

    def keeps(self, platform: FakePlatform, reply: Reply) -> str:
        platform.by_path["/scratch.png"] = reply
        return "/scratch.png"

    def edit(self, address: str, id: int, text: str) -> dict[str, Any]:
        stamp = f"1355517523.{id:06}"
        message = {"type": "message", "user": "U1", "text": text, "ts": stamp}
        return self.event(
            type="message",
            subtype="message_changed",
            channel=address,
            channel_type="im",
            ts=f"1355517600.{id:06}",
            message={**message, "edited": {"user": "U1", "ts": "1355517600.000000"}},
            previous_message={**message, "text": "before"},
        )

    def sign(self, content: dict[str, Any], at: float | None = None) -> Hook:
        if content.get("type") == "block_actions":
            body = urllib.parse.urlencode({"payload": json.dumps(content)}).encode()
            kind = "application/x-www-form-urlencoded"
        else:
            body, kind = json.dumps(content).encode(), "application/json"
        stamp = str(int(time.time() if at is None else at))
        signed = signature(self.secret, f"v0:{stamp}:".encode() + body)
        headers = {
            "content-type": kind,
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": f"v0={signed}",
        }
        return Hook(body, headers, {}, time.time())

    def shown(self, sent: dict[str, Any]) -> str:
        return str(sent["text"])

    def files(self, platform: FakePlatform) -> list[Arrived]:
        names = {
            f"F{nth}": call.content["filename"]
            for nth, call in enumerate(platform.calls, 1)
            if call.path.endswith("/files.getUploadURLExternal")
        }
        brought = {
            f"F{call.path.rpartition('/')[2]}": call.raw
            for call in platform.calls
            if "/upload/v1/" in call.path
        }
        return [
            Arrived(names[file["id"]], brought[file["id"]], sent.get("initial_comment", ""))
            for sent in platform.sent("/files.completeUploadExternal")
            for file in sent["files"]
        ]


class EmailKit:
    """Nobody calls a mailbox: what comes is put into it (`tests.channels.mail`)."""

    name = "email"
    path = ""
    knows = True
    unseen = "channel.other"
    blocked: Reply | None = Reply(550, "550 5.1.1 no such user here")
    refused = Reply(554, "554 5.7.1 this looks like spam")

    def channel(self, platform: FakePlatform) -> Email:
        """One that only renders: the servers are not there."""
        server = Server("imaps://localhost", "help", "")
        return Email(server, server, "Nadi <help@nadi.example>", shop="Nadi")

    def text(self, address: str, id: int, text: str) -> dict[str, Any]:
        return {"from": f"Rina <{address}@example.com>", "id": id, "text": text}

    def press(self, address: str, id: int, payload: str) -> None:
        return None

    def photo(self, address: str, id: int) -> dict[str, Any]:
        return {**self.text(address, id, ""), "picture": True}

    def voice(self, address: str, id: int) -> dict[str, Any]:
        """What is encrypted cannot be read."""
        return {**self.text(address, id, ""), "sealed": True}

    def keeps(self, platform: FakePlatform, reply: Reply) -> str:
        pytest.skip("files come with the mail")

    def edit(self, address: str, id: int, text: str) -> None:
        return None

    def sign(self, content: dict[str, Any], at: float | None = None) -> Hook:
        pytest.skip("nobody calls a mailbox")

    def shown(self, sent: dict[str, Any]) -> str:
        return str(sent["text"])

    def files(self, platform: Any) -> list[Arrived]:
        return [
            Arrived(part.get_filename(), part.get_content(), words(mail))
            for mail in platform.mails
            for part in mail.iter_attachments()
        ]


KITS: tuple[Kit, ...] = (WebhookKit(), TelegramKit(), WhatsAppKit(), SlackKit(), EmailKit())

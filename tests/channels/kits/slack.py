"""How Slack says things, and is told them."""

import json
import time
import urllib.parse
from typing import Any

from bot.channels.contract import Hook
from bot.channels.platform import signature
from bot.channels.slack.channel import Slack
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits.kit import Arrived


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

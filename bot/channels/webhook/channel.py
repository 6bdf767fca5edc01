"""The generic channel: signed JSON both ways, for programs of your own.

Each request carries `Setu-Timestamp` (seconds since 1970) and `Setu-Signature`, `sha256=` and the
HMAC-SHA256 of `<timestamp>.<body>` under the shared secret. One more than five minutes old is
refused, so a recorded one is worthless; one that comes twice within them is recognised by its id.
docs/connect-your-own.md has it with curl.
"""

import base64
import datetime as dt
import json
import time
from collections.abc import Sequence

import httpx
from pydantic import ValidationError

from bot.channels.contract import (
    Answer,
    Finding,
    Hook,
    Later,
    Limits,
    Never,
    Outgoing,
    Said,
    Unreadable,
    Unverified,
    Update,
)
from bot.channels.platform import call, client, download, same, signature, timely, within
from bot.channels.webhook.bodies import update_of
from bot.conversations import files
from bot.db import JsonDict
from bot.settings import Settings

NAME = "webhook"
NEEDS = ("webhook_secret",)
TOLERANCE = dt.timedelta(minutes=5)
_MISTAKES = (401, 403, 404, 405, 407, 408)  # somebody's, to be mended: the message can wait


def configured(settings: Settings) -> "Webhook":
    """The channel, by the settings."""
    return Webhook(settings.webhook_secret, settings.webhook_url)


class Webhook:
    """See the module.

    Args:
        secret: shared with the other side.
        url: where our messages are posted to.
    """

    name = NAME
    limits = Limits(
        text=20_000,
        buttons=100,
        title=200,
        per_second=50.0,
        files=dict.fromkeys(files.KINDS, 25 * 1024 * 1024),
        caption=20_000,
        opens=True,
    )
    pushes_back = True

    def __init__(self, secret: str, url: str) -> None:
        self._secret = secret
        self._url = url
        self._http = client()

    def verify(self, hook: Hook) -> None:
        """See `Hooked.verify`."""
        stamp = hook.headers.get("setu-timestamp", "")
        signed = f"sha256={signature(self._secret, f'{stamp}.'.encode() + hook.body)}"
        if not same(hook.headers.get("setu-signature", ""), signed):
            raise Unverified("wrong signature")
        timely(stamp, hook.at, TOLERANCE.total_seconds())

    def parse(self, hook: Hook) -> Sequence[Update]:
        """See `Hooked.parse`."""
        try:
            update = update_of(json.loads(hook.body))
        except (ValueError, ValidationError, RecursionError) as error:
            raise Unreadable(str(error)) from error
        for file in update.remote if isinstance(update, Said) else ():
            if not self._url or not within(file.at["url"], self._url):
                raise Unreadable("files are fetched from the host of SETU_WEBHOOK_URL only")
        return [update]

    async def fetch(self, at: JsonDict, most: int) -> bytes:
        """See `Fetching.fetch`. Signed as what we post is, with path and query for the body."""
        if not within(at["url"], self._url):
            raise Never("refused", "SETU_WEBHOOK_URL has changed")
        path = httpx.URL(at["url"]).raw_path
        return await download(self._http, at["url"], most, headers=self._signed(path))

    def answer(self, hook: Hook) -> Answer:
        """See `Hooked.answer`."""
        return Answer({"ok": True}, 202)

    def handshake(self, hook: Hook) -> Answer:
        """Nobody asks for one."""
        raise Unverified("no handshake")

    def render(self, message: Outgoing) -> Sequence[JsonDict]:
        """The message as it is: the other side knows best how to show it."""
        whole = self._whole(message)
        further = range(1, len(message.files))
        # One file a request, so that none grows beyond what a server takes.
        return [
            {**whole, "file": 0} if message.files else whole,
            *(
                {**whole, "id": f"{message.id}-{nth}", "text": "", "buttons": [], "file": nth}
                for nth in further
            ),
        ]

    def _whole(self, message: Outgoing) -> JsonDict:
        return {
            "type": "message",
            "id": message.id,
            "to": message.address,
            "text": message.text,
            "format": "markdown" if message.markdown else "plain",
            "language": message.language,
            "author": message.author,
            "name": message.name,
            "buttons": [
                {"title": choice.title, "payload": choice.payload} for choice in message.choices
            ],
            "layout": "rating" if message.rating else None,
        }

    async def send(self, message: Outgoing, part: JsonDict) -> str:
        """See `Channel.send`. The id is our own; whoever has seen it knows a repeated one by it."""
        if not self._url:
            raise Never("fault", "SETU_WEBHOOK_URL is not set")
        if "file" in part:
            file = message.files[part["file"]]
            content = base64.b64encode(await file.read()).decode()
            shown = {"name": file.name, "kind": file.kind, "size": file.size, "content": content}
            part = {**part, "file": shown}
        reply = await self._post(part)
        if reply.is_success:
            return message.id
        why = f"it answered {reply.status_code}"
        if reply.status_code in _MISTAKES or reply.is_redirect:
            raise Later(why)
        if "file" in part and reply.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            raise Never("file", why)
        raise Never("gone" if reply.status_code == httpx.codes.GONE else "refused", why)

    async def check(self, address: str) -> Sequence[Finding]:
        """Post a ping to the other side."""
        ours = Finding(True, f"programs write to {address}/api/channels/{NAME}")
        if not self._url:
            advice = "Set SETU_WEBHOOK_URL to where answers are to be posted."
            return [ours, Finding(False, "answers go nowhere", advice)]
        try:
            reply = await self._post({"type": "ping"})
        except (Later, Never) as error:
            return [ours, Finding(False, f"answers: {error}", "Is SETU_WEBHOOK_URL right, and up?")]
        if reply.is_success:
            return [ours, Finding(True, "answers are taken")]
        advice = "Does the other side check the signature with the same SETU_WEBHOOK_SECRET?"
        return [ours, Finding(False, f"answers: refused with {reply.status_code}", advice)]

    async def register(self, address: str) -> Sequence[Finding]:
        """Nothing to set up from here."""
        return await self.check(address)

    async def close(self) -> None:
        """See `Channel.close`."""
        await self._http.aclose()

    async def _post(self, content: JsonDict) -> httpx.Response:
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", **self._signed(body)}
        if "id" in content:
            headers["Idempotency-Key"] = content["id"]
        return await call(self._http, "POST", self._url, content=body, headers=headers)

    def _signed(self, content: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))
        signed = signature(self._secret, f"{stamp}.".encode() + content)
        return {"Setu-Timestamp": stamp, "Setu-Signature": f"sha256={signed}"}

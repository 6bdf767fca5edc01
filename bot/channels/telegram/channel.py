"""Telegram: private chats with a bot, by webhook.

Telegram proves itself by a secret we gave it with the address (a header on each request); it signs
nothing and no time, so a repeated update is told by its message's id. It sends updates one at a
time when asked to (`max_connections`), which keeps each chat in order.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

import structlog

from bot.channels import markup
from bot.channels.contract import (
    Answer,
    Attached,
    Finding,
    Hook,
    Later,
    Limits,
    Never,
    Outgoing,
    Reason,
    Unreadable,
    Unverified,
    Update,
)
from bot.channels.platform import call, client, download, inside, same, signature
from bot.channels.telegram import updates
from bot.conversations import files
from bot.db import JsonDict
from bot.languages.formats import number
from bot.languages.locales import known
from bot.languages.say import say
from bot.settings import Settings

NAME = "telegram"
NEEDS = ("telegram_token",)
_SECRET_FOR = b"setu webhook"
_OK, _BAD, _FORBIDDEN, _UNAUTHORIZED, _NOT_FOUND = 200, 400, 403, 401, 404
_GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "user not found")
_PATH = re.compile(r"\w[\w./-]{0,300}", re.ASCII)  # below the address of our own files
_PHOTOS = ("image/jpeg", "image/png", "image/webp")
_PHOTO_BYTES, _PHOTO_SIDES, _PHOTO_RATIO = 10 * 1024 * 1024, 10_000, 20
_RATING = "csat-"  # a score can be changed: its buttons stay

_logger = structlog.get_logger(__name__)


def configured(settings: Settings) -> "Telegram":
    """The channel, by the settings."""
    return Telegram(settings.telegram_token, settings.telegram_api)


class Telegram:
    """See the module.

    Args:
        token: as BotFather gives it.
        api: the Bot API's address; a self-hosted Bot API server has its own.
    """

    name = NAME
    limits = Limits(
        text=4096,
        unit="utf-16",
        buttons=100,
        title=64,
        per_second=25.0,
        every=0.25,
        files=dict.fromkeys(files.KINDS, 50 * 1024 * 1024),
        caption=1024,
        opens=True,
    )
    pushes_back = False

    def __init__(self, token: str, api: str) -> None:
        self._url = f"{api.rstrip('/')}/bot{token}/"
        self._files = f"{api.rstrip('/')}/file/bot{token}/"
        # Derived, so that there is one secret less to keep; nobody can get back to the token.
        self.secret = signature(token, _SECRET_FOR)
        self._http = client()

    def verify(self, hook: Hook) -> None:
        """See `Hooked.verify`."""
        if not same(hook.headers.get("x-telegram-bot-api-secret-token", ""), self.secret):
            raise Unverified("wrong secret token")

    def parse(self, hook: Hook) -> Sequence[Update]:
        """See `Hooked.parse`."""
        return updates.read(_object(hook))

    def answer(self, hook: Hook) -> Answer:
        """A webhook's answer may carry one call: take the pressed buttons away, or show typing."""
        content = _object(hook)
        query = content.get("callback_query")
        if isinstance(query, dict):
            return Answer(_pressed(query))
        heard = updates.read(content)
        if heard and "message" in content:
            chat = content["message"]["chat"]["id"]
            return Answer({"method": "sendChatAction", "chat_id": chat, "action": "typing"})
        return Answer()

    def handshake(self, hook: Hook) -> Answer:
        """Telegram asks for none."""
        raise Unverified("no handshake")

    def render(self, message: Outgoing) -> Sequence[JsonDict]:
        """See `Channel.render`."""
        content = markup.blocks(message.text, message.markdown)
        if message.author == "agent" and message.name:
            content = markup.said_by(message.name, content)
        texts = markup.parts(content, markup.HTML, self.limits.text, self.limits.size)
        under = self.limits.captioned(texts, len(message.files), len(message.choices))
        caption = {"caption": texts.pop(), "parse_mode": "HTML"} if under else {}
        requests: list[JsonDict] = [
            {
                "chat_id": message.address,
                "text": text,
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
            }
            for text in texts
        ]
        if message.choices and requests:
            requests[-1]["reply_markup"] = {"inline_keyboard": _keyboard(message)}
        for nth in range(len(message.files)):
            first = caption if nth == 0 else {}
            requests.append({"chat_id": message.address, "file": nth, **first})
        return requests

    async def send(self, message: Outgoing, part: JsonDict) -> str:
        """See `Channel.send`."""
        if "file" in part:
            result = await self._send_file(message.files[part["file"]], part)
        else:
            result = await self._call("sendMessage", part)
        return f"{message.address}:{result.get('message_id', '')}"

    async def fetch(self, at: JsonDict, most: int) -> bytes:
        """See `Fetching.fetch`."""
        try:
            found = await self._call("getFile", {"file_id": at["file"]})
        except Never as never:
            if "too big" in str(never):
                raise files.Unfit("file_large") from None
            raise
        path = str(found.get("file_path", ""))
        if not _PATH.fullmatch(path) or ".." in path:
            raise Never("refused", "it gave no place a file could be at")
        return await download(self._http, self._files + path, most)

    async def _send_file(self, file: Attached, part: JsonDict) -> dict[str, Any]:
        fields = {key: value for key, value in part.items() if key != "file"}
        content = await file.read()
        if _shown(file):
            try:
                return await self._call("sendPhoto", fields, photo=(file.name, content, file.kind))
            except Never as never:
                if never.reason != "refused":
                    raise
                _logger.info("a picture goes as a document", channel=NAME, why=str(never))
        return await self._call("sendDocument", fields, document=(file.name, content, file.kind))

    async def check(self, address: str) -> Sequence[Finding]:
        """See `Channel.check`."""
        try:
            me = await self._call("getMe", {})
            hook = await self._call("getWebhookInfo", {})
        except (Later, Never) as error:
            advice = "Is SETU_TELEGRAM_TOKEN what BotFather gave, and can this machine reach it?"
            return [Finding(False, f"Telegram: {error}", advice)]
        found = [Finding(True, f"the bot is @{me.get('username')}")]
        wanted = _address(address)
        if hook.get("url") != wanted:
            has = hook.get("url") or "nowhere"
            advice = "Run `setu channels register telegram`."
            found.append(Finding(False, f"updates go to {has}, not to {wanted}", advice))
        elif hook.get("max_connections") != 1:
            advice = "Run `setu channels register telegram`: updates may come out of order."
            found.append(Finding(False, "updates come over several connections", advice))
        else:
            found.append(Finding(True, f"updates come to {wanted}"))
        if waiting := hook.get("pending_update_count"):
            found.append(Finding(True, f"{waiting} updates are waiting at Telegram"))
        if fault := hook.get("last_error_message"):
            advice = "Telegram must reach the address over https with a certificate it trusts."
            found.append(Finding(False, f"Telegram last could not deliver: {fault}", advice))
        return found

    async def register(self, address: str) -> Sequence[Finding]:
        """Point the bot's updates here, and give it its commands in every language."""
        if not address.startswith("https://"):
            advice = "Set SETU_PUBLIC_URL to the https address that Telegram can reach."
            return [Finding(False, f"Telegram takes https only, not {address}", advice)]
        try:
            await self._call(
                "setWebhook",
                {
                    "url": _address(address),
                    "secret_token": self.secret,
                    "allowed_updates": list(updates.WANTED),
                    "max_connections": 1,
                },
            )
            for locale in known():
                if locale.quality != "answers only" and len(locale.tag) == 2:
                    await self._call("setMyCommands", _commands(locale.tag, locale.tag))
            await self._call("setMyCommands", _commands("en", ""))
        except (Later, Never) as error:
            advice = "Is SETU_TELEGRAM_TOKEN right, and SETU_PUBLIC_URL an address on the internet?"
            return [Finding(False, f"Telegram: {error}", advice)]
        return await self.check(address)

    async def close(self) -> None:
        """See `Channel.close`."""
        await self._http.aclose()

    async def _call(
        self, method: str, content: JsonDict, **enclosed: tuple[str, bytes, str]
    ) -> dict[str, Any]:
        """Raises Later or Never; Telegram says what is wrong in the answer's description."""
        form = {"data": content, "files": enclosed} if enclosed else {"json": content}
        reply = await call(self._http, "POST", self._url + method, **form)
        try:
            said = reply.json()
            result, why = said.get("result"), str(said.get("description", ""))
        except (ValueError, AttributeError):
            raise Later(f"it answered {reply.status_code} without JSON") from None
        if reply.status_code == _OK and said.get("ok"):
            return result if isinstance(result, dict) else {}
        if reply.status_code in (_UNAUTHORIZED, _NOT_FOUND):
            raise Later(f"it does not know the token ({reply.status_code})")
        raise Never(_reason(reply.status_code, why.lower()), why or str(reply.status_code))


def _object(hook: Hook) -> dict[str, Any]:
    try:
        content = json.loads(hook.body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if not isinstance(content, dict):
        raise Unreadable("not a JSON object")
    return content


def _pressed(query: dict[str, Any]) -> JsonDict:
    message, data = query.get("message"), str(query.get("data", ""))
    if not isinstance(message, dict) or data.startswith(_RATING):
        return {"method": "answerCallbackQuery", "callback_query_id": query.get("id")}
    # The wheel on the button goes with the button.
    return {
        "method": "editMessageReplyMarkup",
        "chat_id": inside(message.get("chat")).get("id"),
        "message_id": message.get("message_id"),
    }


def _shown(file: Attached) -> bool:
    """Whether Telegram takes a picture as one (https://core.telegram.org/bots/api#sendphoto)."""
    if file.kind not in _PHOTOS or file.size > _PHOTO_BYTES or not (file.width and file.height):
        return False
    sides = sorted((file.width, file.height))
    return sum(sides) <= _PHOTO_SIDES and sides[1] <= _PHOTO_RATIO * sides[0]


def _reason(status: int, why: str) -> Reason:
    if any(each in why for each in _GONE):
        return "gone"
    return "blocked" if status == _FORBIDDEN else "refused"


def _address(address: str) -> str:
    return f"{address}/api/channels/{NAME}"


def _keyboard(message: Outgoing) -> list[list[JsonDict]]:
    if message.rating:
        # The words beside each number are too long for a row; the question says what they mean.
        return [
            [
                {"text": number(score, message.language), "callback_data": choice.payload}
                for score, choice in enumerate(message.choices, 1)
            ]
        ]
    return [[{"text": choice.title, "callback_data": choice.payload}] for choice in message.choices]


def _commands(locale: str, code: str) -> JsonDict:
    commands = [
        {"command": "start", "description": say("channel.command_start", locale)},
        {"command": "person", "description": say("widget.talk_to_person", locale)},
        {"command": "link", "description": say("channel.command_link", locale)},
    ]
    return {"commands": commands, **({"language_code": code} if code else {})}

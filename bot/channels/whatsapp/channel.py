"""WhatsApp, through Meta's Cloud API.

Meta signs each request with the app's secret, but no time, so ids tell repeats. Within 24 hours of
a client's last message we write freely; after that only an approved template may open the
conversation again, and what we would have said is put into its one variable.
"""

import datetime as dt
import json
import re
from collections.abc import Sequence
from typing import Any

import anyio.to_thread
import structlog

from bot.channels import markup
from bot.channels.contract import (
    Answer,
    Attached,
    Choice,
    Finding,
    Hook,
    Later,
    Limits,
    Never,
    Outgoing,
    Unreadable,
    Unverified,
    Update,
)
from bot.channels.platform import call, client, download, same, signature, within
from bot.channels.whatsapp import updates
from bot.conversations import files
from bot.db import JsonDict, now
from bot.languages.formats import number
from bot.languages.say import say
from bot.settings import Settings

NAME = "whatsapp"
NEEDS = ("whatsapp_token", "whatsapp_secret", "whatsapp_phone")
_VERIFY_FOR = b"setu verify token"
_BUTTONS, _BUTTON_TITLE, _BUTTON_BODY = 3, 20, 1024
_MB = 1024 * 1024
_STICKER = "image/webp"
# https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types
_FILES = {"image/jpeg": 5 * _MB, "image/png": 5 * _MB, _STICKER: 5 * _MB, files.PDF: 100 * _MB}
_MEDIA = "https://lookaside.fbsbx.com"
_MEDIA_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
_VARIABLE = 900  # characters: a template's text with its variable may have 1024
# https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
_WINDOW_OVER = 131047
_TOO_FAST = {4: 60.0, 80007: 60.0, 130429: 5.0, 131048: 600.0, 131056: 6.0}  # seconds to wait
_TEMPORARY = frozenset({0, 1, 2, 3, 10, 190, 131000, 131005, 131008, 131016, 131031, 131042, 131045,
                        131057, 133004, 133010})  # fmt: skip

_DIALECT = markup.Dialect(
    str,
    {"strong": ("*", "*"), "em": ("_", "_"), "s": ("~", "~"), "code": ("`", "`")},
    code=("```", "```"),
)
_logger = structlog.get_logger(__name__)


def configured(settings: Settings) -> "WhatsApp":
    """The channel, by the settings."""
    return WhatsApp(
        token=settings.whatsapp_token,
        secret=settings.whatsapp_secret,
        phone=settings.whatsapp_phone,
        api=settings.whatsapp_api,
        account=settings.whatsapp_account,
        template=settings.whatsapp_template,
        template_languages=settings.whatsapp_template_languages,
    )


class WhatsApp:
    """See the module.

    Args:
        token: a system user's.
        secret: the Meta app's, which signs requests to us.
        phone: the id of the number clients write to.
        account: the business account's id; only registering needs it.
        template: the name of an approved template with one variable in its body, or "".
        template_languages: Meta's codes of the languages it is approved in, the fallback first.
    """

    name = NAME
    limits = Limits(
        text=4096,
        buttons=10,
        title=24,
        per_second=40.0,
        window=dt.timedelta(hours=24),
        files=_FILES,
        caption=1024,
        opens=True,
    )
    pushes_back = False

    def __init__(
        self,
        *,
        token: str,
        secret: str,
        phone: str,
        api: str,
        account: str = "",
        template: str = "",
        template_languages: Sequence[str] = (),
    ) -> None:
        self._secret, self._phone, self._account = secret, phone, account
        self._template, self._languages = template, tuple(template_languages) or ("en",)
        self._api = api.rstrip("/")
        self._http = client(headers={"Authorization": f"Bearer {token}"})
        # What a person copies into Meta's form; derived, so that there is one secret less to keep.
        self.verify_token = signature(secret, _VERIFY_FOR)[:32]

    def verify(self, hook: Hook) -> None:
        """See `Hooked.verify`."""
        expected = f"sha256={signature(self._secret, hook.body)}"
        if not same(hook.headers.get("x-hub-signature-256", ""), expected):
            raise Unverified("wrong signature")

    def parse(self, hook: Hook) -> Sequence[Update]:
        """See `Hooked.parse`."""
        try:
            return updates.read(json.loads(hook.body), self._phone)
        except (ValueError, RecursionError) as error:
            raise Unreadable(str(error)) from error

    def answer(self, hook: Hook) -> Answer:
        """See `Hooked.answer`."""
        return Answer()

    def handshake(self, hook: Hook) -> Answer:
        """Give Meta's challenge back, if it knows the token we told it."""
        asked = hook.query
        if asked.get("hub.mode") != "subscribe" or not same(
            asked.get("hub.verify_token", ""), self.verify_token
        ):
            raise Unverified("wrong verify token")
        return Answer(asked.get("hub.challenge", "")[:200])

    def render(self, message: Outgoing) -> Sequence[JsonDict]:
        """See `Channel.render`."""
        content = markup.blocks(message.text, message.markdown)
        if message.author == "agent" and message.name:
            content = markup.said_by(message.name, content)
        scores = [str(nth) for nth in range(1, len(message.choices) + 1)]
        titles = scores if message.rating else [choice.title for choice in message.choices]
        by_number = bool(titles) and self.limits.numbered(titles)
        if by_number:
            content = markup.numbered(content, titles, message.language, hint=not message.rating)
        shown = message.choices if not by_number else ()
        limit = _BUTTON_BODY if shown else self.limits.text
        texts = markup.parts(content, _DIALECT, limit, self.limits.size)
        under = self.limits.captioned(texts, len(message.files), len(message.choices))
        caption = {"caption": texts.pop()} if under else {}
        requests: list[JsonDict] = [_text(text) for text in texts]
        if shown and requests:
            requests[-1] = _interactive(texts[-1], message, shown)
        for nth, file in enumerate(message.files):
            kind = "document" if file.kind == files.PDF else "image"
            name = {"filename": file.name} if kind == "document" else {}
            first = caption if nth == 0 else {}
            requests.append({"type": kind, "file": nth, kind: {**first, **name}})
        return requests

    async def send(self, message: Outgoing, part: JsonDict) -> str:
        """See `Channel.send`."""
        assert self.limits.window is not None
        heard = message.heard.at if message.heard else None
        if heard is None or now() - heard >= self.limits.window:
            return await self._reopen(message, part)
        content = part
        if "file" in part:
            kind = part["type"]
            media = await self._uploaded(message.files[part["file"]])
            content = {"type": kind, kind: {"id": media, **part[kind]}}
        try:
            return await self._post(message, content)
        except _WindowOver:
            return await self._reopen(message, part)

    async def fetch(self, at: JsonDict, most: int) -> bytes:
        """See `Fetching.fetch`."""
        media = str(at["media"])
        if not _MEDIA_ID.fullmatch(media):
            raise Never("refused", "not a media id")
        url = str((await self._call("GET", media)).get("url"))
        # Our token goes there, so it must be Meta's own place for media.
        if not (within(url, self._api) or within(url, _MEDIA)):
            raise Never("refused", "it named a foreign place for a file")
        return await download(self._http, url, most)

    async def _uploaded(self, file: Attached) -> str:
        """Bring a file to Meta; gives the id under which a message names it."""
        content, kind, name = await file.read(), file.kind, file.name
        if kind == _STICKER:
            # What WhatsApp takes as WebP is stickers.
            content, kind = await anyio.to_thread.run_sync(files.as_jpeg, content), "image/jpeg"
            name = files.clean_name(name, kind)
        said = await self._call(
            "POST",
            f"{self._phone}/media",
            data={"messaging_product": "whatsapp", "type": kind},
            files={"file": (name, content, kind)},
        )
        return str(said.get("id", ""))

    async def _reopen(self, message: Outgoing, part: JsonDict) -> str:
        """Say the same in a template, as the messaging window is over."""
        if not self._template:
            raise Never("window", "more than 24 hours, and no SETU_WHATSAPP_TEMPLATE")
        # A variable takes neither line breaks nor tabs.
        text = re.sub(r"\s+", " ", _body(part)).strip()
        if not text:
            raise Never("window", "a template carries no file")
        variable = text if len(text) <= _VARIABLE else text[: _VARIABLE - 1] + "…"
        template = {
            "name": self._template,
            "language": {"code": self._language(message.language)},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": variable}]}],
        }
        try:
            sent = await self._post(message, {"type": "template", "template": template})
        except _WindowOver as error:
            raise Never("window") from error
        if "file" in part:
            raise Never("window", "a template carries no file")
        return sent

    def _language(self, locale: str) -> str:
        spoken = locale.split("-")[0]
        near = (code for code in self._languages if re.split("[-_]", code)[0] == spoken)
        return next(near, self._languages[0])

    async def _post(self, message: Outgoing, content: JsonDict) -> str:
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": message.address,
            **content,
        }
        said = await self._call("POST", f"{self._phone}/messages", json=body)
        sent = said.get("messages")
        return str(sent[0].get("id", "")) if isinstance(sent, list) and sent else ""

    async def check(self, address: str) -> Sequence[Finding]:
        """See `Channel.check`."""
        try:
            fields = "display_phone_number,verified_name,quality_rating"
            said = await self._call("GET", f"{self._phone}?fields={fields}")
        except (Later, Never) as error:
            advice = "Are SETU_WHATSAPP_TOKEN and SETU_WHATSAPP_PHONE right? Has the token run out?"
            return [Finding(False, f"WhatsApp: {error}", advice)]
        found = [
            Finding(True, f"clients write to {said.get('display_phone_number')}"),
            Finding(True, f"Meta's form takes: callback {_address(address)}, verify token "
                          f"{self.verify_token}, field messages"),
        ]  # fmt: skip
        if said.get("quality_rating") == "RED":
            advice = "Clients block or report what you send; Meta will limit the number."
            found.append(Finding(False, "the number's quality is low", advice))
        if not self._template:
            advice = "Set SETU_WHATSAPP_TEMPLATE to an approved template with one variable."
            found.append(Finding(False, "after 24 hours nothing can be written", advice))
        if not address.startswith("https://"):
            advice = "Set SETU_PUBLIC_URL to the https address that Meta can reach."
            found.append(Finding(False, f"Meta calls https only, not {address}", advice))
        return found

    async def register(self, address: str) -> Sequence[Finding]:
        """Point the business account's messages here."""
        if not self._account:
            advice = "Set SETU_WHATSAPP_ACCOUNT, or fill Meta's form by hand as `check` says."
            return [Finding(False, "the business account is not known", advice)]
        try:
            await self._call(
                "POST",
                f"{self._account}/subscribed_apps",
                json={
                    "override_callback_uri": _address(address),
                    "verify_token": self.verify_token,
                },
            )
        except (Later, Never) as error:
            advice = "Setu must be running at SETU_PUBLIC_URL: Meta calls it at once."
            return [Finding(False, f"WhatsApp: {error}", advice)]
        return await self.check(address)

    async def close(self) -> None:
        """See `Channel.close`."""
        await self._http.aclose()

    async def _call(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        reply = await call(self._http, method, f"{self._api}/{path}", **content)
        try:
            said = reply.json()
        except ValueError:
            raise Later(f"it answered {reply.status_code} without JSON") from None
        if reply.is_success and isinstance(said, dict) and "error" not in said:
            return said
        error = said.get("error") if isinstance(said, dict) else None
        fault: dict[str, Any] = error if isinstance(error, dict) else {}
        code, why = fault.get("code"), str(fault.get("message") or reply.status_code)
        if code == _WINDOW_OVER:
            raise _WindowOver("window", why)
        if code in _TOO_FAST:
            raise Later(why, _TOO_FAST[code])
        if code in _TEMPORARY or reply.status_code == 401:  # an account's fault, to be mended
            raise Later(why)
        raise Never(updates.reason_of(code), why)


class _WindowOver(Never):
    """Meta's clock says that the 24 hours are over."""


def _address(address: str) -> str:
    return f"{address}/api/channels/{NAME}"


def _text(text: str) -> JsonDict:
    return {"type": "text", "text": {"preview_url": False, "body": text}}


def _body(part: JsonDict) -> str:
    """The words of a rendered request."""
    if part["type"] == "text":
        return str(part["text"]["body"])
    if "file" in part:
        return str(part[part["type"]].get("caption", ""))
    return str(part["interactive"]["body"]["text"])


def _interactive(text: str, message: Outgoing, choices: Sequence[Choice]) -> JsonDict:
    few = len(choices) <= _BUTTONS and all(len(each.title) <= _BUTTON_TITLE for each in choices)
    action: JsonDict
    if few and not message.rating:
        kind = "button"
        action = {
            "buttons": [
                {"type": "reply", "reply": {"id": each.payload, "title": each.title}}
                for each in choices
            ]
        }
    else:
        kind = "list"
        rows = [
            {"id": each.payload, "title": number(nth, message.language),
             "description": each.title[:72]}
            if message.rating
            else {"id": each.payload, "title": each.title}
            for nth, each in enumerate(choices, 1)
        ]  # fmt: skip
        label = say("channel.options", message.language)[:_BUTTON_TITLE]
        action = {"button": label, "sections": [{"title": label, "rows": rows}]}
    return {
        "type": "interactive",
        "interactive": {"type": kind, "body": {"text": text}, "action": action},
    }

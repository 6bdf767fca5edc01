"""Slack: direct messages with an app, and threads that begin with a mention of it.

Slack signs each request together with its time; one more than five minutes off is refused.
Events and pressed buttons come to the same address. docs/connect-slack.md has the app's manifest.
"""

import contextlib
import dataclasses
import json
import urllib.parse
from collections.abc import Sequence
from typing import Any

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
    Said,
    Unreadable,
    Unverified,
    Update,
)
from bot.channels.platform import call, client, download, same, signature, timely, within
from bot.channels.slack import updates
from bot.conversations import files
from bot.db import JsonDict
from bot.languages.formats import number
from bot.settings import Settings

NAME = "slack"
NEEDS = ("slack_token", "slack_secret")
_TOLERANCE = 300.0  # seconds, as Slack advises
_HURRY = 1.5  # seconds a name may take: Slack wants its answer within three
_SCOPES = frozenset(
    {"chat:write", "im:history", "app_mentions:read", "users:read", "files:read", "files:write"}
)
_FILES = "https://files.slack.com"
_JSON = ("chat.postMessage", "files.completeUploadExternal")  # methods that take it
_REASONS: dict[str, Reason] = {
    "channel_not_found": "gone",
    "is_archived": "gone",
    "user_not_found": "gone",
    "user_disabled": "gone",
    "not_in_channel": "blocked",
    "messages_tab_disabled": "blocked",
    "restricted_action": "blocked",
    "cannot_dm_bot": "gone",
}
_MISTAKES = frozenset(
    "invalid_auth not_authed account_inactive token_revoked token_expired missing_scope "
    "ratelimited rate_limited internal_error fatal_error service_unavailable request_timeout "
    "team_access_not_granted org_login_required".split()
)

_DIALECT = markup.Dialect(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
    {"strong": ("*", "*"), "em": ("_", "_"), "s": ("~", "~"), "code": ("`", "`")},
    lambda href, label: f"<{href}|{label}>",
    ("```", "```"),
)


def configured(settings: Settings) -> "Slack":
    """The channel, by the settings."""
    return Slack(settings.slack_token, settings.slack_secret, settings.slack_api)


class Slack:
    """See the module.

    Args:
        token: the app's bot token.
        secret: its signing secret.
    """

    name = NAME
    limits = Limits(
        text=3000,
        buttons=25,
        title=75,
        per_second=20.0,
        every=1.0,
        files=dict.fromkeys(files.KINDS, 1024**3),
        caption=3000,
        opens=True,
    )
    pushes_back = False

    def __init__(self, token: str, secret: str, api: str) -> None:
        self._secret = secret
        self._api = api.rstrip("/")
        self._http = client(headers={"Authorization": f"Bearer {token}"})

    def verify(self, hook: Hook) -> None:
        """See `Hooked.verify`."""
        stamp = hook.headers.get("x-slack-request-timestamp", "")
        signed = f"v0={signature(self._secret, f'v0:{stamp}:'.encode() + hook.body)}"
        if not same(hook.headers.get("x-slack-signature", ""), signed):
            raise Unverified("wrong signature")
        timely(stamp, hook.at, _TOLERANCE)

    def parse(self, hook: Hook) -> Sequence[Update]:
        """See `Hooked.parse`."""
        content = _content(hook)
        if content.get("type") == "event_callback":
            return updates.of_event(content.get("event"))
        return updates.of_action(content)

    def answer(self, hook: Hook) -> Answer:
        """Nothing, but for the challenge with which Slack makes sure the address is ours."""
        content = _content(hook)
        if content.get("type") == "url_verification":
            return Answer(str(content.get("challenge", ""))[:500])
        return Answer()

    def handshake(self, hook: Hook) -> Answer:
        """Slack's comes as a signed POST."""
        raise Unverified("no handshake")

    async def introduce(self, said: Said) -> Said:
        """Who a new client is: Slack tells their name, language and time zone only when asked."""
        user = (said.via or {}).get("user")
        with contextlib.suppress(Later, Never):
            found = await self._call("users.info", {"user": user, "include_locale": "true"}, _HURRY)
            person = found.get("user") or {}
            profile = person.get("profile") or {}
            return dataclasses.replace(
                said,
                name=profile.get("display_name") or profile.get("real_name") or None,
                language=person.get("locale") or None,
                time_zone=person.get("tz") or None,
            )
        return said

    def render(self, message: Outgoing) -> Sequence[JsonDict]:
        """See `Channel.render`."""
        content = markup.blocks(message.text, message.markdown)
        if message.author == "agent" and message.name:
            content = markup.said_by(message.name, content)
        titles = [choice.title for choice in message.choices]
        by_number = bool(titles) and not message.rating and self.limits.numbered(titles)
        if by_number:
            content = markup.numbered(content, titles, message.language, hint=True)
        texts = markup.parts(content, _DIALECT, self.limits.text, self.limits.size)
        under = self.limits.captioned(texts, len(message.files), len(titles))
        caption = {"initial_comment": texts.pop()} if under else {}
        requests = [_request(message.address, text) for text in texts]
        if titles and not by_number and requests:
            requests[-1]["blocks"].append({"type": "actions", "elements": _buttons(message)})
        channel, _, thread = message.address.partition(":")
        where = {"channel_id": channel, **({"thread_ts": thread} if thread else {})}
        for nth in range(len(message.files)):
            requests.append({"file": nth, **where, **(caption if nth == 0 else {})})
        return requests

    async def send(self, message: Outgoing, part: JsonDict) -> str:
        """See `Channel.send`."""
        if "file" in part:
            return await self._send_file(message.files[part["file"]], part)
        said = await self._call("chat.postMessage", part)
        return f"{said.get('channel', '')}:{said.get('ts', '')}"

    async def fetch(self, at: JsonDict, most: int) -> bytes:
        """See `Fetching.fetch`."""
        if not self._is_slack(str(at["url"])):
            raise Never("refused", "it named a foreign place for a file")
        return await download(self._http, str(at["url"]), most)

    async def _send_file(self, file: Attached, part: JsonDict) -> str:
        """Upload a file and share it: https://docs.slack.dev/messaging/working-with-files"""
        content = await file.read()
        place = await self._call(
            "files.getUploadURLExternal", {"filename": file.name, "length": len(content)}
        )
        # The address has its own secret in it; ours goes nowhere but to Slack.
        if not self._is_slack(str(place.get("upload_url"))):
            raise Later("it named a foreign place to upload to")
        reply = await call(self._http, "POST", place["upload_url"], content=content)
        if not reply.is_success:
            raise Later(f"the upload was answered {reply.status_code}")
        shared = {key: value for key, value in part.items() if key != "file"}
        entry = {"id": place.get("file_id"), "title": file.name}
        await self._call("files.completeUploadExternal", {"files": [entry], **shared})
        return str(place.get("file_id", ""))

    def _is_slack(self, url: str) -> bool:
        """Whether an address is Slack's, where our token may go."""
        return within(url, self._api) or within(url, _FILES)

    async def check(self, address: str) -> Sequence[Finding]:
        """See `Channel.check`."""
        try:
            reply = await call(self._http, "POST", f"{self._api}/auth.test", data={})
            me = _read(reply.json())
        except (Later, Never, ValueError) as error:
            advice = "Is SETU_SLACK_TOKEN the app's bot token (xoxb-…), and is the app installed?"
            return [Finding(False, f"Slack: {error}", advice)]
        found = [Finding(True, f"the app is @{me.get('user')} in {me.get('team')}")]
        scopes = set(reply.headers.get("x-oauth-scopes", "").replace(" ", "").split(","))
        if lacking := sorted(_SCOPES - scopes):
            advice = "Add them under OAuth & Permissions and install the app again."
            found.append(Finding(False, f"scopes are missing: {', '.join(lacking)}", advice))
        where = f"{address}/api/channels/{NAME}"
        found.append(Finding(True, f"Slack's forms for events and interactivity take {where}"))
        if not address.startswith("https://"):
            advice = "Set SETU_PUBLIC_URL to the https address that Slack can reach."
            found.append(Finding(False, f"Slack calls https only, not {address}", advice))
        return found

    async def register(self, address: str) -> Sequence[Finding]:
        """Slack lets no bot token set its app's addresses: the forms are filled by hand."""
        return await self.check(address)

    async def close(self) -> None:
        """See `Channel.close`."""
        await self._http.aclose()

    async def _call(
        self, method: str, content: JsonDict, seconds: float | None = None
    ) -> dict[str, Any]:
        more: JsonDict = {} if seconds is None else {"timeout": seconds}
        form = "json" if method in _JSON else "data"
        reply = await call(self._http, "POST", f"{self._api}/{method}", **{form: content}, **more)
        try:
            return _read(reply.json())
        except ValueError:
            raise Later(f"it answered {reply.status_code} without JSON") from None


def _read(said: Any) -> dict[str, Any]:
    if isinstance(said, dict) and said.get("ok"):
        return said
    why = str(said.get("error")) if isinstance(said, dict) else "no answer"
    if why in _MISTAKES:
        raise Later(why)
    raise Never(_REASONS.get(why, "refused"), why)


def _content(hook: Hook) -> dict[str, Any]:
    body: Any = hook.body
    try:
        if hook.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            fields = urllib.parse.parse_qs(body.decode(), max_num_fields=20)
            body = fields.get("payload", ["{}"])[0]
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if not isinstance(content, dict):
        raise Unreadable("not a JSON object")
    return content


def _request(address: str, text: str) -> JsonDict:
    channel, _, thread = address.partition(":")
    request: JsonDict = {
        "channel": channel,
        "text": text,  # what notifications and screen readers get
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}],
    }
    return {**request, "thread_ts": thread} if thread else request


def _buttons(message: Outgoing) -> list[JsonDict]:
    return [
        {
            "type": "button",
            "action_id": f"choice-{nth}",
            "value": choice.payload,
            "text": {
                "type": "plain_text",
                "text": number(nth, message.language) if message.rating else choice.title,
                "emoji": False,
            },
        }
        for nth, choice in enumerate(message.choices, 1)
    ]

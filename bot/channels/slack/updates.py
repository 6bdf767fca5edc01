"""Reads what Slack posts: events, and the buttons people press.

https://api.slack.com/events/message and https://api.slack.com/interactivity
"""

import re
from typing import Any

from bot.channels.contract import Deleted, Edited, Media, Remote, Said, Update
from bot.channels.platform import inside

_RATING = "csat-"  # a score can be changed: each press counts
_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_LINK = re.compile(r"<((?:https?|mailto|tel):[^|>]+)(?:\|([^>]*))?>")
_NAMED = re.compile(r"<[@#!][^|>]*(?:\|([^>]*))?>")
_TEXT_KINDS = (None, "thread_broadcast", "me_message", "file_share")


def of_event(event: Any) -> list[Update]:
    """What an event tells; nothing where it is our own, or said in a channel but not to us."""
    if not isinstance(event, dict) or not isinstance(event.get("channel"), str):
        return []
    if event.get("type") == "app_mention":
        return _said(event, thread=True)
    if event.get("type") != "message" or event.get("channel_type") != "im":
        return []
    kind = event.get("subtype")
    if kind == "message_changed":
        return _edited(event)
    if kind == "message_deleted":
        before = event.get("previous_message")
        if isinstance(before, dict) and not _ours(before):
            return [Deleted(event["channel"], str(event.get("deleted_ts")))]
        return []
    return _said(event, thread=False) if kind in _TEXT_KINDS else []


def of_action(content: Any) -> list[Update]:
    """The button that was pressed."""
    if not isinstance(content, dict) or content.get("type") != "block_actions":
        return []
    message, container = inside(content.get("message")), inside(content.get("container"))
    where = inside(content.get("channel")).get("id") or container.get("channel_id")
    actions = content.get("actions")
    if not isinstance(where, str) or not isinstance(actions, list):
        return []
    thread = message.get("thread_ts")
    found: list[Update] = []
    for action in actions:
        value = action.get("value") if isinstance(action, dict) else None
        if not isinstance(value, str):
            continue
        # The same button pressed twice is one answer; a score may be changed and changed back.
        unique = action.get("action_ts") if value.startswith(_RATING) else value
        found.append(
            Said(
                address=f"{where}:{thread}" if thread and not where.startswith("D") else where,
                id=f"press-{message.get('ts')}-{unique}",
                payload=value,
                via={"user": inside(content.get("user")).get("id")},
            )
        )
    return found


def plain(text: str) -> str:
    """Slack's escapes and angle brackets as the person saw them; mentions of us taken out."""
    text = _MENTION.sub("", text)
    text = _LINK.sub(lambda found: found[2] or found[1].removeprefix("mailto:"), text)
    text = _NAMED.sub(lambda found: found[1] or "", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _ours(message: dict[str, Any]) -> bool:
    return bool(message.get("bot_id")) or not isinstance(message.get("user"), str)


def _said(event: dict[str, Any], *, thread: bool) -> list[Update]:
    stamp = event.get("ts")
    if _ours(event) or not isinstance(stamp, str):
        return []
    where: str = event["channel"]
    known: dict[str, Any] = {
        "address": f"{where}:{event.get('thread_ts') or stamp}" if thread else where,
        "id": stamp,
        "via": {"user": event["user"]},
    }
    text = plain(str(event.get("text") or ""))
    files = event.get("files")
    if isinstance(files, list) and files:
        remote = tuple(each for file in files if (each := _remote(file)))
        return [Said(**known, media=_media(files[0]), text=text or None, remote=remote)]
    return [Said(**known, text=text)]


def _remote(file: Any) -> Remote | None:
    """A picture or document, to be fetched; what is heard or watched stays where it is."""
    if not isinstance(file, dict):
        return None
    url = file.get("url_private_download") or file.get("url_private")
    if not isinstance(url, str) or _media(file) in ("voice", "video"):
        return None
    name, kind, size = file.get("name"), file.get("mimetype"), file.get("size")
    return Remote(
        {"url": url},
        name if isinstance(name, str) else "",
        kind if isinstance(kind, str) else None,
        size if isinstance(size, int) else None,
    )


def _media(file: Any) -> Media:
    kind = str(file.get("mimetype", "")) if isinstance(file, dict) else ""
    kinds: dict[str, Media] = {"image": "photo", "audio": "voice", "video": "video"}
    return kinds.get(kind.partition("/")[0], "file")


def _edited(event: dict[str, Any]) -> list[Update]:
    message, before = event.get("message"), event.get("previous_message")
    if not isinstance(message, dict) or not isinstance(before, dict) or _ours(message):
        return []
    if message.get("subtype") == "tombstone":
        return [Deleted(event["channel"], str(message.get("ts")))]
    text = str(message.get("text") or "")
    if text == before.get("text"):
        return []  # a link was unfurled
    version = str(inside(message.get("edited")).get("ts", event.get("ts", "")))
    return [Edited(event["channel"], str(message.get("ts")), plain(text), version)]

"""Reads what WhatsApp's Cloud API posts: messages and what became of ours.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components
"""

from collections.abc import Iterator
from typing import Any

import phonenumbers
from phonenumbers import timezone

from bot.channels.contract import Media, Reason, Receipt, Remote, Said, State, Update
from bot.channels.platform import inside

_MEDIA: dict[str, Media] = {
    "image": "photo",
    "audio": "voice",
    "video": "video",
    "document": "file",
    "sticker": "other",
    "location": "location",
    "contacts": "contact",
    "unsupported": "other",
    "order": "other",
}
_STATES: dict[str, State] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
}
_UNKNOWN_ZONE = "Etc/Unknown"
# https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
_REASONS: dict[int, Reason] = {
    131047: "window",
    131026: "gone",  # no WhatsApp there, or terms not accepted
    131030: "gone",  # not among a test number's recipients
    131050: "blocked",  # has opted out
    131021: "gone",
}


def reason_of(code: object) -> Reason:
    """What an error code means for a message."""
    return _REASONS.get(code, "refused") if isinstance(code, int) else "refused"


def read(content: Any, phone: str) -> list[Update]:
    """What a request tells of one of the account's phone numbers, by its id."""
    found: list[Update] = []
    for value in _values(content):
        if inside(value.get("metadata")).get("phone_number_id") != phone:
            continue
        names = {
            str(contact.get("wa_id")): inside(contact.get("profile")).get("name")
            for contact in _dicts(value.get("contacts"))
        }
        # Several in one request are not promised to be in order; their times are.
        for message in sorted(_dicts(value.get("messages")), key=_time):
            said = _said(message, names.get(str(message.get("from"))))
            found += [said] if said else []
        found += [receipt for each in _dicts(value.get("statuses")) if (receipt := _receipt(each))]
    return found


def _values(content: Any) -> Iterator[dict[str, Any]]:
    entries = content.get("entry") if isinstance(content, dict) else None
    for entry in _dicts(entries):
        for change in _dicts(entry.get("changes")):
            if change.get("field") == "messages" and isinstance(change.get("value"), dict):
                yield change["value"]


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _time(message: dict[str, Any]) -> int:
    stamp = str(message.get("timestamp", ""))
    return int(stamp) if stamp.isascii() and stamp.isdecimal() else 0


def _said(message: dict[str, Any], name: Any) -> Said | None:
    sender, identifier, kind = message.get("from"), message.get("id"), message.get("type")
    if not isinstance(sender, str) or not isinstance(identifier, str):
        return None
    known: dict[str, Any] = {
        "address": sender,
        "id": identifier,
        "name": name if isinstance(name, str) else None,
        "time_zone": zone_of(sender),
    }
    part = message.get(kind) if isinstance(kind, str) else None
    inside = part if isinstance(part, dict) else {}
    if kind == "text":
        return Said(**known, text=str(inside.get("body", "")))
    if kind == "button":  # under a template
        return Said(**known, text=str(inside.get("text", "")))
    if kind == "interactive":
        reply = inside.get(str(inside.get("type")))
        chosen = reply.get("id") if isinstance(reply, dict) else None
        return Said(**known, payload=chosen) if isinstance(chosen, str) else None
    if kind in ("reaction", "system", "request_welcome"):
        return None
    caption = inside.get("caption")
    media = _MEDIA.get(str(kind), "other")
    text = caption if isinstance(caption, str) else None
    return Said(**known, media=media, text=text, remote=_remote(kind, inside))


def _remote(kind: Any, inside: dict[str, Any]) -> tuple[Remote, ...]:
    """The picture or document, to be fetched."""
    media, name = inside.get("id"), inside.get("filename")
    if kind not in ("image", "document") or not isinstance(media, str):
        return ()
    declared = str(inside.get("mime_type", "")).partition(";")[0].strip() or None
    return (Remote({"media": media}, name if isinstance(name, str) else "", declared),)


def _receipt(status: dict[str, Any]) -> Receipt | None:
    state, identifier = _STATES.get(str(status.get("status"))), status.get("id")
    if state is None or not isinstance(identifier, str):
        return None
    if state != "failed":
        return Receipt(identifier, state)
    errors = _dicts(status.get("errors"))
    return Receipt(identifier, state, reason_of(errors[0].get("code")) if errors else "refused")


def zone_of(address: str) -> str | None:
    """The time zone of a telephone number, where its country has but one."""
    try:
        number = phonenumbers.parse(f"+{address}")
    except phonenumbers.NumberParseException:
        return None
    zones = timezone.time_zones_for_number(number)
    return str(zones[0]) if len(zones) == 1 and zones[0] != _UNKNOWN_ZONE else None

"""Reads Telegram's updates: https://core.telegram.org/bots/api#update."""

from typing import Any

from bot.channels.contract import Edited, Left, Media, Remote, Said, Update
from bot.channels.platform import inside

WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds we ask Telegram for. It tells a bot nothing of deleted messages."""

START = "start"
PERSON = "talk_to_human"
_COMMANDS = {"/start": START, "/person": PERSON}
_MEDIA: dict[str, Media] = {
    "photo": "photo",
    "voice": "voice",
    "audio": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",  # beside it stands a document, too
    "document": "file",
    "location": "location",
    "venue": "location",
    "contact": "contact",
}
_SERVICE = frozenset(
    "new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo "
    "pinned_message message_auto_delete_timer_changed write_access_allowed chat_background_set "
    "boost_added users_shared chat_shared".split()
)


def read(update: dict[str, Any]) -> list[Update]:
    """What an update tells; nothing where it is of a kind or a chat that is not for us."""
    if message := _private(update.get("message")):
        return _said(message)
    if message := _private(update.get("edited_message")):
        text = message.get("text") or message.get("caption")
        if not isinstance(text, str):
            return []
        version = str(message.get("edit_date", ""))
        return [Edited(_address(message), _id(message), text, version)]
    query = update.get("callback_query")
    if isinstance(query, dict):
        return _pressed(query)
    change = update.get("my_chat_member")
    if isinstance(change, dict) and _private(change):
        status = inside(change.get("new_chat_member")).get("status")
        return [Left(_address(change))] if status in ("kicked", "left") else []
    return []


def _private(message: Any) -> dict[str, Any] | None:
    """The message if it comes from one person: in groups we would answer everybody."""
    if not isinstance(message, dict):
        return None
    chat = message.get("chat")
    if not isinstance(chat, dict) or chat.get("type") != "private" or "id" not in chat:
        return None
    return message


def _said(message: dict[str, Any]) -> list[Update]:
    if _SERVICE & message.keys():
        return []
    person = inside(message.get("from"))
    known: dict[str, Any] = {
        "address": _address(message),
        "id": _id(message),
        "name": name_of(person),
        "language": language_of(person),
    }
    text = message.get("text")
    if isinstance(text, str):
        command = text.split(maxsplit=1)[0].split("@")[0].lower() if text.strip() else ""
        argument = text.partition(" ")[2].strip()
        if command == "/start" and argument.startswith("link-"):
            return [Said(**known, text=argument)]  # t.me/BOT?start=link-…: from another chat
        if command in _COMMANDS:
            return [Said(**known, payload=_COMMANDS[command])]
        return [Said(**known, text=text)]
    sticker = message.get("sticker")
    if isinstance(sticker, dict) and isinstance(sticker.get("emoji"), str):
        return [Said(**known, text=sticker["emoji"])]  # what it stands for, as its maker says
    kind: Media = next((_MEDIA[each] for each in _MEDIA if each in message), "other")
    caption = message.get("caption")
    text = caption if isinstance(caption, str) else None
    return [Said(**known, media=kind, text=text, remote=_remote(message))]


def _remote(message: dict[str, Any]) -> tuple[Remote, ...]:
    """The picture or document, to be fetched."""
    sizes = message.get("photo")
    document = message.get("document")
    if isinstance(sizes, list) and sizes:
        file = sizes[-1]  # the largest stands last
        kind: Any = "image/jpeg"
    elif isinstance(document, dict) and "animation" not in message:  # those are videos
        file, kind = document, document.get("mime_type")
    else:
        return ()
    if not isinstance(file, dict) or not isinstance(file.get("file_id"), str):
        return ()
    name, size = file.get("file_name"), file.get("file_size")
    return (
        Remote(
            {"file": file["file_id"]},
            name if isinstance(name, str) else "",
            kind if isinstance(kind, str) else None,
            size if isinstance(size, int) else None,
        ),
    )


def _pressed(query: dict[str, Any]) -> list[Update]:
    message, data = _private(query.get("message")), query.get("data")
    if message is None or not isinstance(data, str):
        return []
    person = inside(query.get("from"))
    return [
        Said(
            address=_address(message),
            id=f"press-{query.get('id')}",
            payload=data,
            name=name_of(person),
            language=language_of(person),
        )
    ]


def _address(message: dict[str, Any]) -> str:
    return str(message["chat"]["id"])


def _id(message: dict[str, Any]) -> str:
    return f"message-{message.get('message_id')}"


def name_of(person: dict[str, Any]) -> str | None:
    """What a person calls themselves on Telegram."""
    parts = (person.get("first_name"), person.get("last_name"))
    name = " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
    return name[:120] or None


def language_of(person: dict[str, Any]) -> str | None:
    """The language of their app, as a BCP 47 tag."""
    tag = person.get("language_code")
    return tag if isinstance(tag, str) else None

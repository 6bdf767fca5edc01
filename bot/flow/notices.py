"""What the client is told about things they sent: once, where several come in a row."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.log import Author
from bot.conversations.models import Conversation
from bot.db import JsonDict

TALK_TO_HUMAN = "talk_to_human"
"""The payload behind the widget's ever-present "talk to a person"."""

_REMEMBERED = 4  # messages back: an album comes as one message a picture


async def tell_once(
    session: AsyncSession,
    conversation: Conversation,
    key: str,
    author: Author = "system",
    buttons: tuple[JsonDict, ...] = (),
) -> None:
    """Say a text of ours by its key, unless that was said just now.

    Args:
        buttons: with their title and payload.
    """
    for earlier in reversed(await log.recent(session, conversation.id, _REMEMBERED)):
        if earlier.payload.get("notice") == key:
            return
    more: JsonDict = {"buttons": list(buttons)} if buttons else {}
    text = conversation.voice.say(key)
    await log.say(session, conversation.id, author, text, conversation.locale, notice=key, **more)


async def tell_kept(session: AsyncSession, conversation: Conversation) -> None:
    """The assistant cannot look at a picture, and says so."""
    button = {"title": conversation.voice.say("widget.talk_to_person"), "payload": TALK_TO_HUMAN}
    await tell_once(session, conversation, "channel.kept", "bot", (button,))

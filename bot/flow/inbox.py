"""The inbox: a client's message is deduplicated, its language judged, and it is in the log.

Everything here happens whoever owns the conversation; the bot's turn comes after.
"""

import asyncio
import unicodedata
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.contract import LONGEST, MAX_TEXT, Accepted, Inbound, Limits, Refused
from bot.channels.widget.starters import Starters
from bot.conversations import files, interactions, linking, log, ownership
from bot.conversations.identities import client_of
from bot.conversations.linking import about_linking
from bot.conversations.models import Conversation
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database, JsonDict, now, storable
from bot.feedback import csat
from bot.flow import media, notices, waits
from bot.flow.notices import TALK_TO_HUMAN
from bot.handoff import closing, queue
from bot.handoff.waiting import BACK_TO_ASSISTANT
from bot.languages.belief import Belief
from bot.languages.detect import Detector, Judgement
from bot.languages.formats import fold_digits
from bot.languages.locales import negotiate
from bot.languages.register import (
    carried,
    next_register,
    occasion_of,
    register_of,
    rested,
    wished_register,
)
from bot.languages.territory import territory_shown
from bot.languages.wish import wished_language

START = "start"
"""The payload of a client who has only opened the chat, where a platform tells."""

_BUILT_IN = {
    TALK_TO_HUMAN: ("widget.talk_to_person", "/talk_to_human"),
    START: ("channel.start", "/greet"),
}
_BUTTONS_REMEMBERED = 50  # messages back: older buttons are long out of sight
# "2.", "(২)", "#2", the digit as an emoji, with any white space.
_AROUND_A_NUMBER = " \t\n.)(,।#\ufe0f\u20e3\u200e\u200f"


class MessageInbox:
    """Implements `bot.channels.contract.Inbox`.

    Args:
        due: called with a conversation's id when the bot has a message to answer there.
        starters: the buttons that ask for an article before any message; None: there are none.
    """

    def __init__(
        self,
        db: Database,
        detector: Detector,
        wake: Wake,
        due: Callable[[str], None],
        starters: Starters | None = None,
    ) -> None:
        self._db = db
        self._detector = detector
        self._wake = wake
        self._due = due
        self._starters = starters

    async def accept(self, message: Inbound) -> Accepted:
        """See `bot.channels.contract.Inbox.accept`."""
        text = None if message.text is None else storable(message.text)
        if text is not None and len(text) > MAX_TEXT:
            if message.limits is None:
                raise Refused("too_long")
            text = text[:LONGEST]
        if (message.media is not None or message.files) and not _visible(text or ""):
            text = None
        elif message.payload is None and not _visible(text or ""):
            raise Refused("empty")
        # Judged outside the transaction: a writer must not wait for a detector.
        judgement = None if text is None else self._detector.judge(text)
        async with self._db.transaction() as session:
            accepted, owner = await _append(session, message, text, judgement, self._starters)
        if not accepted.repeated:
            if text is not None and owner != ownership.BOT:
                language = None if judgement is None else judgement.language
                await self._note_found(message.conversation, accepted.seq, text, language)
            self._wake.call(conversation_topic(message.conversation), DESK)
            self._due(message.conversation)
        return accepted

    async def _note_found(
        self, conversation: str, seq: int, text: str, language: str | None
    ) -> None:
        """What people are told has been learned, while no turn of the assistant notes it."""
        found = await asyncio.to_thread(_found, text, language)
        if found:
            understood = {"message": seq, "intent": None, "confidence": 0.0, "entities": found}
            async with self._db.transaction() as session:
                await log.append(session, conversation, "understood", understood)


async def _append(
    session: AsyncSession,
    message: Inbound,
    text: str | None,
    judgement: Judgement | None,
    starters: Starters | None,
) -> tuple[Accepted, str]:
    """Gives who owned the conversation, too."""
    # Taken first: on PostgreSQL it locks the row, so that a racing repeat waits and is seen.
    seq = await log.next_seq(session, message.conversation)
    earlier = await log.find(session, message.conversation, "client", message.id)
    if earlier is not None:
        # On a platform an id is the message's, and what it says may have been edited since.
        if message.limits is None and not _same(earlier, message, text):
            raise Refused("id_taken")
        await log.give_back(session, message.conversation, seq)
        return Accepted(earlier.seq, repeated=True), ""

    conversation = await session.get(Conversation, message.conversation, populate_existing=True)
    belief = Belief.from_json(conversation.belief)
    payload = message.payload
    if payload is None and text is not None and message.limits is not None:
        payload = await _numbered(session, conversation.id, text, message.limits)
    content: JsonDict
    if payload is not None:
        title, does = await _button(session, conversation, payload, starters)
        content = {"text": title, "button": payload, "does": does}
        if text is not None:
            content["typed"], text, judgement = text, None, None
    elif text is None and message.files:
        content = {"text": "", "silent": True}
    elif text is None:
        # It is fetched, or they are told that we cannot; there is nothing for the bot to answer.
        content = {"text": conversation.voice.say(f"channel.{message.media}"), "silent": True}
    elif about_linking(text):
        content, judgement = {"text": text, "silent": True}, None
    else:
        wish = wished_language(text)
        if judgement is not None:
            belief = belief.revise(judgement, text)
        if wish is not None:
            belief = belief.wish(wish)
            (await client_of(session, conversation.id)).preferred_language = wish
        content = {"text": text}
    before, language = conversation.locale, belief.language or conversation.locale
    content["language"] = language if text is None or judgement is None else judgement.language
    if message.media is not None:
        content["media"] = message.media
    if message.files:
        content |= await _files(session, conversation, message, seq, content["text"])
    if message.via:
        content["via"] = message.via
    conversation.belief = belief.to_json()
    conversation.locale = negotiate([language]) or conversation.locale
    await _address(session, conversation, before, text)
    log.add(session, conversation.id, seq, log.MESSAGE, content, "client", message.id)
    conversation.client_seq = seq
    conversation.active_at = now()
    owner = str(conversation.owner)
    if message.remote or message.media is not None or message.files:
        await _about_files(session, conversation, message, seq, silent="silent" in content)
    if text is not None and about_linking(text):
        told = await linking.reply(session, conversation, text, proven=message.proven)
        await log.say(session, conversation.id, "system", told, conversation.locale)
    if conversation.owner == ownership.QUEUE and payload == BACK_TO_ASSISTANT:
        await _back_to_assistant(session, conversation)
    elif conversation.owner != ownership.BOT or content.get("silent"):
        await _without_a_turn(session, conversation, seq, language, text, payload)
    return Accepted(seq, repeated=False), owner


async def _about_files(
    session: AsyncSession, conversation: Conversation, message: Inbound, seq: int, *, silent: bool
) -> None:
    """Have a message's files fetched, or say what becomes of them."""
    if message.remote:
        await media.announce(session, conversation, seq, message.remote)
    elif message.media is not None:
        opens = message.limits is not None and message.limits.opens
        key = "channel.cannot_take" if opens else "channel.cannot_open"
        await notices.tell_once(session, conversation, key)
    if silent and message.files and conversation.owner == ownership.BOT:
        await notices.tell_kept(session, conversation)


async def _without_a_turn(
    session: AsyncSession,
    conversation: Conversation,
    seq: int,
    language: str,
    text: str | None,
    payload: str | None,
) -> None:
    """What a turn would see to, where none comes: people have the conversation, or nothing is
    to be answered."""
    interaction = await interactions.ensure_open(session, conversation.id, seq, conversation.owner)
    interactions.note(interaction, "languages", language)
    if text is not None and occasion_of(text, conversation.locale) == "anger":
        await queue.press(session, conversation.id, "complaint")
    # What belongs to a rating, or to another way than waiting, is taken here too.
    claimed = payload is not None and await csat.claim(
        session, conversation.id, payload=payload, due=waits.rating_due
    )
    if not claimed and conversation.owner == ownership.QUEUE:
        await waits.claim(session, conversation.id, text, payload)


async def _address(
    session: AsyncSession, conversation: Conversation, before: str, text: str | None
) -> None:
    """Let a message move how the client is addressed, and show what country they are in."""
    said, locale, first = text or "", conversation.locale, not conversation.client_seq
    wished, heard = wished_register(said, locale), register_of(said, locale)
    # With a message still unanswered, its interaction is yet to be opened.
    answered = conversation.handled_seq >= conversation.client_seq
    if not first and answered and not await interactions.open_of(session, conversation.id):
        wish = (await client_of(session, conversation.id)).register
        conversation.register = rested(conversation.register, before, wish)
    if wished or first or locale != before or heard not in (None, conversation.register):
        client = await client_of(session, conversation.id)
        client.register = wished or client.register
        if first:
            conversation.register = conversation.register or client.register
        conversation.register = carried(conversation.register, before, locale, client.register)
        # Whoever has asked for a form is not read for another.
        heard = client.register or heard
    conversation.register = wished or next_register(
        conversation.register, heard, occasion_of(said, locale), locale
    )
    conversation.territory = territory_shown(said, locale) or conversation.territory


def _same(earlier: log.Message, message: Inbound, text: str | None) -> bool:
    """Whether a repeated id came with the same message."""
    kept = tuple(file["id"] for file in earlier.payload.get("attachments", ()))
    return (
        earlier.payload.get("button") == message.payload
        and kept == message.files
        and (text is None or earlier.text == text)
    )


async def _files(
    session: AsyncSession, conversation: Conversation, message: Inbound, seq: int, text: str
) -> JsonDict:
    """What the log says of a message's files, and a word for them where nothing else was said."""
    try:
        taken = await files.take(session, conversation.id, files.CLIENT, message.files, seq)
    except files.Unfit as unfit:
        raise Refused(unfit.code) from None
    return {
        "attachments": taken,
        "text": text or conversation.voice.say(files.word_for(taken)),
        "captionless": not text,
    }


async def _numbered(
    session: AsyncSession, conversation: str, text: str, limits: Limits
) -> str | None:
    """The choice that a typed number means, where our last choices were given as numbers."""
    typed = fold_digits(text).strip(_AROUND_A_NUMBER)
    if not typed.isdecimal() or len(typed) > 2:
        return None
    for earlier in reversed(await log.recent(session, conversation, _BUTTONS_REMEMBERED)):
        if earlier.author == "client":
            return None
        if buttons := earlier.payload.get("buttons"):
            rating = earlier.payload.get("layout") == "rating"
            shown = limits.numbered(["1" if rating else button["title"] for button in buttons])
            if shown and 1 <= int(typed) <= len(buttons):
                return str(buttons[int(typed) - 1]["payload"])
            return None
    return None


async def _back_to_assistant(session: AsyncSession, conversation: Conversation) -> None:
    handoff = await queue.open_of(session, conversation.id)
    if handoff is not None:
        # Which also tells the client.
        (await closing.return_to_bot(session, handoff.id)).ended = "asked_back"


async def _button(
    session: AsyncSession, conversation: Conversation, payload: str, starters: Starters | None
) -> tuple[str, str]:
    """The title and the meaning of a button that this conversation was shown, or opens with."""
    if payload in _BUILT_IN:
        key, does = _BUILT_IN[payload]
        return conversation.voice.say(key), does
    for earlier in reversed(await log.recent(session, conversation.id, _BUTTONS_REMEMBERED)):
        for button in earlier.payload.get("buttons", ()):
            if button["payload"] == payload:
                return button["title"], earlier.payload.get("does", {}).get(payload, payload)
    starter = starters and starters.pressed(payload, conversation.voice.locale)
    if not starter:
        raise Refused("unknown_payload")
    return starter


def _found(text: str, language: str | None) -> list[JsonDict]:
    # spaCy takes half a second to import, so whoever serves nobody at the desk never does.
    from bot.engine.nlu.patterns import find

    return [
        {"entity": each.kind, "value": each.value, "start": each.start, "end": each.end}
        for each in find(text, language)
    ]


def _visible(text: str) -> bool:
    """Whether there is anything to see: zero-width characters alone are an empty bubble."""
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)

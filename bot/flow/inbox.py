"""The inbox: a client's message is deduplicated, its language judged, and it is in the log.

Everything here happens whoever owns the conversation; the bot's turn comes after.
"""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.contract import MAX_TEXT, Accepted, Inbound, Refused
from bot.conversations import interactions, log, ownership
from bot.conversations.identities import client_of
from bot.conversations.models import Conversation
from bot.conversations.wake import DESK, Wake, conversation_topic
from bot.db import Database, JsonDict, now
from bot.feedback import csat
from bot.flow.effects import BACK_TO_ASSISTANT
from bot.handoff import queue
from bot.languages.belief import Belief
from bot.languages.detect import Detector, Judgement
from bot.languages.locales import negotiate
from bot.languages.say import say
from bot.languages.wish import wished_language

TALK_TO_HUMAN = "talk_to_human"
"""The payload behind the widget's ever-present "talk to a person"."""

_BUILT_IN = {TALK_TO_HUMAN: ("widget.talk_to_person", "/talk_to_human")}
_BUTTONS_REMEMBERED = 50  # messages back: older buttons are long out of sight


class MessageInbox:
    """Implements `bot.channels.contract.Inbox`.

    Args:
        due: called with a conversation's id when the bot has a message to answer there.
    """

    def __init__(
        self, db: Database, detector: Detector, wake: Wake, due: Callable[[str], None]
    ) -> None:
        self._db = db
        self._detector = detector
        self._wake = wake
        self._due = due

    async def accept(self, message: Inbound) -> Accepted:
        """See `bot.channels.contract.Inbox.accept`."""
        text = None if message.text is None else _storable(message.text)
        if text is not None and len(text) > MAX_TEXT:
            raise Refused("too_long")
        if message.payload is None and not (text or "").strip():
            raise Refused("empty")
        # Judged outside the transaction: a writer must not wait for a detector.
        judgement = None if text is None else self._detector.judge(text)
        async with self._db.transaction() as session:
            accepted = await _append(session, message, text, judgement)
        if not accepted.repeated:
            self._wake.call(conversation_topic(message.conversation), DESK)
            self._due(message.conversation)
        return accepted


async def _append(
    session: AsyncSession, message: Inbound, text: str | None, judgement: Judgement | None
) -> Accepted:
    # Taken first: on PostgreSQL it locks the row, so that a racing repeat waits and is seen.
    seq = await log.next_seq(session, message.conversation)
    earlier = await log.find(session, message.conversation, "client", message.id)
    if earlier is not None:
        same = earlier.payload.get("button") == message.payload and (
            text is None or earlier.text == text
        )
        if not same:
            raise Refused("id_taken")
        await log.give_back(session, message.conversation, seq)
        return Accepted(earlier.seq, repeated=True)

    conversation = await session.get(Conversation, message.conversation, populate_existing=True)
    belief = Belief.from_json(conversation.belief)
    content: JsonDict
    if text is None:
        title, does = await _button(session, conversation, message.payload or "")
        content = {"text": title, "button": message.payload, "does": does}
    else:
        wish = wished_language(text)
        if judgement is not None:
            belief = belief.revise(judgement, text)
        if wish is not None:
            belief = belief.wish(wish)
            (await client_of(session, conversation.id)).preferred_language = wish
        content = {"text": text}
    language = belief.language or conversation.locale
    content["language"] = language if text is None or judgement is None else judgement.language
    conversation.belief = belief.to_json()
    conversation.locale = negotiate([language]) or conversation.locale
    log.add(session, conversation.id, seq, log.MESSAGE, content, "client", message.id)
    conversation.client_seq = seq
    conversation.active_at = now()
    if conversation.owner == ownership.QUEUE and message.payload == BACK_TO_ASSISTANT:
        await _back_to_assistant(session, conversation)
    elif conversation.owner != ownership.BOT:
        interaction = await interactions.ensure_open(
            session, conversation.id, seq, conversation.owner
        )
        interactions.note(interaction, "languages", language)
        if message.payload is not None:
            # A score may be given while people have the conversation; the bot's turn never comes.
            await csat.claim(session, conversation.id, payload=message.payload)
    return Accepted(seq, repeated=False)


async def _back_to_assistant(session: AsyncSession, conversation: Conversation) -> None:
    handoff = await queue.open_of(session, conversation.id)
    if handoff is not None:
        await queue.return_to_bot(session, handoff.id)
        text = say("handoff.returned", conversation.locale)
        await log.say(session, conversation.id, "bot", text, conversation.locale)


async def _button(
    session: AsyncSession, conversation: Conversation, payload: str
) -> tuple[str, str]:
    """The title and the meaning of a button that this conversation was shown."""
    if payload in _BUILT_IN:
        key, does = _BUILT_IN[payload]
        return say(key, conversation.locale), does
    for earlier in reversed(await log.recent(session, conversation.id, _BUTTONS_REMEMBERED)):
        for button in earlier.payload.get("buttons", ()):
            if button["payload"] == payload:
                return button["title"], earlier.payload.get("does", {}).get(payload, payload)
    raise Refused("unknown_payload")


def _storable(text: str) -> str:
    """Without what no database can hold: NUL, and surrogates that stand alone."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")

"""What a client may see of their conversation, read from the log."""

import dataclasses
from collections.abc import Awaitable, Callable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.widget.bodies import Button, ShownFile, ShownMessage, State
from bot.channels.widget.markdown import to_html
from bot.conversations import log, ownership
from bot.conversations.composing import Composing
from bot.conversations.models import Conversation
from bot.languages.say import Voice
from bot.languages.territory import spoken_tag

WaitLine = Callable[[AsyncSession, str, Voice], Awaitable[str | None]]
"""How a waiting client's wait stands, in a few words, by the conversation's id."""

AgentName = Callable[[AsyncSession, str], Awaitable[str | None]]
"""The name clients see of an agent, by the agent's id."""

PAGE = 200
"""Messages given at once."""


@dataclasses.dataclass(frozen=True)
class View:
    """One look at a conversation: who holds it, and what is new.

    `token_hash` tells a stream that its token was replaced; `bot_busy` that a client's message
    still waits for the bot's turn.
    """

    owner: str
    agent: str | None
    locale: str
    token_hash: str
    bot_busy: bool
    messages: tuple[ShownMessage, ...]
    more: bool
    waiting: str | None = None

    def state(self, conversation: str, composing: Composing) -> State:
        """The state as a client is told it."""
        agent = ownership.agent_of(self.owner) is not None
        return State(
            owner="agent" if agent else "queue" if self.owner == ownership.QUEUE else "bot",
            agent=self.agent,
            composing=composing.active(conversation, "agent") if agent else self.bot_busy,
            locale=self.locale,
            waiting=self.waiting,
        )


async def look(
    session: AsyncSession,
    conversation: str,
    after: int,
    agent_name: AgentName | None,
    wait_line: WaitLine | None = None,
) -> View | None:
    """The conversation and its messages after a number; None if it is gone."""
    row = (
        await session.execute(
            sa.select(
                Conversation.owner,
                Conversation.locale,
                Conversation.token_hash,
                Conversation.client_seq,
                Conversation.handled_seq,
                Conversation.register,
                Conversation.territory,
                Conversation.time_zone,
            ).where(Conversation.id == conversation)
        )
    ).one_or_none()
    if row is None:
        return None
    found = await log.messages(session, conversation, after, PAGE + 1)
    agent = ownership.agent_of(row.owner)
    name = None
    if agent is not None and agent_name is not None:
        name = await agent_name(session, agent)
    waits = None
    if row.owner == ownership.QUEUE and wait_line is not None:
        spoken = spoken_tag(row.locale, row.territory, row.time_zone)
        waits = await wait_line(session, conversation, Voice(spoken, row.register))
    return View(
        waiting=waits,
        owner=row.owner,
        agent=name,
        locale=row.locale,
        token_hash=row.token_hash,
        bot_busy=row.owner == ownership.BOT and row.client_seq > row.handled_seq,
        messages=tuple(shown(message) for message in found[:PAGE]),
        more=len(found) > PAGE,
    )


def shown(message: log.Message) -> ShownMessage:
    """A message of the log without what is nobody's business outside."""
    payload = message.payload
    return ShownMessage(
        seq=message.seq,
        id=message.id,
        author=message.author,
        text="" if payload.get("captionless") else message.text,
        html=to_html(message.text) if message.author == "bot" else None,
        language=message.language,
        buttons=[
            Button(title=button["title"], payload=button["payload"])
            for button in payload.get("buttons") or ()
        ],
        button=payload.get("button"),
        layout=payload.get("layout"),
        article=payload.get("article"),
        name=payload.get("name"),
        original=payload.get("original"),
        untranslated=payload.get("untranslated", False),
        attachments=[ShownFile(**file) for file in payload.get("attachments") or ()],
        created_at=message.at,
    )

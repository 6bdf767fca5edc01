"""Who may open a conversation, and what all routes of the client API share.

A conversation is opened by its bearer token alone, which is only ever sent in the Authorization
header. An unknown conversation and a wrong token get the same answer.
"""

import asyncio
import dataclasses
from collections.abc import Collection
from typing import Annotated

from fastapi import Header, Path, Request

from bot.channels.contract import Inbox
from bot.channels.errors import ApiError
from bot.channels.limits import Rates
from bot.channels.widget.starters import Starters
from bot.channels.widget.views import AgentName, WaitLine
from bot.conversations import identities
from bot.conversations.composing import Composing
from bot.conversations.models import Conversation
from bot.conversations.wake import Wake
from bot.db import Database
from bot.settings import Settings

ConversationId = Annotated[str, Path(pattern="^[0-9a-f]{32}\\Z")]


@dataclasses.dataclass(frozen=True)
class Widget:
    """What the client API's routes stand on.

    Attributes:
        shutdown: set when the server begins to stop; event streams end at once.
        agent_name: how clients see an agent; without it they see none.
        wait_line: how a wait stands in a few words; without it clients see no such line.
        channels: the names of those that are on besides this one.
        starters: the questions a chat opens with; without them there are none.
    """

    settings: Settings
    db: Database
    inbox: Inbox
    wake: Wake
    composing: Composing
    shutdown: asyncio.Event
    agent_name: AgentName | None = None
    wait_line: WaitLine | None = None
    channels: Collection[str] = ()
    starters: Starters | None = None
    rates: Rates = dataclasses.field(default_factory=Rates)

    async def opened(
        self,
        request: Request,
        conversation: ConversationId,
        authorization: Annotated[str, Header()] = "",
    ) -> Conversation:
        """The conversation that a request has the token of.

        Raises:
            ApiError: it has none, or another's.
        """
        scheme, _, token = authorization.partition(" ")
        found = None
        if scheme.lower() == "bearer" and token:
            async with self.db.reading() as session:
                found = await identities.by_token(session, conversation, token.strip())
        if found is None:
            raise unauthorized()
        request.state.locale = found.locale
        return found


def unauthorized() -> ApiError:
    """No such conversation, or not theirs."""
    return ApiError(401, "unauthorized", {"WWW-Authenticate": "Bearer"})

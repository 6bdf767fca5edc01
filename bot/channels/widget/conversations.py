"""Opening and changing widget conversations, each in one transaction."""

import re
import secrets

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.errors import ApiError
from bot.channels.widget.bodies import Change, NewConversation, Settled, known_zone
from bot.channels.widget.identify import CHANNEL, OtherPerson, Person, attach
from bot.conversations import identities
from bot.conversations.models import Conversation, Identity
from bot.db import new_id
from bot.languages.belief import Belief
from bot.languages.locales import negotiate
from bot.languages.register import carried

_REGION = re.compile(r"[-_]([A-Za-z]{2})(?:[-_]|\Z)")


def territory_of(tag: str | None) -> str | None:
    """The country of a language tag: `bn-BD` → `BD`."""
    found = _REGION.search(tag or "")
    return found[1].upper() if found else None


def territory_among(tags: list[str], language: str | None) -> str | None:
    """The country of the first of a browser's tags that names one beside the language."""
    countries = (territory_of(tag) for tag in tags if negotiate([tag]) == language)
    return next(filter(None, countries), None)


async def open_conversation(
    session: AsyncSession, wanted: NewConversation, languages: list[str], default: str
) -> tuple[str, str]:
    """A conversation's id and token; the empty one of the same request id, with a new token.

    Args:
        languages: what the browser asks for, best first, for when `wanted` names none.

    Raises:
        ApiError: 409 when the request id's conversation is in use already.
    """
    of = await identities.identity(session, CHANNEL, _address(wanted))
    if wanted.request_id is not None:
        earlier = await _by_request(session, of, wanted.request_id)
        if earlier is not None:
            if earlier.last_seq:
                raise ApiError(409, "conversation_used")
            token = secrets.token_urlsafe(32)
            earlier.token_hash = identities.hash_token(token)
            return earlier.id, token
    tags = ([wanted.locale] if wanted.locale else []) + languages
    spoken = negotiate(tags)
    conversation, token = await identities.open_conversation(
        session,
        of,
        locale=spoken or default,
        belief=Belief.starting(spoken).to_json(),
        territory=territory_among(tags, spoken),
        time_zone=known_zone(wanted.time_zone),
        page=wanted.page,
    )
    conversation.request_id = wanted.request_id
    return conversation.id, token


def _address(wanted: NewConversation) -> str:
    """Where the client writes from: their browser, or just this request; a colon marks the last."""
    if wanted.visitor is not None:
        return str(wanted.visitor)
    return new_id() if wanted.request_id is None else f"request:{wanted.request_id}"


async def _by_request(session: AsyncSession, of: Identity, request_id: str) -> Conversation | None:
    # Locked, so that of two equal requests at once the later one sees what the earlier one made.
    await session.execute(sa.select(Identity.id).where(Identity.id == of.id).with_for_update())
    row = await session.execute(
        sa.select(Conversation).where(
            Conversation.identity_id == of.id, Conversation.request_id == request_id
        )
    )
    found: Conversation | None = row.scalars().first()
    return found


async def change(session: AsyncSession, conversation: str, wanted: Change) -> Settled:
    """Change what is given, leave the rest.

    Raises:
        ApiError: 422 when we do not know the locale or the time zone; nothing is changed.
    """
    found = await session.get(Conversation, conversation)
    if wanted.time_zone is not None:
        zone = known_zone(wanted.time_zone)
        if zone is None:
            raise ApiError(422, "unknown_time_zone")
        found.time_zone = zone
    if wanted.locale is not None:
        await _speak(session, found, wanted.locale)
    return Settled(locale=found.locale, time_zone=found.time_zone)


async def identify(session: AsyncSession, conversation: str, person: Person) -> None:
    """Bind a conversation to the person the shop vouches for, and speak their language.

    Raises:
        ApiError: 409 when it is bound to somebody else.
    """
    found = await session.get(Conversation, conversation)
    try:
        client = await attach(session, found, person)
    except OtherPerson as error:
        raise ApiError(409, "other_person") from error
    language = client.preferred_language or person.locale
    # What the client has written tells more than what the shop has on file.
    if language is not None and not found.client_seq and negotiate([language]) is not None:
        await _speak(session, found, language)


async def _speak(session: AsyncSession, conversation: Conversation, tag: str) -> None:
    spoken = negotiate([tag])
    if spoken is None:
        raise ApiError(422, "unknown_locale")
    wished = (await identities.client_of(session, conversation.id)).register
    conversation.register = carried(conversation.register, conversation.locale, spoken, wished)
    conversation.locale = spoken
    conversation.territory = territory_of(tag) or conversation.territory
    conversation.belief = Belief.from_json(conversation.belief).wish(spoken).to_json()

"""Who the client is, as the shop's own server vouches: a JWT signed with the widget's secret."""

import re

import jwt
from pydantic import BaseModel, ConstrainedStr, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import identities
from bot.conversations.models import Client, Conversation, Identity

CHANNEL = "widget"
_VERIFIED = "verified:"  # a visitor's own value cannot begin with this: it takes no colon


class BadIdentity(ValueError):
    """The token is not the shop's, has run out, or lacks what it must have."""


class OtherPerson(ValueError):
    """The conversation already belongs to somebody else who was verified."""


class _Claim(ConstrainedStr):
    strict = True
    regex = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+\Z")


class _Sub(_Claim):
    max_length = 180  # with its prefix it must fit an identity's address


class _Name(_Claim):
    max_length = 120


class _Email(_Claim):
    max_length = 254
    regex = re.compile(r"[^@\s\x00-\x1f\ud800-\udfff]+@[^@\s\x00-\x1f\ud800-\udfff]+\Z")


class _Tag(_Claim):
    max_length = 35


class _Segment(_Claim):
    max_length = 40
    regex = re.compile(r"[a-z0-9_-]+\Z")


class Person(BaseModel):
    """What the shop says of the client. `sub` is the shop's own id of them, `segments` what it
    counts them among (vip, wholesale): routing may let those go first.
    """

    sub: _Sub
    name: _Name | None = None
    email: _Email | None = None
    locale: _Tag | None = None
    segments: list[_Segment] | None = Field(None, max_items=10)


def person_of(token: str, secret: str) -> Person:
    """The person a token vouches for.

    Raises:
        BadIdentity: see there. The token must carry `sub` and `exp`, and be signed with HS256.
    """
    try:
        claims = jwt.decode(
            token, secret, algorithms=["HS256"], options={"require": ["exp", "sub"]}
        )
        return Person(**{key: claims[key] for key in Person.__fields__ if key in claims})
    except (jwt.InvalidTokenError, ValidationError, TypeError) as error:
        raise BadIdentity(str(error)) from error


async def attach(session: AsyncSession, conversation: Conversation, person: Person) -> Client:
    """Give the conversation to the person's verified identity, and their profile what is known.

    What the browser's anonymous profile has learned goes over where the person's own is silent;
    the two profiles are not merged, so whoever used this browser before keeps their history.

    Raises:
        OtherPerson: see there.
    """
    before = await session.get(Identity, conversation.identity_id)
    anonymous = await session.get(Client, before.client_id)
    of = await identities.identity(session, CHANNEL, f"{_VERIFIED}{person.sub}")
    if before.verified and before.id != of.id:
        raise OtherPerson
    client = await verified(session, person)
    client.preferred_language = client.preferred_language or anonymous.preferred_language
    client.time_zone = client.time_zone or conversation.time_zone
    conversation.identity_id = of.id
    return client


async def verified(session: AsyncSession, person: Person) -> Client:
    """The client that the shop vouches for, with what it says of them."""
    of = await identities.identity(session, CHANNEL, f"{_VERIFIED}{person.sub}")
    of.verified = True
    client: Client = await session.get(Client, of.client_id)
    client.name = person.name or client.name
    client.email = person.email or client.email
    if person.segments is not None:
        client.segments = [str(name) for name in person.segments]
    return client

"""One person on two channels becomes one client, once proven: whoever can read a code in one chat
and write it in another holds both.

A code stands for the identity it was shown to. It is written in the other chat, once, within ten
minutes. Two clients that the shop itself vouches for as different people are never merged.
"""

import datetime as dt
import re
import secrets

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import identities, log
from bot.conversations.models import Client, Conversation, Identity, LinkCode
from bot.db import now

MINUTES = 10
ASK = "/link"
"""What a client writes to get a code for another chat."""
MERGED = "client_merged"

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike; 8 of them are 10^12 codes
_CODE = re.compile(rf"\s*link-([{_LETTERS}]{{8}})\s*", re.IGNORECASE)
_MOST_AN_HOUR = 5  # codes for one identity
_FILLED = ("name", "email", "preferred_language", "register", "time_zone", "segments")


class TooMany(Exception):
    """This identity was given enough codes for now."""


def about_linking(text: str) -> bool:
    """Whether a message asks for a code or is one: the assistant has nothing to answer then."""
    return text.strip().lower() == ASK or _CODE.fullmatch(text) is not None


async def issue(session: AsyncSession, identity: str) -> str:
    """A new code that stands for an identity; only its digest is kept.

    Raises:
        TooMany: see there.
    """
    moment = now()
    recent = await session.scalar(
        sa.select(sa.func.count())
        .select_from(LinkCode)
        .where(
            LinkCode.identity_id == identity,
            LinkCode.expires_at > moment - dt.timedelta(minutes=60 - MINUTES),
        )
    )
    if recent >= _MOST_AN_HOUR:
        raise TooMany(identity)
    code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    session.add(
        LinkCode(
            code_hash=identities.hash_token(code),
            identity_id=identity,
            expires_at=moment + dt.timedelta(minutes=MINUTES),
        )
    )
    await session.flush()
    return f"link-{code}"


async def reply(
    session: AsyncSession, conversation: Conversation, text: str, *, proven: bool = True
) -> str:
    """Do what a message about linking asks for; gives what the client is told.

    Args:
        proven: whether it surely comes from who it seems to. A code in a message that anybody
            could have written under this address proves nothing.
    """
    voice = conversation.voice
    found = _CODE.fullmatch(text)
    if found is None:
        try:
            code = await issue(session, conversation.identity_id)
        except TooMany:
            return voice.say("error.too_many")
        return voice.say("channel.link_code", code=code, minutes=MINUTES)
    if not proven:
        return voice.say("channel.link_answer")
    linked = await _claim(session, conversation, found[1].lower())
    return voice.say("channel.linked" if linked else "channel.link_wrong")


async def _claim(session: AsyncSession, conversation: Conversation, code: str) -> bool:
    row = await session.get(LinkCode, identities.hash_token(code))
    if row is None or row.identity_id == conversation.identity_id:
        return False
    taken = await session.execute(
        sa.update(LinkCode)
        .where(
            LinkCode.code_hash == row.code_hash,
            LinkCode.used_at.is_(None),
            LinkCode.expires_at > now(),
        )
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        return False
    shown_to = await session.get(Identity, row.identity_id)
    other = await session.get(Client, shown_to.client_id)
    here = await identities.client_of(session, conversation.id)
    merged = await merge(session, other, here)
    if merged is not None:
        await log.append(session, conversation.id, MERGED, {"client": merged.id})
    return merged is not None


async def merge(session: AsyncSession, one: Client, other: Client) -> Client | None:
    """Make one client of two; the one the shop vouches for is kept, else the older.

    Returns:
        The client both are now; None when the shop knows them as two people: nothing is changed.
    """
    if one.id == other.id:
        return one
    vouched = {
        client: set(
            await session.scalars(
                sa.select(Identity.address).where(
                    Identity.client_id == client,
                    Identity.channel == log.FETCHED,
                    Identity.verified.is_(True),
                )
            )
        )
        for client in (one.id, other.id)
    }
    if vouched[one.id] and vouched[other.id]:
        return None
    first, second = sorted(
        (one, other), key=lambda client: (not vouched[client.id], client.created_at)
    )
    for field in _FILLED:
        setattr(first, field, getattr(first, field) or getattr(second, field))
    await session.execute(
        sa.update(Identity)
        .where(Identity.client_id == second.id)
        .values(client_id=first.id)
        .execution_options(synchronize_session=False)
    )
    await session.flush()
    await session.execute(
        sa.delete(Client).where(Client.id == second.id).execution_options(synchronize_session=False)
    )
    session.expunge(second)
    return first


async def send_code(session: AsyncSession, channel: str, address: str, locale: str) -> str:
    """Send a code to an address, for whoever says that it is theirs; gives the conversation there.

    Raises:
        TooMany: the address was sent enough for now.
    """
    of = await identities.identity(session, channel, address)
    there = await identities.newest(session, channel, address)
    if there is None:
        made, _ = await identities.open_conversation(session, of, locale=locale, belief={})
        there = str(made.id)
    row = await session.get(Conversation, there)
    code = await issue(session, of.id)
    text = row.voice.say("channel.link_code", code=code, minutes=MINUTES)
    await log.say(session, there, "system", text, row.locale)
    return there


async def elsewhere(session: AsyncSession, conversation: Conversation) -> list[Conversation]:
    """The same client's other conversations, the latest first."""
    client = (
        sa.select(Identity.client_id)
        .where(Identity.id == conversation.identity_id)
        .scalar_subquery()
    )
    rows = await session.execute(
        sa.select(Conversation)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(
            Identity.client_id == client,
            Conversation.id != conversation.id,
            Conversation.client_seq > 0,
        )
        .order_by(Conversation.active_at.desc())
        .limit(5)
    )
    return list(rows.scalars())

"""Links that work once: to make an account, or to choose a new password."""

import datetime as dt
import secrets
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import now
from bot.handoff.agents import AgentError, by_email, checked, checked_address, hash_token
from bot.handoff.models import Agent, Invitation

_FIRST_LOGIN = dt.timedelta(hours=24)
_INVITED = dt.timedelta(days=7)
_RECOVERY = dt.timedelta(hours=2)


async def first_login(session: AsyncSession) -> str | None:
    """A code for the first admin of an installation without agents; None once there is one.

    It makes one account, within a day. An older code that was never used stops working.
    """
    if (await session.execute(sa.select(Agent.id).limit(1))).first() is not None:
        return None
    await session.execute(sa.delete(Invitation))
    return await _made(session, _FIRST_LOGIN, role="admin")


async def invite(
    session: AsyncSession,
    email: str,
    *,
    role: str = "agent",
    languages: Mapping[str, int] | None = None,
    skills: Collection[str] = (),
    capacity: int = 4,
    by: str | None = None,
) -> str:
    """A code that makes the account of an address, within a week. An older one stops working.

    Args:
        languages: level from 1 to 3 by BCP 47 tag; empty: they choose for themselves.
        by: the admin who invites.

    Raises:
        AgentError: the address is taken or none, the role, a level or a skill cannot be.
        UnknownLocale: a language is not one of ours.
    """
    address = checked_address(email)
    facts = checked(address, role, languages or {}, skills, capacity)
    if await by_email(session, address) is not None:
        raise AgentError("email_taken")
    await session.execute(_standing(sa.delete(Invitation)).where(Invitation.email == address))
    return await _made(
        session,
        _INVITED,
        role=facts.role,
        email=address,
        languages=facts.languages,
        skills=facts.skills,
        capacity=facts.capacity,
        made_by=by,
    )


async def recovery(session: AsyncSession, agent: Agent, by: str | None = None) -> str:
    """A code with which an agent chooses a new password, within two hours.

    An older one stops working; the password they have goes on working until then.
    """
    await session.execute(
        sa.delete(Invitation)
        .where(Invitation.agent_id == agent.id, Invitation.used_at.is_(None))
        .execution_options(synchronize_session=False)
    )
    return await _made(
        session, _RECOVERY, role=agent.role, email=agent.email, agent_id=agent.id, made_by=by
    )


async def _made(session: AsyncSession, lasts: dt.timedelta, **facts: object) -> str:
    code = secrets.token_urlsafe(24)
    session.add(Invitation(code_hash=hash_token(code), expires_at=now() + lasts, **facts))
    await session.flush()
    return code


def _standing(statement: "sa.sql.Select | sa.sql.Delete") -> "sa.sql.Select | sa.sql.Delete":
    return statement.where(
        Invitation.used_at.is_(None), Invitation.expires_at > now(), Invitation.agent_id.is_(None)
    )


async def standing(session: AsyncSession) -> list[Invitation]:
    """Invitations that somebody can still follow, the newest first."""
    found = await session.execute(
        _standing(sa.select(Invitation))
        .where(Invitation.email.is_not(None))
        .order_by(Invitation.created_at.desc())
    )
    return list(found.scalars())


async def withdraw(session: AsyncSession, code_hash: str) -> Invitation | None:
    """End an invitation that nobody has followed yet; None when there is none."""
    found: Invitation | None = (
        await session.execute(_standing(sa.select(Invitation)).where(_is(code_hash)))
    ).scalar_one_or_none()
    if found is not None:
        await session.delete(found)
    return found


def _is(code_hash: str) -> "sa.sql.ColumnElement":
    return Invitation.code_hash == code_hash


async def find(session: AsyncSession, code: str, *, recovers: bool = False) -> Invitation | None:
    """What a code allows, if it still stands.

    Args:
        recovers: look for one that changes a password, not for one that makes an account.
    """
    whose = Invitation.agent_id
    found = await session.execute(
        sa.select(Invitation).where(
            _is(hash_token(code)),
            Invitation.used_at.is_(None),
            Invitation.expires_at > now(),
            whose.is_not(None) if recovers else whose.is_(None),
        )
    )
    return found.scalar_one_or_none()  # type: ignore[no-any-return]


async def take(session: AsyncSession, code: str, *, recovers: bool = False) -> Invitation | None:
    """Use a code up. Of any number of racing takers one gets it, the others None."""
    found = await find(session, code, recovers=recovers)
    if found is None:
        return None
    taken = await session.execute(
        sa.update(Invitation)
        .where(_is(found.code_hash), Invitation.used_at.is_(None))
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    return found if taken.rowcount == 1 else None

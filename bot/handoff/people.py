"""What admins do with accounts, and agents with their own: facts, passwords, sessions, an end."""

import dataclasses

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import now
from bot.handoff import queue
from bot.handoff.agents import AgentError, Facts
from bot.handoff.models import Agent, AgentSession, Handoff, Invitation


class UnknownAgent(LookupError):
    """No account has this id."""


async def everybody(session: AsyncSession) -> list[Agent]:
    """All accounts by name, the disabled ones last."""
    found = await session.execute(sa.select(Agent).order_by(Agent.disabled, Agent.name, Agent.id))
    return list(found.scalars())


async def get(session: AsyncSession, agent: str) -> Agent:
    """An account.

    Raises:
        UnknownAgent: there is none.
    """
    found: Agent | None = await session.get(Agent, agent, populate_existing=True)
    if found is None:
        raise UnknownAgent(agent)
    return found


async def change(session: AsyncSession, agent: str, facts: Facts) -> Agent:
    """Give an account new facts.

    Raises:
        UnknownAgent: there is no such account.
        AgentError: `last_admin`: nobody else could give the role back.
    """
    row = await get(session, agent)
    if row.role == "admin" and facts.role != "admin":
        await _another_admin(session, agent)
    for field, value in dataclasses.asdict(facts).items():
        setattr(row, field, value)
    await session.flush()
    return row


async def disable(session: AsyncSession, agent: str, by: str | None = None) -> list[str]:
    """Shut an account: its sessions end, its links stop working, its chats go to the queue.

    Args:
        by: the admin who does it, None on the command line.

    Returns:
        The conversations that wait again.

    Raises:
        UnknownAgent: there is no such account.
        AgentError: `last_admin`.
    """
    row = await get(session, agent)
    if row.role == "admin":
        await _another_admin(session, agent)
    row.disabled, row.presence = True, "away"
    await session.flush()
    await end_sessions(session, agent)
    await _forget_links(session, agent)
    held = await session.execute(
        sa.select(Handoff.id, Handoff.conversation_id).where(
            Handoff.agent_id == agent, Handoff.status == "assigned"
        )
    )
    waiting = held.all()
    for handoff in waiting:
        await queue.transfer(session, handoff.id, by or agent, None, supervising=True)
    return [handoff.conversation_id for handoff in waiting]


async def enable(session: AsyncSession, agent: str) -> Agent:
    """Open a shut account again, with the password it had.

    Raises:
        UnknownAgent: there is no such account.
    """
    row = await get(session, agent)
    row.disabled = False
    return row


async def _another_admin(session: AsyncSession, agent: str) -> None:
    # Locked in one order, so that two admins who disable each other at once cannot both succeed.
    found = await session.execute(
        sa.select(Agent.id)
        .where(Agent.role == "admin", Agent.disabled.is_(False))
        .order_by(Agent.id)
        .with_for_update()
    )
    if not set(found.scalars()) - {agent}:
        raise AgentError("last_admin")


async def set_password(
    session: AsyncSession, agent: str, password_hash: str, keep: str | None = None
) -> None:
    """Give an account a new password; every session but one ends, every link for it too.

    Args:
        password_hash: from `agents.hash_password`.
        keep: the hash of the session that goes on.
    """
    await session.execute(
        sa.update(Agent)
        .where(Agent.id == agent)
        .values(password_hash=password_hash)
        .execution_options(synchronize_session=False)
    )
    await end_sessions(session, agent, keep)
    await _forget_links(session, agent)


async def _forget_links(session: AsyncSession, agent: str) -> None:
    await session.execute(
        sa.delete(Invitation)
        .where(Invitation.agent_id == agent, Invitation.used_at.is_(None))
        .execution_options(synchronize_session=False)
    )


async def sessions(session: AsyncSession, agent: str) -> list[AgentSession]:
    """Where somebody is signed in, the last used first."""
    found = await session.execute(
        sa.select(AgentSession)
        .where(AgentSession.agent_id == agent, AgentSession.expires_at > now())
        .order_by(AgentSession.seen_at.desc())
    )
    return list(found.scalars())


async def end_sessions(session: AsyncSession, agent: str, keep: str | None = None) -> int:
    """Sign somebody out everywhere, or everywhere else; says of how many browsers."""
    ended = await session.execute(
        sa.delete(AgentSession)
        .where(AgentSession.agent_id == agent, AgentSession.token_hash != (keep or ""))
        .execution_options(synchronize_session=False)
    )
    return int(ended.rowcount)


async def end_session(session: AsyncSession, token_hash: str, agent: str | None) -> str | None:
    """Sign one browser out; gives whose it was.

    Args:
        agent: whose session it has to be, None for anybody's.
    """
    row = await session.get(AgentSession, token_hash)
    if row is None or agent not in (None, row.agent_id):
        return None
    await session.delete(row)
    return str(row.agent_id)

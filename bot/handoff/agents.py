"""Agents' accounts: adding them, checking passwords, opening sessions, and who is on."""

import asyncio
import dataclasses
import datetime as dt
import hashlib
import secrets
from collections.abc import Collection, Mapping
from typing import Literal

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import now
from bot.handoff.models import Agent, AgentSession
from bot.handoff.policy import policy
from bot.languages.locales import get

Role = Literal["agent", "author", "supervisor", "admin"]
Presence = Literal["available", "busy", "away"]
ROLES: tuple[Role, ...] = ("agent", "author", "supervisor", "admin")

MIN_PASSWORD = 10
MAX_PASSWORD = 200  # argon2 reads all of it; nobody types more
_SESSION = dt.timedelta(days=7)
_IDLE = dt.timedelta(hours=14)  # a shift and its breaks
_SEEN_EVERY = dt.timedelta(seconds=10)  # desks give a sign of life every fifteen
ON_DUTY = dt.timedelta(seconds=90)  # a tab in the background may speak once a minute only
"""How long after a desk's last sign of life its agent counts as there."""

_hasher = PasswordHasher()
# What an unknown address's password is checked against, so that both answers cost the same.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


class AgentError(ValueError):
    """An account cannot be made as asked; `code` is the string key `desk.refused.<code>`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclasses.dataclass(frozen=True)
class SignedIn:
    """A fresh session: the cookie's value, the CSRF token, and when it ends at the latest."""

    token: str
    csrf: str
    expires_at: dt.datetime


def hash_token(secret: str) -> str:
    """What is stored of a random token: SHA-256 is enough for one that cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


async def hash_password(password: str) -> str:
    """The argon2id hash of a password, computed beside the event loop.

    Raises:
        AgentError: too short or too long.
    """
    if len(password) < MIN_PASSWORD:
        raise AgentError("short_password")
    if len(password) > MAX_PASSWORD:
        raise AgentError("long_password")
    return await asyncio.to_thread(_hasher.hash, password.encode("utf-8", "replace"))


async def add(
    session: AsyncSession,
    *,
    email: str,
    name: str,
    password_hash: str,
    role: Role = "agent",
    languages: Mapping[str, int] | None = None,
    capacity: int = 4,
    skills: Collection[str] = (),
) -> Agent:
    """A new agent.

    Args:
        password_hash: from `hash_password`: hashing takes too long for a transaction.
        languages: level from 1 to 3 by BCP 47 tag.

    Raises:
        AgentError: the address is taken or none, the name empty, the role or a level unknown.
        UnknownLocale: a language is not one of ours.
    """
    address = checked_address(email)
    facts = checked(name, role, languages or {}, skills, capacity)
    if await by_email(session, address) is not None:
        raise AgentError("email_taken")
    agent: Agent = Agent(email=address, password_hash=password_hash, **dataclasses.asdict(facts))
    session.add(agent)
    await session.flush()
    return agent


@dataclasses.dataclass(frozen=True)
class Facts:
    """What an admin decides about an agent, checked."""

    name: str
    role: Role
    languages: dict[str, int]
    skills: list[str]
    capacity: int


def checked(
    name: str, role: str, languages: Mapping[str, int], skills: Collection[str], capacity: int
) -> Facts:
    """An agent's facts as they are stored: canonical tags, skills each once.

    Args:
        skills: names of `data/routing.yml`.

    Raises:
        AgentError: `no_name`, `unknown_role`, `bad_number`, `bad_skills`.
        UnknownLocale: a language is not one of ours.
    """
    name = name.strip()[:120]
    if not name:
        raise AgentError("no_name")
    if role not in ROLES:
        raise AgentError("unknown_role")
    levels = {get(tag).tag: level for tag, level in languages.items()}
    if any(level not in (1, 2, 3) for level in levels.values()) or not 1 <= capacity <= 50:
        raise AgentError("bad_number")
    skills = set(skills)
    if skills - set(policy().skills):
        raise AgentError("bad_skills")
    return Facts(name, role, levels, sorted(skills), capacity)


def checked_address(email: str) -> str:
    """An e-mail address as accounts keep it.

    Raises:
        AgentError: `bad_email`.
    """
    address = email.strip().lower()
    local, _, domain = address.rpartition("@")
    if not local or not domain or len(address) > 254 or any(char.isspace() for char in address):
        raise AgentError("bad_email")
    return address


async def by_email(session: AsyncSession, address: str) -> Agent | None:
    """The account of an address in the form of `checked_address`, disabled or not."""
    found = await session.execute(sa.select(Agent).where(Agent.email == address))
    agent: Agent | None = found.scalar_one_or_none()
    return agent


async def authenticate(session: AsyncSession, email: str, password: str) -> Agent | None:
    """The agent whose address and password these are. An unknown address takes as long."""
    agent = await by_email(session, email.strip().lower()[:254])
    stored = agent.password_hash if agent is not None else _NOBODY
    matches = await asyncio.to_thread(_verify, stored, password[: MAX_PASSWORD + 1])
    return agent if matches and agent is not None and not agent.disabled else None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password.encode("utf-8", "replace"))
    except (VerificationError, InvalidHashError):
        return False


async def sign_in(
    session: AsyncSession, agent: Agent, *, device: str = "", network: str = ""
) -> SignedIn | None:
    """Open a session; the agent counts as present from now on.

    Args:
        agent: as `authenticate` found them. None is given when they were disabled or got another
            password since: whoever changes one ends every session, and this would be one more.
        device: the browser's description of itself.
        network: where it is.
    """
    moment = now()
    present = await session.execute(
        sa.update(Agent)
        .where(
            Agent.id == agent.id,
            Agent.password_hash == agent.password_hash,
            Agent.disabled.is_(False),
        )
        .values(presence="available", seen_at=moment)
        .execution_options(synchronize_session=False)
    )
    if present.rowcount != 1:
        return None
    await session.execute(
        sa.delete(AgentSession)
        .where(sa.or_(AgentSession.expires_at < moment, AgentSession.seen_at < moment - _IDLE))
        .execution_options(synchronize_session=False)
    )
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    expires = moment + _SESSION
    session.add(
        AgentSession(
            token_hash=hash_token(token),
            agent_id=agent.id,
            csrf=csrf,
            expires_at=expires,
            device=device[:300],
            network=network[:64],
        )
    )
    return SignedIn(token, csrf, expires)


async def signed_in(session: AsyncSession, token: str) -> tuple[Agent, AgentSession] | None:
    """Whose session a cookie opens; None when it is unknown, too old, or the agent disabled."""
    moment = now()
    found = await session.execute(
        sa.select(Agent, AgentSession)
        .join(AgentSession, AgentSession.agent_id == Agent.id)
        .where(
            AgentSession.token_hash == hash_token(token),
            AgentSession.expires_at > moment,
            AgentSession.seen_at > moment - _IDLE,
            Agent.disabled.is_(False),
        )
    )
    row = found.first()
    return None if row is None else (row[0], row[1])


def stale(session_row: AgentSession) -> bool:
    """Whether it is time to write down again that this session is in use."""
    return bool(now() - session_row.seen_at > _SEEN_EVERY)


async def seen(session: AsyncSession, token_hash: str) -> None:
    """A sign of life: the session and its agent are there."""
    moment = now()
    await session.execute(
        sa.update(AgentSession)
        .where(AgentSession.token_hash == token_hash)
        .values(seen_at=moment)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        sa.update(Agent)
        .where(
            Agent.id.in_(
                sa.select(AgentSession.agent_id).where(AgentSession.token_hash == token_hash)
            )
        )
        .values(seen_at=moment)
        .execution_options(synchronize_session=False)
    )


async def sign_out(session: AsyncSession, token: str) -> str | None:
    """End a session. The agent is away when it was their last.

    Returns:
        The agent's id when it was their last, else None.
    """
    hashed = hash_token(token)
    agent = (
        await session.execute(
            sa.select(AgentSession.agent_id).where(AgentSession.token_hash == hashed)
        )
    ).scalar_one_or_none()
    if agent is None:
        return None
    await session.execute(sa.delete(AgentSession).where(AgentSession.token_hash == hashed))
    others = await session.execute(
        sa.select(sa.func.count())
        .select_from(AgentSession)
        .where(AgentSession.agent_id == agent, AgentSession.expires_at > now())
    )
    if others.scalar_one():
        return None
    await set_present(session, agent, False)
    return str(agent)


async def set_present(session: AsyncSession, agent: str, present: bool) -> None:
    """What an agent says of themselves: here, or away."""
    await set_presence(session, agent, "available" if present else "away")


async def set_presence(session: AsyncSession, agent: str, presence: Presence) -> None:
    """What an agent says of themselves: available, busy (here, but nothing new) or away."""
    await session.execute(
        sa.update(Agent)
        .where(Agent.id == agent)
        .values(presence=presence, seen_at=now())
        .execution_options(synchronize_session=False)
    )


async def on_duty(session: AsyncSession) -> list[Agent]:
    """Agents who say that they are here, free or busy, and whose desk gives signs of life."""
    rows = await session.execute(
        sa.select(Agent).where(
            Agent.present, Agent.disabled.is_(False), Agent.seen_at > now() - ON_DUTY
        )
    )
    return list(rows.scalars())


async def name_of(session: AsyncSession, agent: str) -> str | None:
    """An agent's name; None when there is no such agent."""
    found = await session.execute(sa.select(Agent.name).where(Agent.id == agent))
    return found.scalar_one_or_none()  # type: ignore[no-any-return]

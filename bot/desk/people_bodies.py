"""What the desk's API takes and gives about accounts, links and sessions."""

import datetime as dt
import re
from typing import Literal

from pydantic import BaseModel, Field

from bot.desk.access import Who
from bot.desk.bodies import _Body as Body
from bot.handoff.models import Agent, AgentSession, Invitation

Role = Literal["agent", "author", "supervisor", "admin"]

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrom", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class Invite(Body):
    """Whom to invite, and as what."""

    email: str = Field(max_length=254)
    role: Role = "agent"
    languages: dict[str, int] = Field(default_factory=dict, description="1 to 3 by BCP 47 tag")
    skills: list[str] = Field(default_factory=list, max_items=20)
    capacity: int = Field(4, ge=1, le=50, description="chats at once")


class Person(Body):
    """What an admin changes about an account; what is left out stays."""

    name: str | None = Field(None, max_length=120)
    role: Role | None = None
    languages: dict[str, int] | None = None
    skills: list[str] | None = Field(None, max_items=20)
    capacity: int | None = Field(None, ge=1, le=50)
    disabled: bool | None = None


class Forgot(Body):
    """Who wants a link to a new password."""

    email: str = Field(max_length=254)


class Recover(Body):
    """A new password, by link."""

    code: str = Field(max_length=100)
    password: str = Field(max_length=1000)


class NewPassword(Body):
    """One's own password, changed."""

    old: str = Field(max_length=1000)
    new: str = Field(max_length=1000)


class Mailed(BaseModel):
    """Whether e-mails are sent here at all; not whether one was."""

    mail: bool


class Link(BaseModel):
    """A link that works once, told this once; `mailed`: it went to the address as well."""

    link: str
    email: str
    mailed: bool
    expires_at: dt.datetime


class OpenSession(BaseModel):
    """One signed-in browser."""

    id: str
    device: str
    network: str
    since: dt.datetime
    seen_at: dt.datetime
    this: bool


class Account(BaseModel):
    """One account, as admins see it."""

    id: str
    email: str
    name: str
    role: str
    languages: dict[str, int]
    skills: list[str]
    capacity: int
    present: bool
    disabled: bool
    seen_at: dt.datetime | None


class Invited(BaseModel):
    """An invitation nobody has followed yet."""

    id: str
    email: str
    role: str
    expires_at: dt.datetime


class Accounts(BaseModel):
    """Everybody, and who is invited."""

    people: list[Account]
    invitations: list[Invited]


def device(user_agent: str) -> str:
    """What a browser calls itself, in two words a person knows; empty where there are none."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if browser or system:
        return ", ".join(part for part in (browser, system) if part)
    return re.split(r"[ /]", user_agent)[0][:30]


def open_session(row: AgentSession, who: Who) -> OpenSession:
    """A session as its reader sees it."""
    return OpenSession(
        id=row.token_hash,
        device=device(row.device),
        network=row.network,
        since=row.created_at,
        seen_at=row.seen_at,
        this=row.token_hash == who.token_hash,
    )


def account(row: Agent) -> Account:
    """An account's row as it goes out."""
    return Account(**{field: getattr(row, field) for field in Account.__fields__})


def invited(row: Invitation) -> Invited:
    """An invitation's row as it goes out."""
    return Invited(id=row.code_hash, email=row.email, role=row.role, expires_at=row.expires_at)

"""`setu agents …`: the people at the desk."""

import asyncio
import dataclasses
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from bot.cli.terminal import err, fail, settings, table

agents = typer.Typer(help="The people at the desk.", no_args_is_help=True)

T = TypeVar("T")
_LANGUAGES = "What they speak, with commas and levels from 1 to 3: en:3,bn:2. Without one: 3."
_SKILLS = "Skills of data/routing.yml, with commas."
_ROLE = "agent, author, supervisor or admin."
Email = Annotated[str, typer.Argument(help="What they log in with.")]


@dataclasses.dataclass(frozen=True)
class _Row:
    email: str
    name: str
    role: str
    languages: str
    skills: str
    capacity: int
    state: str
    seen: str


@agents.command("add")
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="As clients see it.")],
    languages: Annotated[str, typer.Option(help=_LANGUAGES)] = "en",
    role: Annotated[str, typer.Option(help=_ROLE)] = "agent",
    skills: Annotated[str, typer.Option(help=_SKILLS)] = "",
    capacity: Annotated[int, typer.Option(help="Chats at once.")] = 4,
) -> None:
    """Add an account. The password is asked for, or read from standard input."""
    from bot.handoff import agents as accounts

    password = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )

    async def work(session: AsyncSession) -> None:
        from bot.desk import audit

        agent = await accounts.add(
            session,
            email=email,
            name=name,
            password_hash=await accounts.hash_password(password),
            role=role,  # type: ignore[arg-type]  # checked by `add`
            languages=_levels(languages),
            skills=_words(skills),
            capacity=capacity,
        )
        audit.note(session, None, "account_made", agent=agent.id, role=role)

    found = settings()
    _run(work)
    err.print(f"{name} can log in at {found.address}/desk")


@agents.command("list")
def listing(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a line.")] = False,
) -> None:
    """Everybody with an account."""
    from bot.handoff import people

    async def work(session: AsyncSession) -> list[_Row]:
        return [
            _Row(
                email=one.email,
                name=one.name,
                role=one.role,
                languages=",".join(f"{tag}:{level}" for tag, level in one.languages.items()),
                skills=",".join(one.skills),
                capacity=one.capacity,
                state="disabled" if one.disabled else one.presence,
                seen=one.seen_at.isoformat(timespec="minutes") if one.seen_at else "",
            )
            for one in await people.everybody(session)
        ]

    table(_run(work), as_json)


@agents.command("invite")
def invite(
    email: Email,
    languages: Annotated[str, typer.Option(help=f"{_LANGUAGES} Empty: they choose.")] = "",
    role: Annotated[str, typer.Option(help=_ROLE)] = "agent",
    skills: Annotated[str, typer.Option(help=_SKILLS)] = "",
    capacity: Annotated[int, typer.Option(help="Chats at once.")] = 4,
) -> None:
    """Print a link with which somebody makes their account. It works once, within a week."""
    from bot.desk import audit
    from bot.desk.links import welcome_link
    from bot.handoff import invitations

    async def work(session: AsyncSession) -> str:
        code = await invitations.invite(
            session,
            email,
            role=role,
            languages=_levels(languages),
            skills=_words(skills),
            capacity=capacity,
        )
        audit.note(session, None, "invited", email=email, role=role)
        return welcome_link(settings().address, code)

    _link(_run(work))


@agents.command("reset")
def reset(email: Email) -> None:
    """Print a link with which somebody chooses a new password. It works once, for two hours."""
    from bot.desk import audit
    from bot.desk.links import recovery_link
    from bot.handoff import invitations
    from bot.handoff.agents import AgentError

    async def work(session: AsyncSession) -> str:
        agent = await _account(session, email)
        if agent.disabled:
            raise AgentError("disabled")
        code = await invitations.recovery(session, agent)
        audit.note(session, None, "recovery_made", agent=agent.id)
        return recovery_link(settings().address, code)

    _link(_run(work))


@agents.command("change")
def change(
    email: Email,
    name: Annotated[str | None, typer.Option(help="As clients see it.")] = None,
    languages: Annotated[str | None, typer.Option(help=_LANGUAGES)] = None,
    role: Annotated[str | None, typer.Option(help=_ROLE)] = None,
    skills: Annotated[str | None, typer.Option(help=_SKILLS)] = None,
    capacity: Annotated[int | None, typer.Option(help="Chats at once.")] = None,
) -> None:
    """Change an account; what is not given stays."""
    from bot.desk import audit
    from bot.handoff import people
    from bot.handoff.agents import checked

    given: dict[str, Any] = {
        "name": name,
        "role": role,
        "languages": None if languages is None else _levels(languages),
        "skills": None if skills is None else _words(skills),
        "capacity": capacity,
    }
    wanted = {field: value for field, value in given.items() if value is not None}

    async def work(session: AsyncSession) -> None:
        agent = await _account(session, email)
        facts = checked(**{field: wanted.get(field, getattr(agent, field)) for field in given})
        await people.change(session, agent.id, facts)
        audit.note(session, None, "account_changed", agent=agent.id, **wanted)

    _run(work)


@agents.command("disable")
def disable(email: Email) -> None:
    """Shut an account: signed out, and its chats wait for somebody else."""
    from bot.desk import audit
    from bot.handoff import people

    async def work(session: AsyncSession) -> None:
        agent = await _account(session, email)
        await people.disable(session, agent.id)
        audit.note(session, None, "account_disabled", agent=agent.id)

    _run(work)


@agents.command("enable")
def enable(email: Email) -> None:
    """Open a shut account again, with the password it had."""
    from bot.desk import audit
    from bot.handoff import people

    async def work(session: AsyncSession) -> None:
        agent = await _account(session, email)
        await people.enable(session, agent.id)
        audit.note(session, None, "account_enabled", agent=agent.id)

    _run(work)


def _levels(written: str) -> dict[str, int]:
    levels = {}
    for part in _words(written):
        tag, _, level = part.partition(":")
        if level and not level.isdigit():
            raise fail(f"not a level from 1 to 3: {part}", 2)
        levels[tag.strip()] = int(level or 3)
    return levels


def _words(written: str) -> list[str]:
    return [part.strip() for part in written.split(",") if part.strip()]


async def _account(session: AsyncSession, email: str) -> Any:
    from bot.handoff.agents import AgentError, by_email

    agent = await by_email(session, email.strip().lower())
    if agent is None:
        raise AgentError("no_account")
    return agent


def _link(link: str) -> None:
    sys.stdout.write(link + "\n")
    err.print("It is shown this once: hand it over yourself.")


def _run(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Do something in one transaction on a migrated database; faults end the command."""
    from bot.db import Database, migrate
    from bot.handoff.agents import AgentError
    from bot.languages.locales import UnknownLocale
    from bot.languages.say import say

    found = settings()
    migrate(found.database_url)

    async def whole() -> T:
        db = Database(found.database_url)
        try:
            async with db.transaction() as session:
                return await work(session)
        finally:
            await db.dispose()

    try:
        return asyncio.run(whole())
    except AgentError as error:
        raise fail(say(f"desk.refused.{error.code}", "en")) from None
    except UnknownLocale as error:
        raise fail(f"no such language: {error}") from None

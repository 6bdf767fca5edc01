"""`setu agents …`: the people at the desk."""

import asyncio
import sys
from typing import Annotated

import typer

from bot.cli.terminal import err, fail, settings

agents = typer.Typer(help="The people at the desk.", no_args_is_help=True)


@agents.command("add")
def agents_add(
    email: Annotated[str, typer.Argument(help="What they log in with.")],
    name: Annotated[str, typer.Option(help="As clients see it.")],
    languages: Annotated[str, typer.Option(help="What they speak, with commas: en,bn.")] = "en",
    role: Annotated[str, typer.Option(help="agent, author, supervisor or admin.")] = "agent",
) -> None:
    """Add an account. The password is asked for, or read from standard input."""
    from bot.db import Database, migrate
    from bot.handoff.agents import AgentError, add, hash_password
    from bot.languages.locales import UnknownLocale
    from bot.languages.say import say

    found = settings()
    password = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    migrate(found.database_url)

    async def work() -> None:
        db = Database(found.database_url)
        try:
            hashed = await hash_password(password)
            levels = {tag.strip(): 3 for tag in languages.split(",") if tag.strip()}
            async with db.transaction() as session:
                await add(
                    session,
                    email=email,
                    name=name,
                    password_hash=hashed,
                    role=role,  # type: ignore[arg-type]  # checked by `add`
                    languages=levels,
                )
        finally:
            await db.dispose()

    try:
        asyncio.run(work())
    except AgentError as error:
        raise fail(say(f"desk.refused.{error}", "en")) from None
    except UnknownLocale as error:
        raise fail(f"no such language: {error}") from None
    err.print(f"{name} can log in at {found.address}/desk")

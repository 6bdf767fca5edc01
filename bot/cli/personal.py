"""`setu export CLIENT` and `setu erase CLIENT`: what a person may ask about their data."""

import asyncio
import json
import sys
from typing import Annotated

import typer

from bot.cli.terminal import err, fail, settings

_CLIENT = "Client's id, e-mail, telephone number, channel:address, or a conversation's id."


def export(client: Annotated[str, typer.Argument(help=_CLIENT)]) -> None:
    """Everything there is of a client, as JSON on standard output."""
    from bot.db import Database
    from bot.desk import audit, personal

    async def work() -> dict[str, object]:
        db = Database(settings().database_url)
        try:
            async with db.transaction() as session:
                found = await personal.find(session, client)
                for one in found:
                    audit.note(session, None, "client_exported", client=one)
                return {one: await personal.export(session, one) for one in found}
        finally:
            await db.dispose()

    everything = asyncio.run(work())
    if not everything:
        raise fail(f"no client is known by {client}")
    sys.stdout.write(json.dumps(everything, ensure_ascii=False, indent=1) + "\n")


def erase(
    client: Annotated[str, typer.Argument(help=_CLIENT)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take who a client is and what they said from every table. It cannot be undone."""
    from bot.db import Database
    from bot.desk import audit, personal

    async def look() -> list[str]:
        async with db.reading() as session:
            return await personal.find(session, client)

    async def work(found: list[str]) -> dict[str, int]:
        total: dict[str, int] = {}
        for one in found:
            async with db.transaction() as session:
                counts = await personal.erase(session, one)
                audit.note(session, None, "client_erased", client=one, rows=counts)
            for table, count in counts.items():
                total[table] = total.get(table, 0) + count
        await personal.leave_no_copy(db)
        return total

    async def whole() -> tuple[list[str], dict[str, int]]:
        try:
            found = await look()
            if not found:
                raise fail(f"no client is known by {client}")
            if not yes and not typer.confirm(f"Erase {len(found)} client(s) for ever?", err=True):
                raise typer.Exit(1)
            return found, await work(found)
        finally:
            await db.dispose()

    db = Database(settings().database_url)
    found, counts = asyncio.run(whole())
    done = ", ".join(f"{table} {count}" for table, count in counts.items() if count)
    err.print(f"Erased {len(found)} client(s). Rows: {done}")

"""The files of a message that is sent: read when their turn comes, left out where none is taken."""

import dataclasses
import functools
from collections.abc import Sequence

from bot.channels.contract import Attached, Limits, Never, Outgoing
from bot.conversations import files
from bot.db import Database, JsonDict
from bot.languages.say import say


def attached(db: Database, described: Sequence[JsonDict]) -> tuple[Attached, ...]:
    """A message's files, by what it says of them (`files.described`)."""
    return tuple(
        Attached(
            name=file["name"],
            kind=file["kind"],
            size=file["size"],
            read=functools.partial(_read, db, file["id"]),
            width=file["width"],
            height=file["height"],
        )
        for file in described
    )


def fitting(limits: Limits, message: Outgoing) -> tuple[Outgoing, bool]:
    """The message as the channel can carry it, and whether that is all of it.

    Where a file has to stay behind the client is told that there was one.
    """
    fit = tuple(file for file in message.files if limits.sends(file.kind, file.size))
    if len(fit) == len(message.files):
        return message, True
    told = say("channel.file_unsent", message.language)
    text = f"{message.text}\n\n{told}".strip()
    return dataclasses.replace(message, files=fit, text=text), False


async def _read(db: Database, id: str) -> bytes:
    async with db.reading() as session:
        row = await files.load(session, id)
    if row is None or not row.content:
        raise Never("file", "it is no longer kept")
    return bytes(row.content)

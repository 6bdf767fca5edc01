"""How a file comes in at a door: raw bytes, cleaned in a thread, a few at a time."""

import anyio
import anyio.to_thread
from fastapi import Request

from bot.channels.errors import ApiError
from bot.conversations import files

PER_MINUTE = 30
"""Files one conversation's client, or one agent, may bring in a minute."""

_AT_ONCE = 2  # pictures opened at the same time: each may take 200 MB and a second
_opening = anyio.CapacityLimiter(_AT_ONCE)


async def prepared(request: Request, name: str, megabytes: int) -> files.Prepared:
    """The file in a request's body, looked at and cleaned.

    Args:
        megabytes: the most a file may have; 0 takes none.

    Raises:
        ApiError: 413 or 422 with what is wrong.
    """
    try:
        return await looked_at(await request.body(), name, megabytes)
    except files.Unfit as unfit:
        raise ApiError(413 if unfit.code == "file_large" else 422, unfit.code) from None


async def looked_at(content: bytes, name: str, megabytes: int) -> files.Prepared:
    """A file's bytes, looked at and cleaned beside the event loop.

    Raises:
        Unfit: see `files.prepare`.
    """
    if not megabytes:
        raise files.Unfit("file_type")
    if len(content) > megabytes * 1024 * 1024:
        raise files.Unfit("file_large")
    if not content:
        raise files.Unfit("file_broken")
    return await anyio.to_thread.run_sync(files.prepare, content, name, limiter=_opening)

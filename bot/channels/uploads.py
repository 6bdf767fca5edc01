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
    if not megabytes:
        raise ApiError(422, "file_type")
    content = await request.body()
    if len(content) > megabytes * 1024 * 1024:
        raise ApiError(413, "file_large")
    if not content:
        raise ApiError(422, "file_broken")
    try:
        return await anyio.to_thread.run_sync(files.prepare, content, name, limiter=_opening)
    except files.Unfit as unfit:
        raise ApiError(422, unfit.code) from None

"""Whether a translation service can be reached, takes our key, and has our languages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.languages.translation.libretranslate import LibreTranslate
from bot.languages.translation.translator import Failure, ServiceError

_PROBE: Final = "Good morning"


@dataclass(frozen=True)
class Checked:
    """What a service answered. `failure` is why it cannot be used, None where it can.

    `lacking` holds the languages it does not translate from and into `source`.
    """

    failure: Failure | None
    lacking: tuple[str, ...] = ()


async def check(
    service: LibreTranslate, languages: Sequence[str], source: str, deadline: float
) -> Checked:
    """Ask a service for its languages and for one harmless translation.

    Args:
        languages: the tags wanted, `source` among them or not.
        source: the tag the others are translated from and into.
        deadline: seconds all of it may take.
    """
    try:
        return await asyncio.wait_for(_check(service, languages, source), deadline)
    except asyncio.TimeoutError:
        return Checked("slow")
    except ServiceError as error:
        return Checked(error.reason)


async def _check(service: LibreTranslate, languages: Sequence[str], source: str) -> Checked:
    others = [tag for tag in languages if tag != source]
    lacking = [tag for tag in others if not await service.has(tag, source)]
    offered = [tag for tag in others if tag not in lacking]
    if not offered:
        return Checked("no_pair", tuple(lacking))
    await service.translate([_PROBE], source, offered[0])
    return Checked(None, tuple(lacking))

"""Linked pages that are not there any more: the one check that leaves this machine."""

import asyncio
from typing import Final

import httpx

from bot.db import Database
from bot.knowledge.articles import entries
from bot.knowledge.lint import Finding
from bot.knowledge.lint_texts import web_addresses
from bot.knowledge.models import PUBLISHED

MOST: Final = 500
"""Different addresses that one run asks for."""

_AT_ONCE: Final = 4
_SECONDS: Final = 10.0
_REDIRECTS: Final = 5
# Some servers answer only to a browser, or not to HEAD: that is no proof that a page has gone.
_GONE: Final = frozenset({404, 410})


async def lint_links(
    db: Database, transport: httpx.AsyncBaseTransport | None = None
) -> list[Finding]:
    """Published articles' links to pages that say they are gone, or to hosts nobody reaches.

    Args:
        transport: where requests go instead of to the web.
    """
    async with db.reading() as session:
        published = await entries(session, state=PUBLISHED)
    linked: dict[str, list[tuple[str, str]]] = {}
    for entry in published:
        for address in web_addresses(entry):
            linked.setdefault(address.partition("#")[0], []).append((entry.article, entry.locale))
    at_once = asyncio.Semaphore(_AT_ONCE)
    async with httpx.AsyncClient(
        transport=transport, timeout=_SECONDS, follow_redirects=True, max_redirects=_REDIRECTS
    ) as client:

        async def why(address: str) -> str:
            async with at_once:
                return await _why_dead(client, address)

        asked = list(linked)[:MOST]
        reasons = await asyncio.gather(*map(why, asked))
    return [
        Finding(article, locale, "dead link", address, reason)
        for address, reason in zip(asked, reasons, strict=True)
        if reason
        for article, locale in dict.fromkeys(linked[address])
    ]


async def _why_dead(client: httpx.AsyncClient, address: str) -> str:
    """Why a page cannot be seen; empty where it can, or where nothing proves that it cannot."""
    try:
        # The body stays where it is: what is asked for is only whether there is one.
        async with client.stream("GET", address) as answer:
            return f"HTTP {answer.status_code}" if answer.status_code in _GONE else ""
    except httpx.InvalidURL:
        return "not an address"
    except httpx.TooManyRedirects:
        return "redirects in a circle"
    except httpx.ConnectError:
        return "not reached"
    except httpx.HTTPError:
        return ""

"""How much a door takes: a body's size before anything parses it, requests in a minute."""

import ipaddress
import math
import re
import time
from collections import deque

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.errors import ApiError, error_response, reader_locale

MAX_BODY = 64 * 1024
"""Bytes a request's body may have at any door that does not say otherwise."""

_WINDOW = 60.0  # seconds
_V6_NETWORK = 64  # bits: what one household or one phone has to itself


class BodyLimit:
    """ASGI middleware: refuses a body over the limit before the application sees any of it.

    Args:
        limit: bytes.
        larger: limits of their own for paths that begin with a key (an upload, an import); a `*`
            in it stands for one step of the path.
    """

    def __init__(
        self, app: ASGIApp, limit: int = MAX_BODY, larger: dict[str, int] | None = None
    ) -> None:
        self._app = app
        self._limit = limit
        self._larger = [
            (re.compile(re.escape(path).replace(r"\*", "[^/]+")), size)
            for path, size in (larger or {}).items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next(
            (size for path, size in self._larger if path.match(scope["path"])),
            self._limit,
        )
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "")
        body = None
        if not (declared.isdigit() and int(declared[:20]) > limit):
            body = await _body(receive, limit)
        if body is None:
            locale = reader_locale(headers.get("accept-language"))
            refusal = error_response(413, "too_large", locale, {"Connection": "close"})
            await refusal(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


async def _body(receive: Receive, limit: int) -> list[Message] | None:
    """The messages of a whole body; None as soon as it has more than `limit` bytes."""
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > limit:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return messages


def _replay(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replayed() -> Message:
        for message in waiting:
            return message
        return await receive()

    return replayed


class Rates:
    """Moving-window limits, counted in this process.

    Each process behind a load balancer counts for itself: n of them let n times as much through.
    (The `limits` package's in-memory storage walks every request of everybody at each hit: 3 ms at
    4,000 keys.)
    """

    def __init__(self) -> None:
        self._hits: dict[tuple[str, str], deque[float]] = {}
        self._swept = 0.0

    async def check(self, what: str, who: str, per_minute: int) -> None:
        """Count one request of `who`.

        Raises:
            ApiError: 429 `too_many` with Retry-After in seconds; the request was one too many.
        """
        now = time.monotonic()
        self._sweep(now)
        hits = self._hits.setdefault((what, who), deque())
        while hits and hits[0] <= now - _WINDOW:
            hits.popleft()
        if len(hits) >= per_minute:
            wait = max(1, math.ceil(hits[0] + _WINDOW - now))
            raise ApiError(429, "too_many", {"Retry-After": str(wait)})
        hits.append(now)

    def _sweep(self, now: float) -> None:
        """Forget, once a window, whoever has been quiet for one."""
        if now - self._swept > _WINDOW:
            self._swept = now
            self._hits = {key: hits for key, hits in self._hits.items() if hits[-1] > now - _WINDOW}


def network_of(request: Request) -> str:
    """Whom an address's requests are counted for: an IPv4 address, or an IPv6 /64 network.

    Behind a proxy the server has already put the believed client address in place.
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _V6_NETWORK), strict=False))
    return host

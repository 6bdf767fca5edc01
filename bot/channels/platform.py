"""Calling a platform over HTTP: what its answers mean for the message that was to be sent."""

import datetime as dt
import email.utils
import hashlib
import hmac

import httpx

from bot.channels.contract import Later, Never, Unverified
from bot.conversations.files import Unfit
from bot.db import JsonDict

TIMEOUT = 15.0
"""Seconds a platform is given for one request."""

_LONGEST_WAIT = 3600.0  # seconds: whatever a platform asks for, it is tried again after that


def client(**more: object) -> httpx.AsyncClient:
    """A connection to one platform, for as long as the process lives."""
    return httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, **more)  # type: ignore[arg-type]


async def download(http: httpx.AsyncClient, url: str, most: int, **more: object) -> bytes:
    """A file's bytes, no more than `most` of them; the caller has made sure whose address it is.

    Raises:
        Later: as of `call`.
        Never: the platform does not give it. Redirects are not followed.
        Unfit: it is larger.
    """
    content = bytearray()
    # As it stands: what is packed can grow without end.
    headers = {"Accept-Encoding": "identity", **more.pop("headers", {})}  # type: ignore[dict-item]
    try:
        async with http.stream("GET", url, headers=headers, **more) as reply:  # type: ignore[arg-type]
            _passing(reply)
            if not reply.is_success:
                raise Never("refused", f"a file was answered {reply.status_code}")
            async for piece in reply.aiter_raw():
                content += piece
                if len(content) > most:
                    raise Unfit("file_large")
    except httpx.InvalidURL:
        raise Never("refused", "the file's address is not one") from None
    except httpx.HTTPError as error:
        raise Later(type(error).__name__) from None
    return bytes(content)


def within(url: str, origin: str) -> bool:
    """Whether an address is at the same scheme, host and port as another."""
    try:
        one, other = httpx.URL(url), httpx.URL(origin)
    except httpx.InvalidURL:
        return False
    if one.userinfo:
        return False
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


async def call(http: httpx.AsyncClient, method: str, url: str, **content: object) -> httpx.Response:
    """One request. What may pass is told apart here; every other answer is the channel's to read.

    Raises:
        Later: it could not be reached, is busy (429, with its Retry-After) or broken (5xx).
    """
    try:
        reply = await http.request(method, url, **content)  # type: ignore[arg-type]
    except httpx.InvalidURL:
        raise Never("fault", "the address is not one") from None
    except httpx.HTTPError as error:
        # Never the address: some platforms have the token in it.
        raise Later(type(error).__name__) from None
    _passing(reply)
    return reply


def _passing(reply: httpx.Response) -> None:
    if reply.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise Later("it asks us to slow down", retry_after(reply.headers.get("retry-after")))
    if reply.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise Later(
            f"it answered {reply.status_code}", retry_after(reply.headers.get("retry-after"))
        )


def retry_after(header: str | None) -> float | None:
    """The seconds a Retry-After header asks for, given as seconds or as a date; else None."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(header)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.timezone.utc)
        seconds = (moment - dt.datetime.now(dt.timezone.utc)).total_seconds()
    return min(max(0.0, seconds), _LONGEST_WAIT) if seconds == seconds else None


def inside(found: object) -> JsonDict:
    """What stands where a platform documents an object; nothing if it is something else."""
    return found if isinstance(found, dict) else {}


def signature(secret: str, content: bytes) -> str:
    """HMAC-SHA256 in hexadecimal, as most platforms sign."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def timely(stamp: str, at: float, tolerance: float) -> None:
    """Make sure that a request was signed about now.

    Args:
        stamp: the time that was signed, in seconds since 1970.
        at: when the request came, in the same.
        tolerance: how many seconds they may lie apart.

    Raises:
        Unverified: it is a recorded one, or our clock is wrong.
    """
    # Signed, so it is a number unless the other side has a fault.
    if not stamp.isascii() or not stamp.isdecimal():
        raise Unverified("no timestamp")
    if abs(at - int(stamp[:12])) > tolerance:
        raise Unverified("too old")


def same(given: str, expected: str) -> bool:
    """Whether two signatures or tokens are equal, in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())

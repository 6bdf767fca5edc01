"""A small client for LibreTranslate, and for whatever speaks its interface.

The texts and the key travel in the body, never in the address, which ends up in logs. What comes
back is read up to a limit, whatever was announced.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from bot.languages.translation.translator import ServiceError

MOST_BYTES: Final = 256 * 1024
"""An answer may have; ten times what the longest request can need."""

_KNOWN_SECONDS: Final = 3600.0  # how long a list of languages is believed
_CONNECT_SECONDS: Final = 3.0
_READ_SECONDS: Final = 20.0  # between two pieces; the caller's deadline is the shorter one
_ALIASES: Final = {"nb": ("no",), "zh": ("zh-hans", "zh-cn"), "pt": ("pt-br",)}


class LibreTranslate:
    """See `Service`.

    Args:
        url: where the service is, without `/translate`.
        key: its API key, if it wants one.
    """

    name = "LibreTranslate"

    def __init__(
        self, url: str, key: str = "", transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._key = key
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            limits=httpx.Limits(max_connections=8),
            transport=transport,
        )
        self._pairs: Mapping[str, frozenset[str] | None] | None = None
        self._pairs_until = 0.0

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """See `Service.translate`. No text is sent for a pair the service does not have."""
        codes = await self._codes(source, target)
        content: dict[str, Any] = {
            # Some look-alikes of the service take one text only.
            "q": list(texts) if len(texts) > 1 else texts[0],
            "source": codes[0],
            "target": codes[1],
            "format": "text",
        }
        if self._key:
            content["api_key"] = self._key
        answer = await self._request("POST", "/translate", content)
        found = answer.get("translatedText") if isinstance(answer, dict) else None
        if isinstance(found, str):
            found = [found]
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise ServiceError("garbage")
        return found

    async def has(self, one: str, other: str) -> bool:
        """Whether it translates between two languages, both ways.

        Raises:
            ServiceError: it does not answer.
        """
        try:
            await self._codes(one, other)
            await self._codes(other, one)
        except ServiceError as error:
            if error.reason == "no_pair":
                return False
            raise
        return True

    async def _codes(self, source: str, target: str) -> tuple[str, str]:
        """The service's own codes of two languages.

        Raises:
            ServiceError: `no_pair` when it does not have them.
        """
        if self._pairs is None or time.monotonic() >= self._pairs_until:
            self._pairs = await self._languages()
            self._pairs_until = time.monotonic() + _KNOWN_SECONDS
        if not self._pairs:  # it does not say what it has
            return source, target
        for code in _matching(source, self._pairs):
            targets = self._pairs[code]
            into = next(iter(_matching(target, self._pairs if targets is None else targets)), None)
            if into is not None:
                return code, into
        raise ServiceError("no_pair")

    async def _languages(self) -> Mapping[str, frozenset[str] | None]:
        try:
            listed = await self._request("GET", "/languages")
        except ServiceError as error:
            if error.reason in ("refused", "garbage"):
                return {}
            raise
        pairs: dict[str, frozenset[str] | None] = {}
        for row in listed if isinstance(listed, list) else ():
            if isinstance(row, dict) and isinstance(row.get("code"), str):
                into = row.get("targets")
                pairs[row["code"]] = (
                    frozenset(map(str, into)) if isinstance(into, list) and into else None
                )
        return pairs

    async def _request(self, method: str, path: str, content: object = None) -> Any:
        try:
            async with self._client.stream(method, path, json=content) as response:
                if response.status_code == 429 or response.status_code >= 500:
                    raise ServiceError("busy", _retry_after(response.headers))
                if response.status_code != 200:
                    raise ServiceError("refused")
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise ServiceError("garbage")
        except httpx.TimeoutException as error:
            raise ServiceError("slow") from error
        except httpx.HTTPError as error:
            raise ServiceError("unreachable") from error
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ServiceError("garbage") from error


def _matching(tag: str, codes: Mapping[str, object] | frozenset[str]) -> list[str]:
    """The codes that mean a language, best first. A script (hi-Latn) is never dropped."""
    wanted = tag.lower()
    base, *rest = wanted.split("-")
    names = [wanted]
    if not any(len(part) == 4 for part in rest):
        names += [base, *_ALIASES.get(base, ())]
    by_name = {code.lower().replace("_", "-"): code for code in codes}
    return [by_name[name] for name in dict.fromkeys(names) if name in by_name]


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds, from a number or a date; None where there is neither."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return float(given[:6])
    try:
        moment = email.utils.parsedate_to_datetime(given)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.timezone.utc)
    return max(0.0, (moment - dt.datetime.now(dt.timezone.utc)).total_seconds())

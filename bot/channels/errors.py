"""How a door says no: one JSON shape, in the reader's language.

`{"error": {"code": …, "message": …}}`; the code is stable and also the string key
`error.<code>`. `install` gives the shape to everything under `/api/` that fails, FastAPI's own
refusals included.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from bot.languages.locales import negotiate
from bot.languages.say import say

_BY_STATUS = {400: "invalid", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_MOST_LANGUAGES = 20  # a browser sends fewer; a longer header is not worth reading on


class ApiError(Exception):
    """A request is refused: `code` is the string key `error.<code>`, `status` the HTTP status."""

    def __init__(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


def accepted_languages(header: str | None) -> list[str]:
    """The tags of an Accept-Language header, most wanted first; a broken part is left out."""
    wanted: list[tuple[float, str]] = []
    for part in (header or "").split(",")[:_MOST_LANGUAGES]:
        tag, _, quality = part.strip().partition(";")
        value = quality.strip().removeprefix("q=") if quality else "1"
        try:
            weight = float(value)
        except ValueError:
            continue
        if weight > 0 and tag and tag != "*":
            wanted.append((weight, tag.strip()))
    return [tag for _, tag in sorted(wanted, key=lambda pair: -pair[0])]


def reader_locale(accept_language: str | None, known: str | None = None) -> str:
    """The language to tell an error in: the conversation's if known, else the browser's."""
    return known or negotiate(accepted_languages(accept_language)) or "en"


def field_of(place: Sequence[object]) -> str:
    """What pydantic's place of a fault is called; empty where it is the whole request.

    A field's name may be the sender's own invention, and not even be text.
    """
    return ".".join(map(str, place[1:])).encode("ascii", "replace").decode()[:60]


class Refusal(NamedTuple):
    """What is refused: HTTP's status, our code, headers, and what pydantic finds fault with."""

    status: int
    code: str
    headers: Mapping[str, str] | None = None
    faults: Sequence[Mapping[str, Any]] = ()


class Readers(Protocol):
    """Who reads the refusals of a part of the application."""

    async def locale(self, request: Request) -> str:
        """The language of whoever has sent a request."""

    def unreadable(self, faults: Sequence[Mapping[str, Any]], locale: str) -> str | None:
        """What is wrong with a request, by pydantic's faults; None: no more than that it is."""

    async def page(self, request: Request, refusal: Refusal) -> Response | None:
        """The refusal as a page, if a person has opened an address; None: as programs get it."""


def error_response(
    status: int,
    code: str,
    locale: str,
    headers: Mapping[str, str] | None = None,
    fields: Sequence[str] = (),
    message: str | None = None,
) -> JSONResponse:
    """The refusal as it goes out. `fields` names what was wrong, for the programmer."""
    error: dict[str, object] = {"code": code, "message": message or say(f"error.{code}", locale)}
    if fields:
        error["fields"] = list(fields)
    return JSONResponse(
        {"error": error},
        status_code=status,
        headers={**(headers or {}), "Content-Language": locale, "Cache-Control": "no-store"},
    )


def install(app: FastAPI, readers: Mapping[str, Readers] | None = None) -> None:
    """Give every refusal of the application under `/api/` this shape.

    Args:
        readers: by the beginning of the paths that they read; elsewhere the browser's language
            is spoken, where no route has found a better one.
    """
    app.state.readers = readers or {}
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


def _known_locale(request: Request) -> str:
    known = getattr(request.state, "locale", None)
    return reader_locale(request.headers.get("accept-language"), known)


async def _locale(request: Request) -> str:
    readers = _readers(request)
    if readers is None or getattr(request.state, "locale", None):
        return _known_locale(request)
    return await readers.locale(request)


def _readers(request: Request) -> Readers | None:
    readers: Mapping[str, Readers] = request.app.state.readers
    path = request.url.path
    return next((each for begins, each in readers.items() if path.startswith(begins)), None)


async def _page(request: Request, refusal: Refusal) -> Response | None:
    readers = _readers(request)
    return await readers.page(request, refusal) if readers else None


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    if page := await _page(request, Refusal(error.status, error.code, error.headers)):
        return page
    return error_response(error.status, error.code, await _locale(request), error.headers)


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    places = [[str(step) for step in fault["loc"]] for fault in faults]
    if any(place[:2] == ["path", "conversation"] for place in places):
        # An address that cannot be a conversation's is answered like one that is nobody's.
        locale = await _locale(request)
        return error_response(401, "unauthorized", locale, {"WWW-Authenticate": "Bearer"})
    code = "bad_text" if any("bad_text" in fault["msg"] for fault in faults) else "invalid"
    if page := await _page(request, Refusal(422, code, faults=faults)):
        return page
    fields = sorted({field for fault in faults if (field := field_of(fault["loc"]))})[:10]
    locale, readers = await _locale(request), _readers(request)
    message = readers.unreadable(faults, locale) if readers and code == "invalid" else None
    return error_response(422, code, locale, fields=fields, message=message)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status, code = error.status_code, _BY_STATUS.get(error.status_code, "invalid")
    if status >= 400 and (page := await _page(request, Refusal(status, code, error.headers))):
        return page
    if not request.url.path.startswith("/api/"):
        return PlainTextResponse(str(error.detail), status, headers=error.headers)
    return error_response(status, code, await _locale(request), error.headers)


async def _failed(request: Request, _: Exception) -> Response:
    # Starlette raises the exception again after this answer, so the server's log has it. What
    # failed may be the database: nobody is looked up in it for this.
    return error_response(500, "internal", _known_locale(request))

"""The desk's static files and templates."""

import functools
import hashlib
import json
from pathlib import Path

from fastapi import APIRouter, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.errors import ApiError

_HERE = Path(__file__).parent
_STATIC = _HERE / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class BrokenAssets(Exception):
    """A vendored file is not the one its manifest describes; says which."""


@functools.lru_cache(maxsize=1)
def files() -> dict[str, bytes]:
    """Every static file by name.

    Raises:
        BrokenAssets: a vendored file was changed.
    """
    found = {path.name: path.read_bytes() for path in _STATIC.iterdir() if path.suffix in _TYPES}
    for name, facts in json.loads((_STATIC / "manifest.json").read_text()).items():
        if hashlib.sha256(found.get(name, b"")).hexdigest() != facts["sha256"]:
            raise BrokenAssets(f"{_STATIC / name} is not what manifest.json says: restore it")
    return found


@functools.cache
def url(name: str) -> str:
    """A static file's address, which changes with its content."""
    return f"/desk/static/{name}?v={hashlib.sha256(files()[name]).hexdigest()[:12]}"


@functools.lru_cache(maxsize=1)
def templates() -> Environment:
    """The pages. Everything is escaped unless it comes as Markup."""
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def routes() -> APIRouter:
    """Serves the static files."""
    router = APIRouter(include_in_schema=False)

    @router.get("/desk/static/{name}")
    async def static(name: str) -> Response:
        content = files().get(name)
        if content is None:
            raise ApiError(404, "not_found")
        return Response(
            content,
            media_type=_TYPES[Path(name).suffix],
            headers={
                "Cache-Control": "public, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return router

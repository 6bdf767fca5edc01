"""The widget's script, and a sample shop page that shows it.

The built script is committed with a manifest (version, licence, SHA-256): running Setu needs no
JavaScript tools. Everything is read once, at start.
"""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.errors import accepted_languages
from bot.channels.widget.config import interface_locale
from bot.languages.formats import number
from bot.languages.locales import get, known
from bot.languages.say import say
from bot.settings import Settings

_HERE = Path(__file__).parent
_STATIC = _HERE / "static"
_SHOP = _HERE / "shop"
_PRODUCTS = (("stole", 1450), ("bowl", 620), ("lamp", 2890), ("basket", 780))
_FREE_FROM = 499
_BRIEFLY = "public, max-age=300"
# The widget must work under a policy as strict as a careful shop's, so ours has one.
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


class BrokenBuild(Exception):
    """The committed script is not the one its manifest describes; says what to run."""


class _File:
    """A file in memory, sent compressed where the browser takes it.

    Args:
        cache: how long it may be kept, as of Cache-Control.
    """

    def __init__(self, content: bytes, media_type: str, cache: str) -> None:
        self._content = content
        self._media_type = media_type
        self._cache = cache
        self._compressed = gzip.compress(content, 9, mtime=0)
        self._etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'

    async def send(
        self,
        accept_encoding: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        headers = {
            "Cache-Control": self._cache,
            "ETag": self._etag,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Access-Control-Allow-Origin": "*",  # lets a shop pin the file by its integrity
        }
        if self._etag in if_none_match:
            return Response(status_code=304, headers=headers)
        if "gzip" in accept_encoding:
            headers["Content-Encoding"] = "gzip"
            return Response(self._compressed, media_type=self._media_type, headers=headers)
        return Response(self._content, media_type=self._media_type, headers=headers)


def load_script() -> tuple[str, bytes]:
    """The name of the immutable copy, and the script.

    Raises:
        BrokenBuild: see there.
    """
    manifest = json.loads((_STATIC / "manifest.json").read_text(encoding="utf-8"))
    content = (_STATIC / "widget.js").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != manifest["sha256"]:
        raise BrokenBuild(
            f"{_STATIC / 'widget.js'} has SHA-256 {digest}, its manifest says "
            f"{manifest['sha256']}: run `npm ci && npm run build` in frontend/."
        )
    return f"widget-{manifest['version']}-{digest[:8]}.js", content


def router(settings: Settings) -> APIRouter:
    """`/widget.js`, its immutable copy, and the sample shop at `/`.

    Raises:
        BrokenBuild: the committed script does not match its manifest.
    """
    assets = APIRouter(include_in_schema=False)
    name, script = load_script()
    style = (_SHOP / "shop.css").read_bytes()
    for path, content, kind, cache in (
        ("/widget.js", script, "text/javascript", _BRIEFLY),
        (f"/{name}", script, "text/javascript", "public, max-age=31536000, immutable"),
        ("/shop.css", style, "text/css", _BRIEFLY),
    ):
        assets.add_api_route(path, _File(content, f"{kind}; charset=utf-8", cache).send)
    pages = Environment(
        loader=FileSystemLoader(_SHOP), autoescape=True, undefined=StrictUndefined
    ).get_template("index.html")

    @assets.get("/")
    async def shop(
        lang: str = "",
        accept_language: Annotated[str, Header()] = "",
    ) -> Response:
        tags = [lang, *accepted_languages(accept_language), settings.default_locale]
        locale = get(interface_locale(tags, "en"))

        def text(key: str) -> str:
            amount = f"₹{number(_FREE_FROM, locale.tag)}"
            return say(f"widget.demo.{key}", locale.tag, amount=amount)

        page = pages.render(
            shop=settings.shop,
            locale=locale,
            chosen=lang,
            languages=[each for each in known() if each.quality != "answers only"],
            language_label=say("widget.language", locale.tag),
            products=[(kind, f"₹{number(price, locale.tag)}") for kind, price in _PRODUCTS],
            t=text,
        )
        return Response(
            page,
            media_type="text/html",
            headers={
                "Content-Security-Policy": _CSP,
                "Content-Language": locale.tag,
                "Referrer-Policy": "strict-origin-when-cross-origin",
                "Vary": "Accept-Language",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return assets

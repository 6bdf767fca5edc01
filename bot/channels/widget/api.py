"""The client API: everything a client of the shop may ask of Setu, over HTTP."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from bot.channels.errors import accepted_languages
from bot.channels.widget import attachments, bodies, chats, conversations, talk
from bot.channels.widget.access import Widget
from bot.channels.widget.config import Config, config, interface_locale
from bot.languages.territory import spoken_tag


def router(widget: Widget) -> APIRouter:
    """The client API's routes, under `/api/`."""
    refusal = {"model": bodies.Refusal, "description": "Refused; nothing was changed"}
    api = APIRouter(prefix="/api", tags=["Client"], responses={"4XX": refusal})
    chats.add(api, widget)
    talk.add(api, widget)
    attachments.add(api, widget)

    @api.get("/widget/config", response_model=Config)
    async def widget_config(
        locale: Annotated[str, Query(max_length=35)] = "",
        time_zone: Annotated[str, Query(max_length=60)] = "",
        accept_language: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """The interface's texts in a language, else in the browser's, else in the shop's own."""
        tags = [locale, *accepted_languages(accept_language)]
        spoken = interface_locale(tags, widget.settings.default_locale)
        territory = conversations.territory_among(tags, spoken)
        local = spoken_tag(spoken, territory, bodies.known_zone(time_zone))
        opening = widget.starters.of(local) if widget.starters else ()
        described = config(
            local,
            widget.settings.shop,
            widget.settings.attachment_mb,
            frozenset(widget.channels),
            opening,
        )
        content = described.json(ensure_ascii=False).encode()
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {
            "ETag": tag,
            "Cache-Control": "public, max-age=60",
            "Vary": "Accept-Language",
            "Content-Language": local,
        }
        if tag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    return api

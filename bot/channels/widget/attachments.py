"""Files over the client API: bring one, then name it in a message; look at those of one's chat."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bot.channels.errors import ApiError
from bot.channels.uploads import PER_MINUTE, prepared
from bot.channels.widget.access import Widget
from bot.channels.widget.bodies import ShownFile
from bot.conversations import files
from bot.conversations.models import Conversation

FileId = Annotated[str, Path(pattern="^[0-9a-f]{32}\\Z")]
_BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


def add(api: APIRouter, widget: Widget) -> None:
    """Add the routes to the client API."""
    Opened = Annotated[Conversation, Depends(widget.opened)]

    @api.post(
        "/conversations/{conversation}/attachments",
        status_code=201,
        response_model=ShownFile,
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}}
        },
    )
    async def bring(
        conversation: Opened,
        request: Request,
        name: Annotated[str, Query(max_length=300)] = "",
    ) -> ShownFile:
        """Bring a file (PNG, JPEG, WebP, GIF or PDF) as the raw body. Name its id in a message
        within a day, or it is forgotten. What it is, is decided by its content."""
        await widget.rates.check("files", conversation.id, PER_MINUTE)
        ready = await prepared(request, name, widget.settings.attachment_mb)
        try:
            async with widget.db.transaction() as session:
                await files.forget_unsent(session)
                row = await files.keep(session, conversation.id, files.CLIENT, ready)
        except files.Unfit as unfit:
            raise ApiError(422, unfit.code) from None
        return ShownFile(**files.described(row))

    @api.get(
        "/conversations/{conversation}/attachments/{file}",
        response_class=Response,
        responses={200: {"content": dict.fromkeys(files.KINDS, _BYTES)}},
    )
    async def give(conversation: Opened, file: FileId) -> Response:
        """A file of this conversation."""
        async with widget.db.reading() as session:
            row = await files.load(session, file, conversation.id)
        if row is None:
            raise ApiError(404, "not_found")
        return Response(row.content, media_type=row.kind, headers=files.headers(row))

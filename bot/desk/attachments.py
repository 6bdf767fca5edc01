"""Files at the desk: look at what clients sent, send them some."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from bot.channels.errors import ApiError
from bot.channels.registry import KNOWN
from bot.channels.uploads import PER_MINUTE, prepared
from bot.channels.widget.bodies import ShownFile
from bot.conversations import files, ownership
from bot.conversations.models import Conversation
from bot.desk import audit
from bot.desk.access import Desk, reader, writer
from bot.desk.bodies import HEX_ID

CHANNELS = ("widget", *(name for name, kind in KNOWN.items() if kind.limits.files))
"""Where an agent's files reach the client."""

Id = Annotated[str, Path(pattern=HEX_ID)]


def routes(desk: Desk) -> APIRouter:
    """`/desk/attachments`, and where files are brought."""
    router = APIRouter()

    @router.get("/desk/attachments/{file}", include_in_schema=False)
    async def give(file: Id, request: Request) -> Response:
        await reader(desk, request)
        async with desk.db.reading() as session:
            row = await files.load(session, file)
        if row is None:
            raise ApiError(404, "not_found")
        return Response(row.content, media_type=row.kind, headers=files.headers(row))

    @router.post(
        "/api/desk/conversations/{chat}/attachments",
        tags=["desk"],
        status_code=201,
        response_model=ShownFile,
    )
    async def bring(
        chat: Id, request: Request, name: Annotated[str, Query(max_length=300)] = ""
    ) -> ShownFile:
        """Bring a file as the raw body; it goes to the client with the message that names it."""
        who = await writer(desk, request)
        await desk.rates.check("files", who.id, PER_MINUTE)
        async with desk.db.reading() as session:
            row = await session.get(Conversation, chat)
        if row is None:
            raise ApiError(404, "not_found")
        if row.owner != ownership.agent_owner(who.id):
            raise ApiError(403, "not_yours")
        if row.channel not in CHANNELS:
            raise ApiError(422, "method_not_allowed")
        ready = await prepared(request, name, desk.settings.attachment_mb)
        if row.channel in KNOWN and not KNOWN[row.channel].limits.sends(
            ready.kind, len(ready.content)
        ):
            raise ApiError(422, "file_not_there")
        try:
            async with desk.db.transaction() as session:
                kept = await files.keep(session, chat, ownership.agent_owner(who.id), ready)
                audit.note(session, who.id, "file_brought", chat, file=kept.id)
        except files.Unfit as unfit:
            raise ApiError(422, unfit.code) from None
        return ShownFile(**files.described(kept))

    return router

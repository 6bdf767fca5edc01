"""Signs of life from agents' browsers, and what agents say of themselves."""

from fastapi import APIRouter, Request, Response

from bot.conversations.wake import DESK
from bot.desk import audit
from bot.desk.access import Desk, writer
from bot.desk.bodies import PresenceWord
from bot.handoff import agents


def routes(desk: Desk) -> APIRouter:
    """Presence."""
    router = APIRouter(prefix="/api/desk", tags=["desk"])

    @router.post("/here", status_code=204)
    async def here(request: Request) -> Response:
        """This browser is open. Any request says so too; a quiet page sends this one.

        Without one for `SETU_AGENT_GRACE` seconds what the agent holds goes back to the queue.
        """
        await writer(desk, request)  # knowing who it is writes down that they were seen
        return Response(status_code=204)

    @router.put("/presence", status_code=204)
    async def presence(body: PresenceWord, request: Request) -> Response:
        """Available, busy (here, but nothing new is suggested) or away."""
        who = await writer(desk, request)
        async with desk.db.transaction() as session:
            await agents.set_presence(session, who.id, body.presence)
            audit.note(session, who.id, body.presence)
        desk.wake.call(DESK)
        return Response(status_code=204)

    return router

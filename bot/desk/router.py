"""The desk as one router, for the composition root."""

import asyncio

from fastapi import APIRouter

from bot.conversations.composing import Composing
from bot.conversations.wake import Wake
from bot.db import Database
from bot.desk import account, api, assets, pages
from bot.desk.access import Desk
from bot.settings import Settings


def router(
    settings: Settings,
    db: Database,
    wake: Wake,
    composing: Composing,
    shutdown: asyncio.Event,
) -> APIRouter:
    """Pages under `/desk`, API under `/api/desk`.

    Args:
        shutdown: set when the server stops; live streams end then.
    """
    desk = Desk(settings, db, wake, composing, shutdown)
    whole = APIRouter()
    for part in (assets.routes(), account.routes(desk), api.routes(desk), pages.routes(desk)):
        whole.include_router(part)
    return whole

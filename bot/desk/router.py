"""The desk as one router, for the composition root."""

import asyncio

from fastapi import APIRouter

from bot.conversations.composing import Composing
from bot.conversations.wake import Wake
from bot.db import Database
from bot.desk import (
    account,
    api,
    assets,
    attachments,
    audit_pages,
    canned_pages,
    followups_api,
    followups_pages,
    knowledge_api,
    knowledge_check,
    knowledge_drafts,
    knowledge_pages,
    knowledge_probe,
    pages,
    people_api,
    people_pages,
    presence_api,
    reports,
    routing_api,
    settings_api,
    settings_pages,
    suggest,
    translating,
    wrap_up,
)
from bot.desk.access import Desk
from bot.desk.refusals import refusals
from bot.flow.translation import Bridge
from bot.knowledge.base import Knowledge
from bot.knowledge.indexing import Indexing
from bot.settings import Settings

ARTICLE_PATHS = ("/api/desk/knowledge", "/desk/parts/knowledge")
FILE_PATHS = ("/api/conversations/*/attachments", "/api/desk/conversations/*/attachments")
MAX_ARTICLE = 768 * 1024
"""Where whole articles come in, and how many bytes of them: 50,000 characters of an Indic script
take 150 kB, and an escaping program may make six of each character."""


def router(
    settings: Settings,
    db: Database,
    wake: Wake,
    composing: Composing,
    shutdown: asyncio.Event,
    knowledge: Knowledge,
    indexing: Indexing,
    *,
    bridge: Bridge | None = None,
) -> APIRouter:
    """Pages under `/desk`, API under `/api/desk`.

    Args:
        shutdown: set when the server stops; live streams end then.
        bridge: translates what agents write; without it, or where it is off, nothing is.
        indexing: told what authors change; whoever composes runs it.
    """
    desk = Desk(settings, db, wake, composing, shutdown, knowledge, indexing, bridge)
    whole = APIRouter(responses=refusals("4XX"))
    people_rooms = (account, people_api, people_pages, audit_pages)
    live = (presence_api, routing_api, api, translating)
    work = (*live, pages, attachments, canned_pages, suggest, followups_api, followups_pages)
    knowledge_rooms = (
        knowledge_drafts,
        knowledge_api,
        knowledge_probe,
        knowledge_check,
        knowledge_pages,
    )
    settings_rooms = (settings_api, settings_pages, wrap_up)
    rooms = (*people_rooms, *work, *settings_rooms, *knowledge_rooms, reports)
    for part in (assets.routes(), *(room.routes(desk) for room in rooms)):
        whole.include_router(part)
    return whole

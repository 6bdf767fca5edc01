"""Composition root: builds the ASGI application out of the rooms."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.types import Lifespan

from bot import __version__
from bot.channels import errors, hooks, registry
from bot.channels.limits import BodyLimit
from bot.channels.widget import api as widget_api
from bot.channels.widget import assets as widget_assets
from bot.channels.widget.access import Widget
from bot.channels.widget.cors import WidgetCors
from bot.channels.widget.starters import Starters
from bot.conversations.composing import Composing
from bot.conversations.relay import Relay
from bot.conversations.wake import Wake
from bot.db import Database
from bot.desk.alerts import Alerts
from bot.desk.readers import DESK_PATHS, AgentReads
from bot.desk.retention import Retention
from bot.desk.router import ARTICLE_PATHS, FILE_PATHS, MAX_ARTICLE
from bot.desk.router import router as desk_router
from bot.engine.engine import Engine, Reads
from bot.flow.clock import Clock
from bot.flow.delivery import Deliveries
from bot.flow.door import ChannelDoor
from bot.flow.inbox import MessageInbox
from bot.flow.liveness import Liveness
from bot.flow.media import Fetches
from bot.flow.translation import Bridge, configured
from bot.flow.turn import Turns
from bot.handoff.agents import name_of
from bot.handoff.board import Board
from bot.knowledge.base import Knowledge
from bot.knowledge.indexing import Indexing
from bot.languages.detect import detector
from bot.settings import Settings

_REFRESH_SECONDS = 1.0  # how soon another process's published change is live here
_AGAIN_SECONDS = 1.0

_logger = structlog.get_logger(__name__)


def build_app(settings: Settings, shutdown: asyncio.Event | None = None) -> FastAPI:
    """The whole product as one ASGI application.

    Args:
        shutdown: set when the server begins to stop, so that open streams end at once.
    """
    stopping = shutdown or asyncio.Event()
    db = Database(settings.database_url)
    wake, composing = Wake(), Composing()
    relay = None if db.is_sqlite else Relay(settings.database_url, wake, composing)
    knowledge = Knowledge()
    indexing = Indexing(db, knowledge)
    engine = Engine(settings.home, Reads(search=knowledge.search, article=knowledge.article))
    turns = Turns(db, engine, wake, settings)
    judge = detector(settings.detector)
    translation = configured(settings)
    bridge = Bridge(db, wake, settings, judge, translation and translation[0])

    def due(conversation: str) -> None:
        turns.due(conversation)
        bridge.due(conversation)

    starters = Starters(lambda: knowledge.starters, knowledge.article)
    inbox = MessageInbox(db, judge, wake, due, starters)
    channels = registry.configured(settings)
    door = ChannelDoor(db, inbox, wake, settings)
    living = Liveness(db)
    deliveries = Deliveries(db, wake, channels, living.me)
    fetches = Fetches(db, wake, channels, settings, living.me)
    ready = asyncio.Event()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await db.check_schema()
        await knowledge.load(db)
        await engine.start()
        ready.set()
        works: dict[str, Callable[[], Awaitable[None]]] = {
            "turns": turns.run,
            "clock": Clock(db, wake, settings).run,
            "translation": bridge.run,
            "knowledge": functools.partial(follow_knowledge, knowledge, db),
            "indexing": indexing.run,
            "retention": Retention(db, settings).run,
            "alerts": Alerts(db, settings).run,
        }
        works |= {
            name: functools.partial(channel.pull, door)
            for name, channel in channels.items()
            if hasattr(channel, "pull")
        }
        if channels:
            works["channels"] = functools.partial(living.during, deliveries.run, fetches.run)
        if relay is not None:
            works["relay"] = relay.run
        tasks = [asyncio.create_task(_keep(*work)) for work in works.items()]
        try:
            yield
        finally:
            stopping.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if translation is not None:
                await translation[1].close()
            for channel in channels.values():
                await channel.close()
            await engine.stop()
            await db.dispose()

    app = _refusing(settings, lifespan, db)
    app.include_router(
        widget_api.router(
            Widget(
                settings,
                db,
                inbox,
                wake,
                composing,
                stopping,
                agent_name=name_of,
                wait_line=Board(settings).line,
                channels=channels,
                starters=starters,
            )
        )
    )
    app.include_router(widget_assets.router(settings))
    app.include_router(hooks.router(channels, door))
    app.include_router(
        desk_router(settings, db, wake, composing, stopping, knowledge, indexing, bridge=bridge)
    )

    @app.get("/health", include_in_schema=False)
    async def health() -> JSONResponse:
        """200 when the bot can answer."""
        return JSONResponse({"ok": ready.is_set()}, status_code=200 if ready.is_set() else 503)

    return app


def _refusing(settings: Settings, lifespan: Lifespan[FastAPI], db: Database) -> FastAPI:
    """An application without routes: what no door lets in, and how it is refused."""
    app = FastAPIOffline(  # the page at /api/docs loads nothing from elsewhere
        title="Setu",
        version=__version__,
        lifespan=lifespan,
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    # A file that is a little too large is refused in its own words, not as any body would be.
    larger = {
        **dict.fromkeys(ARTICLE_PATHS, MAX_ARTICLE),
        **dict.fromkeys(FILE_PATHS, (settings.attachment_mb + 1) * 1024 * 1024),
        hooks.PREFIX: hooks.MAX_HOOK,
    }
    app.add_middleware(BodyLimit, larger=larger)
    app.add_middleware(WidgetCors, origins=settings.widget_origins)
    errors.install(app, dict.fromkeys(DESK_PATHS, AgentReads(settings, db)))
    return app


async def follow_knowledge(knowledge: Knowledge, db: Database) -> None:
    """Take up each second what any process has published, until cancelled."""
    while True:
        await asyncio.sleep(_REFRESH_SECONDS)
        await knowledge.refresh(db)


async def _keep(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` until it is done, and again whenever it fails: a passing database error must
    not stop all turns."""
    while True:
        try:
            return await work()
        except Exception:
            _logger.exception("background work failed, starting it again", work=name)
        # After an end without an error too: work that ends at once must not starve all other.
        await asyncio.sleep(_AGAIN_SECONDS)

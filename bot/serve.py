"""Gets an instance ready and runs its server: what `make run` shows on the terminal."""

import asyncio
import contextlib
import subprocess
import sys
from pathlib import Path
from types import FrameType

import uvicorn
from rich.console import Console
from rich.progress import Progress

from bot.app import build_app
from bot.db import Database, migrate
from bot.desk import canned
from bot.engine.training import model_is_current
from bot.handoff.invitations import first_login
from bot.knowledge import articles
from bot.knowledge.embed import embedder
from bot.knowledge.formats import TooMuch
from bot.knowledge.store import index_missing
from bot.knowledge.transfer import Report, import_path
from bot.languages import locales
from bot.settings import Settings

_GRACE_SECONDS = 3  # open streams end on the shutdown event well within this
_SWITCH_SECONDS = 0.0005
"""How long a turn's thread keeps the interpreter from the others, who answer and write.

Python's own is 5 ms, and each statement on SQLite waits for it twice: beside a busy thread 27
messages a second were sent with that, 46 with this (docs/decisions/0016-sending.md).
"""


class NotReady(Exception):
    """The instance cannot be made ready; the message says what to do."""


def prepare(settings: Settings, console: Console) -> None:
    """Database at the newest schema, a current model, a base that is not empty.

    Raises:
        NotReady: one of them failed.
    """
    try:
        locales.get(settings.default_locale)
    except locales.UnknownLocale as error:
        tags = ", ".join(locale.tag for locale in locales.known())
        raise NotReady(f"SETU_DEFAULT_LOCALE: {error}. Known are {tags}.") from error
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    if not model_is_current(settings.home):
        console.print("Training the model (about a minute, only after a change) …")
        # In a process of its own: training's memory goes back to the machine when it ends.
        done = subprocess.run([sys.executable, "-m", "bot.cli", "train"], check=False)
        if done.returncode:
            raise NotReady("Training failed; the lines above say why. Mend it and start again.")
    asyncio.run(_first_replies(settings))
    sample = settings.home / "data" / "knowledge"
    if sample.is_dir() and asyncio.run(_never_written(settings)):
        console.print("Importing the sample knowledge base …")
        import_articles(settings, sample, console=console)


def import_articles(
    settings: Settings,
    path: Path,
    *,
    replace: bool = False,
    dry_run: bool = False,
    console: Console,
) -> Report:
    """Import articles and compute their embeddings.

    Raises:
        NotReady: `path` cannot be read, or holds more than is taken at once.
    """
    migrate(settings.database_url)

    async def work() -> Report:
        db = Database(settings.database_url)
        try:
            with Progress(console=console, transient=True) as bar:
                read = bar.add_task("Reading the files", total=None)
                report = await import_path(
                    db,
                    path,
                    replace=replace,
                    dry_run=dry_run,
                    seen=lambda count: bar.update(read, description=f"Reading: {count:,} articles"),
                )
            if report.applied:
                with Progress(console=console, transient=True) as bar:
                    task = bar.add_task("Indexing the articles", total=None)
                    await index_missing(
                        db,
                        embedder(),
                        lambda done, of: bar.update(task, completed=done, total=of),
                        vectors_only=True,
                    )
            return report
        finally:
            await db.dispose()

    try:
        return asyncio.run(work())
    except (FileNotFoundError, TooMuch) as error:
        raise NotReady(str(error)) from error


async def _first_replies(settings: Settings) -> None:
    samples = canned.read_samples(settings.home / "data" / "canned.yml")
    db = Database(settings.database_url)
    try:
        await canned.import_samples(db, samples)
    finally:
        await db.dispose()


async def _never_written(settings: Settings) -> bool:
    """Whether the base never held an article: one that was emptied on purpose stays empty."""
    db = Database(settings.database_url)
    try:
        async with db.reading() as session:
            return await articles.version(session) == 0
    finally:
        await db.dispose()


class _Server(uvicorn.Server):
    """Tells open streams to end as soon as a signal arrives, not when they time out."""

    def __init__(self, config: uvicorn.Config, shutdown: asyncio.Event) -> None:
        super().__init__(config)
        self._shutdown = shutdown

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._shutdown.set()
        super().handle_exit(sig, frame)


def run(settings: Settings, console: Console) -> None:
    """Serve until SIGINT or SIGTERM."""
    sys.setswitchinterval(_SWITCH_SECONDS)

    async def serve() -> None:
        shutdown = asyncio.Event()
        config = uvicorn.Config(
            build_app(settings, shutdown),
            host=settings.host,
            port=settings.port,
            ws="none",  # uvicorn's websockets support does not start beside Rasa's websockets 10
            timeout_graceful_shutdown=_GRACE_SECONDS,
            log_config=None,
            access_log=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
        )
        server = _Server(config, shutdown)
        greeting = asyncio.create_task(_greet(server, settings, console))
        await server.serve()
        greeting.cancel()

    # uvicorn raises the signal again once it has stopped; a clean stop is a success.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())


async def _greet(server: uvicorn.Server, settings: Settings, console: Console) -> None:
    while not server.started:  # noqa: ASYNC110  (uvicorn has a flag, no event)
        await asyncio.sleep(0.1)
    db = Database(settings.database_url)
    try:
        async with db.transaction() as session:
            code = await first_login(session)
    finally:
        await db.dispose()
    lines = [
        "",
        f"  Shop with the chat   {settings.address}/",
        f"  Agents' desk         {settings.address}/desk",
        f"  First login (once)   {settings.address}/desk/welcome?code={code}" if code else "",
        f"  API                  {settings.address}/api/docs",
        "  Stop with Ctrl-C",
        "",
    ]
    console.print("\n".join(line for line in lines), soft_wrap=True, highlight=False)

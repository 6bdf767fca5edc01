"""Fixtures for all tests: databases, a browser, an accessibility check, a place for screenshots."""

import os

# As the Makefile sets them, for those who call pytest themselves. Before anything loads Rasa.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
# pydantic's plugin tells Hypothesis of each bounded number of each application that a test makes,
# and Hypothesis keeps all of it: some 10 MB for every test of the desk.
os.environ.setdefault("HYPOTHESIS_NO_PLUGINS", "1")

import asyncio
import gc
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

import bot.db
from tests.patience import PATIENCE, Port

# Neither a busy machine nor chance decides whether a change may land: the same examples each time,
# and no measure of how long one took. `--hypothesis-profile explore` looks for new ones.
_UNHURRIED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("explore", **_UNHURRIED)
settings.register_profile("gate", **_UNHURRIED, derandomize=True)
settings.load_profile("gate")

_E2E = Path(__file__).parent / "e2e"
_WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Without these Chromium looks up its maker's hosts at each start, and as root it needs no-sandbox.
_CHROMIUM_OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first, so that no worker is left alone with one."""
    browsers = {item.path for item in items if item.get_closest_marker("e2e")}
    place: dict[Path, int] = {}
    for item in items:
        place.setdefault(item.path, len(place))
    items.sort(
        key=lambda item: (
            item.path.parent != _E2E,
            item.path not in browsers,
            place[item.path],
            item.get_closest_marker("last") is not None,
        )
    )


def pytest_collection_finish() -> None:
    """All that is loaded by now stays: the garbage collector need not look at it ever again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _nobody_waits_for_the_disk() -> Iterator[None]:
    """As for PostgreSQL below: no test here cuts the power. Products of their own do wait."""
    connected = bot.db._sqlite_connect

    def connect(connection: Any, record: Any) -> None:
        connected(connection, record)
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot.db, "_sqlite_connect", connect)
        yield


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a fresh, empty SQLite file."""
    return f"sqlite+aiosqlite:///{tmp_path / 'setu.db'}"


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "setu.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    bot.db.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_tables(sqlite_url: str, _sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh SQLite file with every table and no row."""
    shutil.copy(_sqlite_template, tmp_path / "setu.db")
    return sqlite_url


def _alongside(work: Coroutine[Any, Any, None]) -> None:
    """Runs it to its end, whether or not this thread has a loop that runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


class Postgres:
    """A private PostgreSQL server on a free loopback port; nothing of it outlives the tests."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            pytest.fail("PostgreSQL is not here: scripts/test-tools installs it")
        self._bin = found[-1].parent
        self._reserved = Port()
        self._port = str(self._reserved.number)
        # PostgreSQL refuses to run as root; Debian's package brings a user for it.
        self._as: list[str | Path] = ["setpriv", "--pdeathsig", "INT"]
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            self._as += ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        data = folder / "data"
        self._run(
            *self._as, self._bin / "initdb", "--no-sync", "--auth", "trust", "--username", "setu",
            "--encoding", "UTF8", "--locale", "C.UTF-8", data, cwd=folder,
        )  # fmt: skip
        fast = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                [*self._as, self._bin / "postgres", "-D", data, "-p", self._port, "-k", folder,
                 "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", *fast],
                stdout=log, stderr=log, cwd=folder,
            )  # fmt: skip
        self._wait()

    @staticmethod
    def _run(*command: str | Path, cwd: Path | None = None) -> None:
        done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
        if done.returncode:
            pytest.fail(f"{command}: {done.stderr}")

    def _wait(self) -> None:
        ready = [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", self._port]
        deadline = time.monotonic() + PATIENCE
        while subprocess.run(ready).returncode:
            if self._server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start: {self._log.read_text()}")
            time.sleep(0.05)

    async def _sql(self, statement: str) -> None:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=int(self._port), user="setu", database="postgres"
        )
        await connection.execute(statement)
        await connection.close()

    def create(self, template: str = "template1") -> str:
        """The SQLAlchemy URL of a fresh database, as the one of that name is."""
        name = f"t{uuid.uuid4().hex}"
        _alongside(self._sql(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return f"postgresql+asyncpg://setu@127.0.0.1:{self._port}/{name}"

    def drop(self, url: str) -> None:
        """Remove a database that `create` made, whoever is still connected to it."""
        _alongside(self._sql(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)"))

    def stop(self) -> None:
        """Stop the server at once; its data is not kept."""
        self._server.terminate()
        try:
            self._server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of the test run's own."""
    folder = Path(tempfile.mkdtemp(prefix="setu-pg-"))
    server = Postgres(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def _postgres_template(postgres: Postgres) -> str:
    url = postgres.create()

    async def fill() -> None:
        db = bot.db.Database(url)
        async with db.engine.begin() as connection:
            await connection.run_sync(bot.db.metadata.create_all)
        await db.dispose()

    _alongside(fill())
    return url.rsplit("/", 1)[1]


@pytest.fixture
def postgres_tables(postgres: Postgres, _postgres_template: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database with every table and no row."""
    url = postgres.create(_postgres_template)
    yield url
    postgres.drop(url)


# Workers share two cores with a browser and a server each: five seconds are not always enough.
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium with nothing remembered; open contexts in it as separate people."""
    chromium = os.environ.get("SETU_TEST_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.fail("Chromium is not here: scripts/test-tools installs it")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=chromium, headless=True, args=_CHROMIUM_OPTIONS
        )
        open_context = running.new_context

        async def patient(**options: Any) -> BrowserContext:
            context = await open_context(**options)
            context.set_default_timeout(PATIENCE * 1000)
            return context

        running.new_context = patient  # type: ignore[method-assign]
        yield running
        await running.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], Awaitable[list[str]]]:
    """Checks a page, shadow roots and frames included, against WCAG 2.2 AA.

    Gives one line per fault, so that a test says `assert await axe(page) == []`.
    """
    source = (_E2E / "axe" / "axe.min.js").read_text(encoding="utf-8")

    async def check(page: Page) -> list[str]:
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(source)
        violations: list[dict[str, Any]] = await page.evaluate(
            """tags => axe.run(document, {
                runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],
            }).then(({violations}) => violations)""",
            _WCAG_2_2_AA,
        )
        return [
            f"{fault['id']} ({fault['impact']}): {node['target']} {node['failureSummary']}"
            for fault in violations
            for node in fault["nodes"]
        ]

    return check


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """The folder where browser tests leave what they saw; git does not keep it."""
    folder = _E2E / "__screens__"
    folder.mkdir(exist_ok=True)
    return folder

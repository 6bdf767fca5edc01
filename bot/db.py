"""The database: one engine, short transactions, migrations' entry.

SQLite's writing transactions begin with BEGIN IMMEDIATE: a deferred one that later wants to write
fails at once when another writer was faster, whatever the busy timeout (measured: 128 of 160
failed under 8 writers, none with IMMEDIATE). Those of one process queue for it: SQLite's busy
timeout lets whoever asks at the right moment go first, and under 30 writers on a busy machine some
waited more than its 5 seconds. No transaction spans a network call or a turn.
"""

import asyncio
import contextlib
import datetime as dt
import uuid
import weakref
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeMeta, registry, sessionmaker
from sqlalchemy.pool import AsyncAdaptedQueuePool

_MIGRATIONS = Path(__file__).with_name("migrations")

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_registry = registry(metadata=metadata)


class Base(metaclass=DeclarativeMeta):
    """What every table's class derives from."""

    __abstract__ = True
    registry = _registry
    metadata = metadata
    __init__ = _registry.constructor


JsonDict = dict[str, Any]


class SchemaMismatch(Exception):
    """The database is not at this program's schema; the message says what to run."""


class UtcDateTime(sa.types.TypeDecorator):
    """An instant. Takes and gives aware datetimes in UTC; a naive one is a mistake and raises."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give it a zone")
        return value.astimezone(dt.timezone.utc)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        if value is None:
            return None
        return value if value.tzinfo else value.replace(tzinfo=dt.timezone.utc)


def new_id() -> str:
    """A fresh identifier that cannot be guessed: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def storable(text: str) -> str:
    """Without what no database can hold: NUL, and surrogates that stand alone."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def now() -> dt.datetime:
    """This instant, aware, in UTC."""
    return dt.datetime.now(dt.timezone.utc)


class Database:
    """One database of one process.

    Args:
        url: SQLAlchemy URL with an async driver, as `Settings.database_url` gives it.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            name = sa.engine.make_url(url).database
            if name:
                Path(name).parent.mkdir(parents=True, exist_ok=True)
        self.engine: AsyncEngine = create_async_engine(
            url,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=5,
            max_overflow=10,
            pool_pre_ping=not self.is_sqlite,
        )
        if self.is_sqlite:
            sa.event.listen(self.engine.sync_engine, "connect", _sqlite_connect)
            sa.event.listen(self.engine.sync_engine, "begin", _sqlite_begin)
        self._writing = self._sessions(self.engine.execution_options(setu_writes=True))
        self._reading = self._sessions(self.engine)
        self._turns: weakref.WeakKeyDictionary[Any, asyncio.Lock] = weakref.WeakKeyDictionary()

    @staticmethod
    def _sessions(engine: AsyncEngine) -> Any:
        return sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, future=True)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A writing transaction: commits at the end of the block, rolls back when it raises.

        Shielded once it has begun: on SQLite a cancelled one would keep the whole file locked.
        """
        async with self._turn() if self.is_sqlite else contextlib.nullcontext():
            with anyio.CancelScope(shield=True):
                async with self._writing() as session, session.begin():
                    yield session

    def _turn(self) -> asyncio.Lock:
        """This loop's writers, one after the other."""
        loop = asyncio.get_running_loop()
        if loop not in self._turns:
            self._turns[loop] = asyncio.Lock()
        return self._turns[loop]

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction for reading only; what it writes is rolled back.

        Shielded: a client who leaves in the middle of a query must not tear its connection down.
        """
        with anyio.CancelScope(shield=True):
            async with self._reading() as session:
                yield session

    async def check_schema(self) -> None:
        """Refuse to serve a schema that is not this program's.

        Raises:
            SchemaMismatch: with the command that mends it.
        """
        head = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
        async with self.engine.connect() as connection:
            found = await connection.run_sync(
                lambda sync: MigrationContext.configure(sync).get_current_revision()
            )
        if found != head:
            raise SchemaMismatch(
                f"The database is at schema {found or 'none'}, this program needs {head}: "
                "run `setu migrate`."
            )

    async def dispose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _sqlite_connect(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: `begin` below does, of the right kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=5000", "foreign_keys=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("setu_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database to the newest schema.

    Args:
        url: as for `Database`.
        revision: an older one, to see what becomes of its rows.
    """
    if url.startswith("sqlite"):
        name = sa.engine.make_url(url).database
        if name:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)

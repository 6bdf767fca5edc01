"""A client's data in every table: what it is, how it is exported, what erasing leaves of it.

Every column of every table that belongs to a client stands here; a test walks the schema, so that
a new one fails until somebody has decided. Erasing keeps rows and what counting needs (times,
languages, scores, owners, outcomes), and takes what a person said or can be known by. Of the log's
events only the values named here stay, whatever an event may hold some day.
"""

import base64
import dataclasses
import datetime as dt
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import ownership
from bot.conversations.models import Attachment, Client, Conversation, Event, Identity
from bot.db import Database, JsonDict, metadata
from bot.desk import models as desk_models
from bot.feedback import models as feedback_models
from bot.handoff import models as handoff_models

# Named, so that all tables are known wherever this is used: the command line loads nothing else.
_ROOMS: Final = (handoff_models, feedback_models, desk_models)

ERASED: Final = "erased"
"""The kind of what is left of an event whose words were taken; `was` is the kind it had."""


@dataclasses.dataclass(frozen=True)
class Kept:
    """A column that stays; none of what it holds says who somebody is."""


@dataclasses.dataclass(frozen=True)
class Set:
    """A column that is emptied: what it holds afterwards."""

    to: Any = None


@dataclasses.dataclass(frozen=True)
class Unlinked:
    """A column that has to be unique: the row's own id takes the place of what it held."""


KEPT, GONE = Kept(), Set()
Treatment = Kept | Set | Unlinked

_CONVERSATION = "conversation_id"
_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def _kept(names: str) -> dict[str, Treatment]:
    return dict.fromkeys(names.split(), KEPT)


def _gone(names: str) -> dict[str, Treatment]:
    return dict.fromkeys(names.split(), GONE)


TREATMENTS: Final[dict[str, dict[str, Treatment]]] = {
    "client": _kept("id preferred_language register created_at")
    | _gone("name email phone time_zone")
    | {"segments": Set([])},
    "identity": _kept("id channel client_id") | {"address": Unlinked(), "verified": Set(False)},
    # A code that still stands would bring somebody new to whom nobody knows any more.
    "link_code": _kept("code_hash identity_id used_at") | {"expires_at": Set(_LONG_AGO)},
    "conversation": _kept(
        "id identity_id channel owner last_seq client_seq handled_seq attempts locale register "
        "territory created_at active_at erased_seq seen_at"
    )
    | _gone("request_id time_zone page dialogue")
    | {"token_hash": Set(""), "belief": Set({})},
    "event": _kept("conversation_id seq author at") | _gone("message_id kind payload"),
    "delivery": _kept(
        "conversation_id seq channel state reason parts attempts holder due_at changed_at"
    )
    | _gone("external_id"),
    "attachment": _kept("id conversation_id seq by kind size width height created_at")
    | {"name": Set(""), "content": Set(b"")},
    "remote_file": _kept("conversation_id seq channel attempts holder due_at")
    | {"sources": Set([])},
    "interaction": _kept(
        "id conversation_id opened_at active_at closed_at first_seq last_seq outcome resolution "
        "owners languages topics articles"
    ),
    "read_mark": _kept("conversation_id reader seq at"),
    "handoff": _kept(
        "id conversation_id interaction_id status reason language opened_at assigned_at agent_id "
        "resolved_at told_minutes told_low told_place told_kind told_at ended rank_at priority "
        "skill preferred_agent_id why"
    ),
    "contact_request": _kept("id conversation_id kind awaiting tries status created_at")
    | _gone("slot_at"),
    "rating": _kept(
        "id conversation_id interaction_id agent_id agent_name language channel status awaiting "
        "asked_again score asked_seq asked_at answered_at expired_at"
    )
    | _gone("comment"),
    "follow_up": _kept(
        "id kind rating_id conversation_id owner_id status due_at created_at language created_by "
        "done_at done_by"
    )
    | _gone("contact")
    | {"note": Set("")},
    # Who read and did what stays: it is how an erasure itself is accounted for.
    "desk_audit": _kept("id at agent_id action conversation_id details"),
}

NO_CLIENTS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("agent", "agent_session", "agent_invitation", "agent_attempt"), "people at the desk"
    ),
    **dict.fromkeys(("office_setting", "team"), "how the shop works"),
    **dict.fromkeys(("canned", "canned_text"), "what agents say to anybody"),
    "fetched": "how far a mailbox was read",
    "desk_alert": "when it was told that somebody waits",
    **dict.fromkeys(
        ("article", "article_body", "article_body_version", "article_draft", "embedding",
         "knowledge_version"),
        "what authors wrote",
    ),
}  # fmt: skip
"""Tables without anything of a client, and what they hold instead."""

_SECRET = frozenset({"conversation.token_hash", "link_code.code_hash"})

# By kind of event, the values that stay. A kind that is not here becomes ERASED.
_VALUES: Final[dict[str, frozenset[str]]] = {
    ownership.OWNER_CHANGED: frozenset({"from", "to", "reason", "step", "by"}),
    "interaction_closed": frozenset({"interaction", "outcome"}),
    "article_shown": frozenset({"article", "locale", "confidence"}),
    "helped": frozenset({"yes"}),
    "rated": frozenset({"rating", "score"}),
    "rating_comment": frozenset({"rating"}),
    "follow_up_opened": frozenset({"follow_up", "rating"}),
    "follow_up_withdrawn": frozenset({"follow_up"}),
    ERASED: frozenset({"was", "language"}),
}


def rest_of(kind: str, payload: JsonDict) -> tuple[str, JsonDict]:
    """What an event is and holds once its words are gone. Pure; of a rest, itself."""
    if kind in _VALUES:
        return kind, {key: value for key, value in payload.items() if key in _VALUES[kind]}
    language = payload.get("language")
    return ERASED, {"was": kind, **({"language": language} if language else {})}


async def find(session: AsyncSession, wanted: str) -> list[str]:
    """The ids of the clients that an id, e-mail address, telephone number, address on a channel
    (`telegram:12345`) or conversation's id names, each once."""
    wanted = wanted.strip()
    channel, _, address = wanted.partition(":")
    by_identity = sa.select(Identity.client_id).outerjoin(
        Conversation, Conversation.identity_id == Identity.id
    )
    found = await session.execute(
        sa.select(Client.id)
        .where(
            sa.or_(
                Client.id == wanted,
                sa.func.lower(Client.email) == wanted.lower(),
                Client.phone == wanted,
                Client.id.in_(
                    by_identity.where(
                        sa.or_(
                            Conversation.id == wanted,
                            sa.and_(Identity.channel == channel, Identity.address == address),
                        )
                    )
                ),
            )
        )
        .order_by(Client.created_at, Client.id)
    )
    return list(found.scalars())


def _whose(table: sa.Table, client: str) -> Any:
    """The condition that picks a client's rows of a table."""
    identities = sa.select(Identity.id).where(Identity.client_id == client)
    conversations = sa.select(Conversation.id).where(Conversation.identity_id.in_(identities))
    if table.name == "client":
        return table.c.id == client
    if table.name == "identity":
        return table.c.client_id == client
    if "identity_id" in table.c:
        return table.c.identity_id.in_(identities)
    return table.c[_CONVERSATION].in_(conversations)


async def export(session: AsyncSession, client: str) -> dict[str, list[JsonDict]]:
    """Everything there is of a client, by table; no secrets. Instants are ISO 8601 in UTC,
    files base64."""
    everything: dict[str, list[JsonDict]] = {}
    for name in TREATMENTS:
        table = metadata.tables[name]
        rows = await session.execute(
            sa.select(table).where(_whose(table, client)).order_by(*table.primary_key.columns)
        )
        everything[name] = [
            {
                key: _plain(value)
                for key, value in row._mapping.items()
                if f"{name}.{key}" not in _SECRET
            }
            for row in rows
        ]
    return everything


def _plain(value: Any) -> Any:
    """A column's value as JSON holds it: instants in ISO 8601, bytes in base64."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


async def erase(session: AsyncSession, client: str) -> dict[str, int]:
    """Take everything that says who a client is and what they said; says of how many rows.

    Nobody waits or holds a chat with them afterwards, and their browsers' tokens open nothing.
    """
    if session.get_bind().dialect.name == "sqlite":
        # Else what is deleted goes on standing in the file's free pages.
        await session.execute(sa.text("PRAGMA secure_delete = ON"))
    await _let_go(session, client)
    counts: dict[str, int] = {}
    for name, columns in TREATMENTS.items():
        table = metadata.tables[name]
        if name == "event":
            counts[name] = await _forget_events(session, _whose(table, client))
            continue
        values = {key: how.to for key, how in columns.items() if isinstance(how, Set)}
        values |= {
            key: sa.literal("erased:").concat(table.c.id)
            for key, how in columns.items()
            if isinstance(how, Unlinked)
        }
        # Null as JSON's null would not be SQL's.
        values = {key: sa.null() if value is None else value for key, value in values.items()}
        if values:
            done = await session.execute(
                sa.update(table).where(_whose(table, client)).values(values)
            )
            counts[name] = int(done.rowcount)
    return counts


async def _let_go(session: AsyncSession, client: str) -> None:
    """End what is open, and put the conversations where nobody looks after them."""
    for name, values in (
        ("handoff", {"status": "abandoned"}),
        ("contact_request", {"status": "dropped"}),
        ("follow_up", {"status": "withdrawn"}),
        ("delivery", {"state": "failed", "reason": ERASED}),
    ):
        table = metadata.tables[name]
        state = table.c.state if name == "delivery" else table.c.status
        still = ("waiting", "assigned", "open")
        await session.execute(
            sa.update(table).where(_whose(table, client), state.in_(still)).values(values)
        )
    table = metadata.tables["conversation"]
    await session.execute(
        sa.update(table)
        .where(_whose(table, client))
        .values(owner=ownership.BOT, handled_seq=table.c.client_seq, erased_seq=table.c.last_seq)
    )


async def _forget_events(session: AsyncSession, condition: Any) -> int:
    rows = await session.execute(
        sa.select(Event).where(condition).execution_options(populate_existing=True)
    )
    count = 0
    for event in rows.scalars():
        event.kind, event.payload = rest_of(event.kind, event.payload)
        event.message_id = None
        count += 1
    await session.flush()
    return count


async def forget_until(session: AsyncSession, conversation: str, seq: int) -> int:
    """Take the words of a conversation's events up to a number; says of how many."""
    done = await _forget_events(
        session, sa.and_(Event.conversation_id == conversation, Event.seq <= seq)
    )
    await session.execute(
        sa.update(Attachment)
        .where(Attachment.conversation_id == conversation, Attachment.seq <= seq)
        .values(name="", content=b"")
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        sa.update(Conversation)
        .where(Conversation.id == conversation)
        .values(erased_seq=seq)
        .execution_options(synchronize_session=False)
    )
    return done


async def leave_no_copy(db: Database) -> None:
    """On SQLite, fold the write-ahead log into the file: it still holds what was overwritten.

    PostgreSQL clears old row versions by itself (autovacuum); backups are whoever makes them's.
    """
    if db.is_sqlite:
        async with db.engine.connect() as connection:
            raw = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await raw.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

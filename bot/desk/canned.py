"""Canned replies: kept for use again, in each language and form of address.

A text may hold {client}, {agent} and {shop}. `data/canned.yml` has the five that an installation
begins with; from then on they live in the database.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import sqlalchemy as sa
import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database, now
from bot.desk.models import Canned, CannedText
from bot.languages.address import with_client
from bot.languages.locales import UnknownLocale, get

MAX_TEXT = 2000
MAX_REPLIES = 500
PLACEHOLDERS = ("client", "agent", "shop")
SHORTCUT = r"^[^\s/{}]{1,40}$"
"""What can be typed after `/`: any script, no spaces."""

_PLACEHOLDER = re.compile(r"\{(\w*)\}")

Texts = Mapping[tuple[str, str], str]
"""By locale and register; register "" is for every form of address."""


class Taken(Exception):
    """Another reply has this shortcut."""


class Changed(Exception):
    """Somebody saved the reply since it was read."""


class NoSuchReply(LookupError):
    """No reply has this id."""


class UnknownPlaceholder(ValueError):
    """A text holds a placeholder that nothing would fill; the message is its name."""


@dataclasses.dataclass(frozen=True)
class Reply:
    """A reply with all its texts."""

    id: str
    shortcut: str
    version: int
    texts: Texts

    @property
    def locales(self) -> tuple[str, ...]:
        """The languages it has."""
        return tuple(sorted({locale for locale, _ in self.texts}))


@dataclasses.dataclass(frozen=True)
class Filled:
    """A reply as one client would get it, and as the agent reads it in `gloss`."""

    id: str
    shortcut: str
    text: str
    language: str
    gloss: str | None


async def replies(session: AsyncSession) -> list[Reply]:
    """Every reply in use, by shortcut."""
    rows = await session.execute(
        sa.select(Canned, CannedText)
        .outerjoin(CannedText, CannedText.canned_id == Canned.id)
        .where(Canned.archived.is_(False))
        .order_by(Canned.shortcut)
    )
    found: dict[str, Reply] = {}
    for row, text in rows:
        texts = dict(found[row.id].texts) if row.id in found else {}
        if text is not None:
            texts[text.locale, text.register] = text.text
        found[row.id] = Reply(row.id, row.shortcut, row.version, texts)
    return list(found.values())


async def one(session: AsyncSession, reply: str) -> Reply:
    """A reply by id.

    Raises:
        NoSuchReply: there is none in use.
    """
    for found in await replies(session):
        if found.id == reply:
            return found
    raise NoSuchReply(reply)


async def save(
    session: AsyncSession,
    shortcut: str,
    texts: Texts,
    agent: str | None,
    reply: str | None = None,
    version: int = 0,
) -> str:
    """Keep a reply, new or changed; gives its id.

    Args:
        texts: all of them; a text that is missing or empty is taken away.
        reply: which one is changed; `version` is the one its author saw.

    Raises:
        NoSuchReply, Changed, Taken, UnknownPlaceholder: nothing was saved.
    """
    for text in texts.values():
        for name in _PLACEHOLDER.findall(text):
            if name not in PLACEHOLDERS:
                raise UnknownPlaceholder(name)
    holder = await session.execute(sa.select(Canned).where(Canned.shortcut == shortcut))
    standing = holder.scalar_one_or_none()
    if standing is not None and standing.id != reply:
        if not standing.archived:
            raise Taken(shortcut)
        standing.shortcut = f"{standing.id[:8]}-{shortcut}"[:40]
        await session.flush()
    if reply is None:
        row = Canned(shortcut=shortcut, changed_by=agent)
        session.add(row)
        await session.flush()
    else:
        moved = await session.execute(
            sa.update(Canned)
            .where(Canned.id == reply, Canned.version == version, Canned.archived.is_(False))
            .values(shortcut=shortcut, version=version + 1, changed_at=now(), changed_by=agent)
            .execution_options(synchronize_session=False)
        )
        row = await session.get(Canned, reply, populate_existing=True)
        if row is None or row.archived:
            raise NoSuchReply(reply)
        if not moved.rowcount:
            raise Changed(reply)
        await session.execute(
            sa.delete(CannedText)
            .where(CannedText.canned_id == reply)
            .execution_options(synchronize_session=False)
        )
    for (locale, register), text in texts.items():
        if text.strip():
            session.add(
                CannedText(canned_id=row.id, locale=locale, register=register, text=text.strip())
            )
    await session.flush()
    return str(row.id)


async def archive(session: AsyncSession, reply: str, agent: str) -> None:
    """Take a reply out of use.

    Raises:
        NoSuchReply: there is none in use.
    """
    row = await session.get(Canned, reply, populate_existing=True)
    if row is None or row.archived:
        raise NoSuchReply(reply)
    row.archived, row.changed_at, row.changed_by = True, now(), agent


def filled(
    reply: Reply,
    locale: str,
    register: str | None,
    reader: str,
    client: str | None,
    values: Mapping[str, str],
) -> Filled | None:
    """A reply for one client; None where it says nothing at all.

    Args:
        locale: the client's; a reply that lacks it comes in the reader's language, then in the
            locale's fallbacks, then in any, to be translated or not.
        register: the form of address the client is spoken to with.
        reader: the agent's language.
        values: what fills {agent} and {shop}.
    """
    tags = [locale, reader, *_fallback(locale), "en", *reply.locales]
    language = next((tag for tag in tags if _text(reply.texts, tag, register)), None)
    if language is None:
        return None

    def say(tag: str) -> str:
        text = with_client(_text(reply.texts, tag, register) or "", client, tag)
        return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)

    gloss = say(reader) if reader != language and _text(reply.texts, reader, None) else None
    return Filled(reply.id, reply.shortcut, say(language), language, gloss)


def _text(texts: Texts, tag: str, register: str | None) -> str | None:
    """The text for a form of address, else a more formal one: never one that is too familiar."""
    try:
        locale = get(tag)
    except UnknownLocale:
        return texts.get((tag, ""))
    ladder = list(locale.registers)
    wanted = register if register in ladder else locale.register_default
    above = ladder[: ladder.index(wanted)] if wanted in ladder else []
    forms = (wanted, "", *reversed(above))
    return next((texts[tag, form] for form in forms if (tag, form) in texts), None)


def _fallback(tag: str) -> Iterable[str]:
    try:
        return get(tag).fallback
    except UnknownLocale:
        return ()


def read_samples(path: Path) -> dict[str, Texts]:
    """The replies of a YAML file by shortcut; none where there is no file.

    The file has `shortcut: {locale: text}`; `locale|register` is for one form of address.
    """
    if not path.is_file():
        return {}
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        str(shortcut): {
            (locale, register): text
            for key, text in texts.items()
            for locale, _, register in [str(key).partition("|")]
        }
        for shortcut, texts in rows.items()
    }


async def import_samples(db: Database, samples: Mapping[str, Texts]) -> int:
    """Bring in the replies an installation begins with; gives how many.

    Only where there never was one: replies that were taken out of use stay out.
    """
    async with db.transaction() as session:
        if (await session.execute(sa.select(Canned.id).limit(1))).first() is not None:
            return 0
        for shortcut, texts in samples.items():
            await save(session, shortcut, texts, None)
        return len(samples)

"""`setu doctor`: looks for what is wrong with an installation, and says what to do."""

import dataclasses
import datetime as dt
from collections import Counter
from typing import Literal

import sqlalchemy as sa

from bot.channels import registry
from bot.conversations.models import Conversation, Delivery, Event
from bot.db import Database, SchemaMismatch, now
from bot.engine.project import model_is_current
from bot.flow.turn import TURN_FAILED
from bot.knowledge import articles
from bot.knowledge.models import PUBLISHED
from bot.languages import catalogs, locales
from bot.languages.lacking import lacks
from bot.languages.translation.check import check
from bot.languages.translation.libretranslate import LibreTranslate
from bot.settings import Settings

_RECENT_FAILURES = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing looked at. `advice` says what to do when it is not well."""

    state: Literal["ok", "warning", "fault"]
    what: str
    advice: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything that can be looked at without starting the server."""
    found = [_model(settings), *_catalogs(), *_words(), await _translation(settings)]
    found += _channels(settings)
    db = Database(settings.database_url)
    try:
        await db.check_schema()
        found += [Finding("ok", "database schema"), await _knowledge(db), await _turns(db)]
        found += await _deliveries(db, settings)
    except SchemaMismatch as error:
        found.append(Finding("fault", "database schema", str(error)))
    finally:
        await db.dispose()
    return found


def _model(settings: Settings) -> Finding:
    if model_is_current(settings.home):
        return Finding("ok", "model")
    return Finding("fault", "model is missing or older than its sources", "Run `setu train`.")


def _channels(settings: Settings) -> list[Finding]:
    """Channels that are on, and those that somebody has set up by half."""
    found = []
    for name, kind in registry.KNOWN.items():
        missing = ", ".join(kind.missing(settings))
        if not missing:
            found.append(Finding("ok", f"{name} is on"))
        elif kind.begun(settings):
            found.append(
                Finding("warning", f"{name} is off: it needs {missing}", "Set it in .env.")
            )
    return found


async def _deliveries(db: Database, settings: Settings) -> list[Finding]:
    """Messages that did not arrive within a day, or wait for a channel that is off."""
    on = registry.configured(settings)
    for channel in on.values():
        await channel.close()
    async with db.reading() as session:
        rows = await session.execute(
            sa.select(Delivery.channel, Delivery.state, sa.func.count())
            .where(
                sa.or_(
                    Delivery.state == "waiting",
                    sa.and_(
                        Delivery.state == "failed", Delivery.changed_at > now() - _RECENT_FAILURES
                    ),
                )
            )
            .group_by(Delivery.channel, Delivery.state)
            .order_by(Delivery.channel, Delivery.state)
        )
        counted = rows.all()
    found = []
    for channel, state, count in counted:
        if state == "failed":
            said = f"{channel}: messages that did not arrive since yesterday: {count}"
            found.append(Finding("warning", said, "The desk says why, under each of them."))
        elif channel not in on:
            said = f"{channel} is off; messages that wait for it: {count}"
            found.append(Finding("warning", said, "`setu channels list` says what it needs."))
        else:
            found.append(Finding("ok", f"{channel}: messages that wait to be sent: {count}"))
    return found


def _catalogs() -> list[Finding]:
    """Texts that clients would read in English, or with a fault."""
    found = []
    for locale in locales.known():
        if locale.quality == "answers only" or locale.tag == "en":
            continue
        wrong = [
            fault
            for fault in catalogs.faults(locale.tag)
            if locale.quality == "complete" or not fault.key.startswith("desk.")
        ]
        if not wrong:
            found.append(Finding("ok", f"{locale.tag}: all texts translated"))
            continue
        kinds = Counter(fault.kind for fault in wrong)
        counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        named = ", ".join(fault.key for fault in wrong[:3])
        found.append(
            Finding(
                "warning",
                f"{locale.tag}: {counted}",
                f"See data/locale/{locale.tag}/setu.po: {named}{' …' if len(wrong) > 3 else ''}",
            )
        )
    return found


def _words() -> list[Finding]:
    """Languages clients are spoken to in, in which something that they write is not understood."""
    return [
        Finding(
            "warning",
            f"{locale.tag}: no {lack.what} ({', '.join(lack.names)})",
            f"Add them under `{lack.key}` in data/languages.yml: see docs/add-a-language.md.",
        )
        for locale in locales.known()
        if locale.quality != "answers only"
        for lack in lacks(locale.tag)
    ]


async def _translation(settings: Settings) -> Finding:
    """Whether what is configured to translate answers, and has the languages we speak."""
    if not settings.translate_url:
        return Finding("ok", "machine translation is off")
    spoken = [locale.tag for locale in locales.known() if locale.quality == "complete"]
    service = LibreTranslate(settings.translate_url, settings.translate_key)
    try:
        checked = await check(service, spoken, settings.default_locale, settings.translate_deadline)
    finally:
        await service.close()
    if checked.failure:
        advice = _UNTRANSLATED.get(checked.failure, "See docs/translate.md.")
        return Finding("warning", f"machine translation: {checked.failure}", advice)
    if checked.lacking:
        lacking = ", ".join(checked.lacking)
        return Finding(
            "warning",
            f"machine translation has no {settings.default_locale} to and from {lacking}",
            "Load these languages into the service; until then clients' originals are shown.",
        )
    return Finding("ok", "machine translation answers, and has the languages we speak")


_UNTRANSLATED = {
    "unreachable": "Nothing answers at SETU_TRANSLATE_URL: is it right, and does the service run?",
    "slow": "It takes longer than SETU_TRANSLATE_DEADLINE.",
    "busy": "It refuses for load, or fails on its side: see its own log.",
    "refused": "It does not take the request: check SETU_TRANSLATE_KEY.",
    "no_pair": "It has none of the languages we speak: load them into the service.",
    "garbage": "What answers at SETU_TRANSLATE_URL does not speak LibreTranslate's interface.",
}


async def _knowledge(db: Database) -> Finding:
    async with db.reading() as session:
        published = await articles.entries(session, state=PUBLISHED)
    if not published:
        return Finding("fault", "no published article", "Import some: `setu kb import PATH`.")
    count = Counter(entry.locale for entry in published)
    return Finding("ok", "articles: " + ", ".join(f"{tag} {n}" for tag, n in sorted(count.items())))


async def _turns(db: Database) -> Finding:
    async with db.reading() as session:
        failed = await session.execute(
            sa.select(Event.conversation_id, Event.at)
            .where(Event.kind == TURN_FAILED)
            .order_by(Event.at.desc())
            .limit(5)
        )
        rows = failed.all()
        waiting = await session.scalar(
            sa.select(sa.func.count())
            .select_from(Conversation)
            .where(Conversation.owner == "bot", Conversation.client_seq > Conversation.handled_seq)
        )
    if rows:
        latest = ", ".join(f"{row.conversation_id} ({row.at:%Y-%m-%d %H:%M} UTC)" for row in rows)
        return Finding(
            "warning", f"turns that failed for good: {latest}", "The server's log says why."
        )
    return Finding("ok", f"no failed turns, {waiting} waiting for the assistant")

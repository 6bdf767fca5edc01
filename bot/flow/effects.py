"""Carries out what a turn's actions decided, in the turn's own transaction."""

from functools import singledispatch
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import effects, interactions, log
from bot.conversations.identities import client_of
from bot.conversations.models import Conversation, Interaction
from bot.feedback import csat
from bot.handoff import office, pull, queue, waiting
from bot.languages.belief import Belief
from bot.languages.formats import listed
from bot.languages.locales import name_in, negotiate
from bot.languages.register import Occasion, carried, next_register
from bot.settings import Settings

# The reasons of a handoff for which we are formal.
_OCCASIONS: dict[str, Occasion] = {"complaint": "complaint", "failure": "failure"}


async def carry_out(
    session: AsyncSession,
    effect: effects.Effect,
    conversation: str,
    interaction: Interaction,
    settings: Settings,
) -> None:
    """Do what one effect says. Appends the events and messages that belong to it."""
    await _do(effect, session, conversation, interaction, settings)


@singledispatch
async def _do(effect: Any, *_: Any) -> None:
    raise effects.UnknownEffect(repr(effect))


@_do.register
async def _(
    effect: effects.HandOff,
    session: AsyncSession,
    conversation: str,
    interaction: Interaction,
    settings: Settings,
) -> None:
    row = await session.get(Conversation, conversation)
    handoff = await queue.open_handoff(session, conversation, effect.reason)
    interaction.outcome = "handed_off"
    if occasion := _OCCASIONS.get(effect.reason):
        row.register = next_register(row.register, None, occasion, row.locale)
    translates = bool(settings.translate_url)
    if spoken := await pull.unspoken(session, handoff.language, translates=translates):
        names = listed([name_in(tag, row.locale) for tag in spoken], row.locale)
        text = row.voice.say("handoff.no_speaker", languages=names)
        await log.say(session, conversation, "bot", text, row.locale)
    # Whoever waits may have another question: the way back is under what they are told.
    await waiting.tell(session, handoff, row, await office.read(session, settings))


@_do.register
async def _(
    effect: effects.ShowArticle,
    session: AsyncSession,
    conversation: str,
    interaction: Interaction,
    _: Settings,
) -> None:
    interactions.note(interaction, "articles", effect.article)
    interaction.outcome = None  # open again until the client says, or leaves
    await log.append(
        session,
        conversation,
        "article_shown",
        {"article": effect.article, "locale": effect.locale, "confidence": effect.confidence},
    )


@_do.register
async def _(
    effect: effects.NoteTopic,
    session: AsyncSession,
    conversation: str,
    interaction: Interaction,
    _: Settings,
) -> None:
    interactions.note(interaction, "topics", effect.topic)


@_do.register
async def _(
    effect: effects.Unanswered,
    session: AsyncSession,
    conversation: str,
    interaction: Interaction,
    _: Settings,
) -> None:
    interaction.outcome = "unanswered"
    await log.append(session, conversation, "unanswered", {"text": effect.text})


@_do.register
async def _(
    effect: effects.Helped,
    session: AsyncSession,
    conversation: str,
    interaction: Interaction,
    _: Settings,
) -> None:
    interaction.outcome = "confirmed" if effect.yes else "unanswered"
    await log.append(session, conversation, "helped", {"yes": effect.yes})


@_do.register
async def _(
    effect: effects.ChangeLanguage,
    session: AsyncSession,
    conversation: str,
    interaction: Interaction,
    _: Settings,
) -> None:
    row = await session.get(Conversation, conversation)
    client = await client_of(session, conversation)
    row.belief = Belief.from_json(row.belief).wish(effect.language).to_json()
    locale = negotiate([effect.language]) or row.locale
    row.register = carried(row.register, row.locale, locale, client.register)
    row.locale = locale
    client.preferred_language = effect.language


@_do.register
async def _(
    effect: effects.EndChat,
    session: AsyncSession,
    conversation: str,
    interaction: Interaction,
    settings: Settings,
) -> None:
    if interaction.articles and (await office.read(session, settings)).csat:
        await csat.ask(session, conversation, interaction, agent_id=None)

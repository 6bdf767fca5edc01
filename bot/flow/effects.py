"""Carries out what a turn's actions decided, in the turn's own transaction."""

import dataclasses
from functools import singledispatch

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


@dataclasses.dataclass(frozen=True)
class Scene:
    """What an effect happens in: a turn's transaction, and the interaction it belongs to."""

    session: AsyncSession
    interaction: Interaction
    settings: Settings

    @property
    def conversation(self) -> str:
        return str(self.interaction.conversation_id)


@singledispatch
async def carry_out(effect: effects.Effect, scene: Scene) -> None:
    """Do what one effect says. Appends the events and messages that belong to it."""
    raise effects.UnknownEffect(repr(effect))


@carry_out.register
async def _(effect: effects.HandOff, scene: Scene) -> None:
    row = await scene.session.get(Conversation, scene.conversation)
    handoff = await queue.open_handoff(scene.session, scene.conversation, effect.reason)
    scene.interaction.outcome = "handed_off"
    if occasion := _OCCASIONS.get(effect.reason):
        row.register = next_register(row.register, None, occasion, row.locale)
    translates = bool(scene.settings.translate_url)
    if spoken := await pull.unspoken(scene.session, handoff.language, translates=translates):
        names = listed([name_in(tag, row.locale) for tag in spoken], row.locale)
        text = row.voice.say("handoff.no_speaker", languages=names)
        await log.say(scene.session, scene.conversation, "bot", text, row.locale)
    # Whoever waits may have another question: the way back is under what they are told.
    await waiting.tell(
        scene.session, handoff, row, await office.read(scene.session, scene.settings)
    )


@carry_out.register
async def _(effect: effects.ShowArticle, scene: Scene) -> None:
    interactions.note(scene.interaction, "articles", effect.article)
    scene.interaction.outcome = None  # open again until the client says, or leaves
    await log.append(
        scene.session,
        scene.conversation,
        "article_shown",
        {"article": effect.article, "locale": effect.locale, "confidence": effect.confidence},
    )


@carry_out.register
async def _(effect: effects.NoteTopic, scene: Scene) -> None:
    interactions.note(scene.interaction, "topics", effect.topic)


@carry_out.register
async def _(effect: effects.Unanswered, scene: Scene) -> None:
    scene.interaction.outcome = "unanswered"
    await log.append(scene.session, scene.conversation, "unanswered", {"text": effect.text})


@carry_out.register
async def _(effect: effects.Helped, scene: Scene) -> None:
    scene.interaction.outcome = "confirmed" if effect.yes else "unanswered"
    await log.append(scene.session, scene.conversation, "helped", {"yes": effect.yes})


@carry_out.register
async def _(effect: effects.ChangeLanguage, scene: Scene) -> None:
    row = await scene.session.get(Conversation, scene.conversation)
    client = await client_of(scene.session, scene.conversation)
    row.belief = Belief.from_json(row.belief).wish(effect.language).to_json()
    locale = negotiate([effect.language]) or row.locale
    row.register = carried(row.register, row.locale, locale, client.register)
    row.locale = locale
    client.preferred_language = effect.language


@carry_out.register
async def _(effect: effects.EndChat, scene: Scene) -> None:
    if scene.interaction.articles and (await office.read(scene.session, scene.settings)).csat:
        await csat.ask(scene.session, scene.conversation, scene.interaction, agent_id=None)

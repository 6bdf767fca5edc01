"""Who reads a conversation at the desk, and what language a message is in for them."""

import dataclasses
from collections.abc import Mapping

from bot.languages import clean, scripts
from bot.languages.detect import Detector
from bot.languages.locales import UnknownLocale, get


@dataclasses.dataclass(frozen=True)
class Reader:
    """Who a conversation is translated for: the languages they speak, and the one they get."""

    speaks: frozenset[str]
    language: str


def reader(languages: Mapping[str, int], locale: str | None, default: str) -> Reader:
    """An agent as a reader.

    Args:
        languages: level by tag, as on the agent's account.
        locale: the language they chose to read the desk in, if they did.
        default: the desk's own.
    """
    speaks = {*languages} | ({locale} if locale else set())
    if locale:
        chosen = locale
    elif default in languages or not languages:
        chosen = default
    else:
        chosen = max(languages, key=lambda tag: languages[tag])
    return Reader(frozenset(speaks or {default}), chosen)


def language_of(text: str, spoken: str, detector: Detector) -> str | None:
    """The language of one message: judged, or the conversation's where a few words tell little.

    None where nothing in it tells one ("ok", a number): it needs no translation.
    """
    if not clean.telling(clean.words(clean.normal(text))):
        return None
    judgement = detector.judge(text)
    if judgement.language is None or judgement.decided:
        return judgement.language
    return spoken if script_of(spoken) == scripts.of(clean.normal(text)) else judgement.language


def script_of(tag: str) -> str | None:
    """The script a language is written in (ISO 15924); None where we do not know it."""
    try:
        return get(tag).script
    except UnknownLocale:
        return None

"""What the desk's API takes and gives: shapes, lengths, and text that every database can hold."""

import datetime as dt
import re
from typing import Any, Literal

from pydantic import BaseModel, Extra, Field, StrictBool, StrictInt, validator
from pydantic.errors import StrError
from pydantic.fields import ModelField

from bot.channels.contract import MAX_TEXT

HEX_ID = r"^[0-9a-f]{32}$"
"""The form of our own identifiers."""

MARK = r"^([0-9a-f]{32})?$"
"""The form of a waiting draft's mark, or nothing."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def storable(value: Any) -> Any:
    """A text, or a list of them, without what no database can hold."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value.replace("\0", ""))
    if isinstance(value, list):
        return [storable(one) for one in value]
    return value


class _Body(BaseModel):
    class Config:
        extra = Extra.forbid

    @validator("*", pre=True)
    def _text_as_text(cls, value: Any, field: ModelField) -> Any:
        """Text is text, never a number made into some; and it can be stored."""
        given = value if isinstance(value, list) else [value]
        text = isinstance(field.type_, type) and issubclass(field.type_, str)
        if text and any(not isinstance(one, str | None) for one in given):
            raise StrError
        return storable(value)


class Login(_Body):
    """An agent signs in."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)


class Welcome(_Body):
    """A new account. An invitation has its own address and languages; the first of all has none."""

    code: str = Field(max_length=100)
    email: str = Field("", max_length=254)
    name: str = Field(max_length=120)
    password: str = Field(max_length=1000)
    languages: list[str] = Field(default_factory=list, max_items=40)


class Me(_Body):
    """What an agent says of themselves."""

    present: bool | None = None
    locale: str | None = Field(None, max_length=35)
    name: str | None = Field(None, max_length=120, description="as clients see it")
    shortcuts: Literal["plain", "alt", "off"] | None = None


class PresenceWord(_Body):
    """Whether an agent is here, and takes new conversations."""

    presence: Literal["available", "busy", "away"]


class Draft(_Body):
    """What an agent is about to write to a client."""

    conversation: str = Field(regex=HEX_ID)
    text: str = Field(max_length=MAX_TEXT)


class Previewed(BaseModel):
    """What the client would get of a draft.

    `needed` is false where it is in their language already, or nothing translates. Otherwise
    `text` is the translation from `source` into `language` by `by`, or null where it failed.
    """

    needed: bool
    source: str
    language: str
    text: str | None
    by: str | None
    failure: str | None


class SentTranslation(_Body):
    """The translation that the agent saw; null `text`: there was none, it goes as written."""

    source: str = Field(max_length=35)
    language: str = Field(max_length=35)
    text: str | None = Field(None, min_length=1, max_length=5 * MAX_TEXT)


class NewMessage(_Body):
    """An agent's message; `id` is the desk's own and makes a repeated send one message."""

    id: str = Field(regex=r"^[A-Za-z0-9_.:-]{1,64}$")
    text: str = Field(max_length=MAX_TEXT)
    translation: SentTranslation | None = None
    attachments: list[str] = Field(default_factory=list, max_items=5, unique_items=True)
    article: str | None = Field(None, max_length=100, description="what the answer was taken from")


class Note(_Body):
    """A private note."""

    text: str = Field(min_length=1, max_length=MAX_TEXT)


class Read(_Body):
    """The newest event that was on the screen."""

    seq: int = Field(ge=0, le=2**31 - 1)


class Ending(_Body):
    """What people made of an interaction, and what it was about. Empty: as it is."""

    resolution: Literal["", "solved", "promised", "unsolved", "no_reply", "unrelated"] = ""
    topic: str = Field("", max_length=60)


class Resolve(Ending):
    """How a conversation ends. `seen`: the newest event on the agent's screen."""

    promise: str = Field("", max_length=1_000, description="what is still owed, as a follow-up")
    seen: int | None = Field(None, ge=0)


class Transfer(_Body):
    """Where a conversation goes: queue, bot, an agent's id, or `skill:` and a skill's name.

    `seen`: the newest event on the agent's screen; newer words of the client stop a return to
    the bot.
    """

    to: str = Field(regex=r"^(queue|bot|[0-9a-f]{32}|skill:[a-z0-9_-]{1,40})$")
    note: str = Field("", max_length=MAX_TEXT)
    seen: int | None = Field(None, ge=0)


class Session(BaseModel):
    """A fresh session: the token that every write carries in X-CSRF-Token."""

    csrf: str
    agent: dict[str, Any]


class Sent(BaseModel):
    """Where a message stands in the log."""

    seq: int
    id: str


class Done(BaseModel):
    """It is done; `status` is the handoff's state now."""

    status: str
    conversation: str | None = None


class Promise(_Body):
    """Something an agent promises a client. `due` is a day; without one it is the next working."""

    note: str = Field(min_length=1, max_length=1_000)
    due: dt.date | None = None
    owner: str = Field("", regex=r"^([0-9a-f]{32})?$", description="an agent; empty: whoever asks")

    @validator("due", pre=True)
    def _none_chosen(cls, value: Any) -> Any:
        return value or None


class FollowUpChange(_Body):
    """Another owner or day for a follow-up. An empty `owner` is nobody."""

    owner: str | None = Field(None, regex=r"^([0-9a-f]{32})?$")
    due: dt.date | None = None

    @validator("due", pre=True)
    def _none_chosen(cls, value: Any) -> Any:
        return value or None


class FreeDay(_Body):
    """A day on which a team is not there."""

    day: str = Field(max_length=10, description="2026-12-25")
    name: str = Field("", max_length=60)


class TeamHours(_Body):
    """When a team is there. `week` has seven lists of intervals, Monday first."""

    name: str = Field(max_length=60)
    time_zone: str = Field(max_length=60, description="IANA name")
    languages: list[str] = Field(default_factory=list, max_items=60)
    week: list[list[tuple[str, str]]] = Field(max_items=7)
    free_days: list[FreeDay] = Field(default_factory=list, max_items=200)


class OfficeChange(_Body):
    """Settings to change, by their names; the others stay."""

    settings: dict[str, StrictBool | StrictInt]


class Taken(BaseModel):
    """The conversation that was taken, and its page at the desk."""

    status: str
    handoff: str
    conversation: str
    page: str


class FollowUpState(BaseModel):
    """A follow-up after a change."""

    status: Literal["open", "done"]


class ArticleText(_Body):
    """An article in one locale, whole. `version` is the one the author saw, 0 for a new body.

    Lengths are only a guard here; `bot.knowledge.checks` says what may be stored, and why not.
    """

    locale: str = Field(max_length=35)
    version: int = Field(ge=0)
    title: str = Field(max_length=2_000)
    body: str = Field("", max_length=60_000)
    questions: str = Field("", max_length=100_000, description="one a line")
    tags: str = Field("", max_length=4_000, description="with commas")
    category: str = Field("", max_length=200)
    state: Literal["draft", "published", "archived"]
    up_to_date: bool = Field(True, description="says the same as the source does now")
    draft: str = Field("", regex=MARK, description="the waiting draft that the author saw")
    confirmed: bool = Field(False, description="what a machine wrote was read and is right")


class ArticleChange(_Body):
    """One step with an article that leaves its text to us."""

    locale: str = Field(max_length=35)
    version: int = Field(ge=1)
    state: Literal["draft", "published", "archived"] | None = None
    restore: int | None = Field(None, ge=1, description="an earlier version")
    up_to_date: bool = False


class WaitingDraft(_Body):
    """A draft that waits, as it was seen; or, with an empty `draft`, that none was."""

    locale: str = Field(max_length=35)
    version: int = Field(0, ge=0)
    draft: str = Field("", regex=MARK)


class MachineDraft(WaitingDraft):
    """An article to be drafted in a locale by the translation service."""

    article: str = Field(max_length=100)


class Asked(_Body):
    """A client's wording for a new article."""

    language: str = Field(max_length=35)
    text: str = Field(max_length=1_000)


class NewArticle(_Body):
    """An article to begin; its id is made from the title."""

    title: str = Field(min_length=1, max_length=1_000)
    locale: str = Field(max_length=35)
    category: str = Field("", max_length=60)
    wordings: list[Asked] = Field(default_factory=list, max_items=50)


class Markdown(_Body):
    """A text to be shown as a client sees it."""

    body: str = Field("", max_length=60_000)


class Unsaved(_Body):
    """What an author wanted to save when somebody else already had."""

    locale: str = Field(max_length=35)
    version: int = Field(0, ge=0)
    title: str = Field("", max_length=2_000)
    body: str = Field("", max_length=60_000)
    questions: str = Field("", max_length=100_000)


class Variants(_Body):
    """How clients ask, as it stands in the form; `article` is the one being written."""

    article: str = Field("", max_length=100)
    locale: str = Field(max_length=35)
    title: str = Field("", max_length=2_000)
    questions: str = Field("", max_length=100_000)


class ArticleState(BaseModel):
    """An article after a change, and its page at the desk.

    `draft` is the mark of a draft that waits beside it, empty where none does.
    """

    article: str
    locale: str
    version: int
    state: str
    page: str
    draft: str = ""


class MachineState(ArticleState):
    """A draft that the translation service made; `message` tells the author about it."""

    message: str

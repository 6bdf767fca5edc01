"""Rasa custom actions: each reads what it was given, decides, and returns effects.

They are constructed with `Reads`, so they know no database and no network; `ACTIONS` is what the
engine registers, and `rasa run actions` finds them here too.
"""

from actions.answer import Answer, Fallback, Helped, NeedHelp, NotHelped, OffTopic
from actions.order import Order
from actions.people import BotChallenge, Complaint, TalkToHuman
from actions.reads import Article, Decision, Reads
from actions.small_talk import Affirm, ChangeLanguage, Deny, Goodbye, Greet, Thanks

ACTIONS = (
    Answer,
    NeedHelp,
    Order,
    Helped,
    NotHelped,
    OffTopic,
    Fallback,
    TalkToHuman,
    Complaint,
    BotChallenge,
    Greet,
    Thanks,
    Goodbye,
    Affirm,
    Deny,
    ChangeLanguage,
)

__all__ = ["ACTIONS", "Article", "Decision", "Reads"]

"""Articles in files: what each form looks like. Reading checks everything and stores nothing."""

from bot.knowledge.formats.base import Found, Rejected, Source, TooMuch
from bot.knowledge.formats.markdown import write_markdown
from bot.knowledge.formats.reading import read
from bot.knowledge.formats.writing import UnknownForm, check_form, write

__all__ = [
    "Found",
    "Rejected",
    "Source",
    "TooMuch",
    "UnknownForm",
    "check_form",
    "read",
    "write",
    "write_markdown",
]

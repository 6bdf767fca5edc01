"""Articles in files: what each form looks like. Reading checks everything and stores nothing."""

from bot.knowledge.formats.base import Found, Rejected, Source, TooMuch
from bot.knowledge.formats.markdown import write_markdown
from bot.knowledge.formats.reading import read

__all__ = ["Found", "Rejected", "Source", "TooMuch", "read", "write_markdown"]

"""The embedding model: a text's vector and its words in context, in one pass."""

from bot.e5.reading import E5, WIDTH, Kind, Reading

__all__ = ["E5", "WIDTH", "Kind", "Reading"]

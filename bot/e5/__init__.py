"""The embedding model: a text's vector, its words in context and its latent terms, in one pass."""

from bot.e5.reading import E5, Kind, Reading

__all__ = ["E5", "Kind", "Reading"]

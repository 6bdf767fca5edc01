"""Articles, their index, and what the base answers to a question asked in any language."""

"""The chat on the shop's page: the client API, and the widget that stands on it."""

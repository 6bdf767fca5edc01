"""A database with conversations to rate: those that wanted a person."""

from tests.handoff.conftest import Opened, add_agent, config, db, open_chat  # noqa: F401

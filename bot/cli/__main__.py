"""`python -m bot.cli` is `setu`."""

import contextlib

from bot.cli import app

with contextlib.suppress(BrokenPipeError):
    app()

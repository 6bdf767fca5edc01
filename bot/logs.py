"""Structured logs: one line an event, private data masked, on stderr."""

import logging
import re
import sys
from typing import Any, Literal

import structlog

# Bounded on both sides of the @: an open-ended pattern takes quadratic time on long texts.
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}")
_DIGITS = re.compile(r"\d(?:[ -]?\d){6,}")  # phone, card and account numbers
_LONGEST = 2000  # characters of one value that are worth logging


def mask(text: str) -> str:
    """The text with e-mail addresses and long numbers replaced by what they are."""
    return _DIGITS.sub("<number>", _EMAIL.sub("<e-mail>", text[:_LONGEST]))


def _mask_values(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    return {
        key: mask(value) if isinstance(value, str) and key != "timestamp" else value
        for key, value in event.items()
    }


def configure(form: Literal["console", "json"]) -> None:
    """Set up logging for the whole process.

    Args:
        form: `console` for people, `json` for log collectors.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask_values,
    ]
    render: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The rich one prints local variables: clients' words.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        # First: what is not going to be printed must not be masked either.
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # Rasa's dependencies deprecate each other at every start; nobody who runs Setu can act on it.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    for noisy in ("rasa", "rasa_sdk", "apscheduler", "matplotlib", "asyncio", "httpx", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

"""Logs: private data masked, in time that grows with the text and no faster."""

import logging

import pytest
import structlog

from bot.logs import configure, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to rina.das@example.com now", "write to <e-mail> now"),
        ("call +91 98765 43210", "call +<number>"),
        ("card 4111-1111-1111-1111", "card <number>"),
        ("order 48213 in 3 days", "order 48213 in 3 days"),
    ],
)
def test_private_data_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_long_texts_are_cut() -> None:
    assert len(mask("a" * 1_000_000)) <= 2000


def test_what_is_not_printed_is_not_worked_on(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    try:
        logger = structlog.get_logger("rasa.noise")
        logger.debug("hidden", text="x@y.example")
        structlog.get_logger("bot.test").info("shown", who="x@y.example")
        printed = capsys.readouterr().err
    finally:
        structlog.reset_defaults()
        logging.getLogger().handlers = []
    assert "hidden" not in printed
    assert "<e-mail>" in printed

"""What `setu doctor` says of channels."""

from bot.conversations import identities, log
from bot.conversations.models import Delivery
from bot.db import Database, metadata
from bot.doctor import _channels, _deliveries
from bot.settings import Settings


def test_a_channel_that_was_set_up_by_half_is_named() -> None:
    settings = Settings(_env_file=None, slack_token="xoxb-1", telegram_token="1:x")  # type: ignore[call-arg]
    found = {finding.what: finding.state for finding in _channels(settings)}
    assert found == {
        "telegram is on": "ok",
        "slack is off: it needs SETU_SLACK_SECRET": "warning",
    }


async def test_messages_that_wait_or_failed_are_counted(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    async with db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    async with db.transaction() as session:
        for channel in ("telegram", "slack"):
            who = await identities.identity(session, channel, "1")
            chat, _ = await identities.open_conversation(session, who, locale="en", belief={})
            for text in ("one", "two"):
                seq = await log.say(session, chat.id, "bot", text, "en")
            row = await session.get(Delivery, (chat.id, seq))
            row.state, row.reason = "failed", "blocked"
    on = Settings(_env_file=None, telegram_token="1:x")  # type: ignore[call-arg]
    found = [(finding.state, finding.what) for finding in await _deliveries(db, on)]
    await db.dispose()
    assert found == [
        ("warning", "slack: messages that did not arrive since yesterday: 1"),
        ("warning", "slack is off; messages that wait for it: 1"),
        ("warning", "telegram: messages that did not arrive since yesterday: 1"),
        ("ok", "telegram: messages that wait to be sent: 1"),
    ]

"""Where choices are numbers: what a client types is the choice, in any script's digits."""

import pytest

from bot.channels.contract import Inbound, Limits
from bot.conversations import log
from tests.flow.conftest import Flow, flow  # noqa: F401  (a fixture)

NUMBERS = Limits(text=500)
BUTTONS = Limits(text=500, buttons=3, title=20)
SHOWN = [{"title": title, "payload": f"p-{title}"} for title in ("Yes", "No", "A person")]


async def ask(flow: Flow) -> str:  # noqa: F811
    conversation = await flow.open()
    async with flow.db.transaction() as session:
        await log.say(session, conversation, "client", "hello", "en", message_id="0")
        await log.say(session, conversation, "bot", "Did this help?", "en", buttons=SHOWN)
        await log.say(session, conversation, "system", "By the way", "en")
    return conversation


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("1", "p-Yes"),
        ("2.", "p-No"),
        (" ৩ ", "p-A person"),
        ("२)", "p-No"),
        ("൧", "p-Yes"),
        ("٢", "p-No"),
        ("2\ufe0f\u20e3", "p-No"),
        ("(3)", "p-A person"),
        ("0", None),
        ("4", None),
        ("123", None),
        ("2 pieces", None),
        ("²", None),
    ],
)
async def test_a_typed_number(flow: Flow, typed: str, means: str | None) -> None:  # noqa: F811
    conversation = await ask(flow)
    for _ in range(2):  # the second time is the platform repeating itself
        await flow.inbox.accept(Inbound(conversation, "1", text=typed, limits=NUMBERS))
    found = await flow.messages(conversation)
    assert len(found) == 4
    assert found[-1].payload.get("button") == means
    assert found[-1].payload.get("typed", found[-1].text) == typed


async def test_only_where_numbers_were_shown(flow: Flow) -> None:  # noqa: F811
    conversation = await ask(flow)
    await flow.inbox.accept(Inbound(conversation, "1", text="1", limits=BUTTONS))
    assert (await flow.messages(conversation))[-1].payload.get("button") is None


async def test_only_the_last_question_is_answered(flow: Flow) -> None:  # noqa: F811
    conversation = await ask(flow)
    await flow.inbox.accept(Inbound(conversation, "1", text="1", limits=NUMBERS))
    await flow.inbox.accept(Inbound(conversation, "2", text="2", limits=NUMBERS))
    assert (await flow.messages(conversation))[-1].payload.get("button") is None


def test_long_titles_make_numbers_of_buttons() -> None:
    assert not BUTTONS.numbered(["Yes", "No"])
    assert BUTTONS.numbered(["Yes", "A title of more than twenty characters"])
    assert BUTTONS.numbered(["1", "2", "3", "4"])

"""The form of address and the country, from a client's message to what they are told."""

import pytest

from bot.channels.contract import Inbound
from bot.conversations import interactions
from bot.conversations.effects import ChangeLanguage, EndChat, HandOff, ShowArticle
from bot.conversations.identities import client_of
from bot.engine.turn import Outcome, Reply, Turn
from tests.flow.conftest import Flow


async def _writes(flow: Flow, conversation: str, *texts: str) -> None:
    for text in texts:
        seq = (await flow.row(conversation)).last_seq
        await flow.inbox.accept(Inbound(conversation, f"m{seq}", text=text))


def _with(intent: str = "question", *effects: object) -> Outcome:
    return Outcome((Reply("।", "bn"),), effects, {}, intent, 1.0)  # type: ignore[arg-type]


async def test_the_clients_own_usage_moves_it_and_the_turn_is_told(flow: Flow) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "আমার অর্ডারটা কোথায় আছে এখন?")
    assert (await flow.row(conversation)).register == "formal"
    await _writes(flow, conversation, "তুমি কি একটু দেখবে আমার অর্ডারটা?")
    await flow.work()
    assert (await flow.row(conversation)).register == "informal"
    assert flow.engine.turns[-1].register == "informal"
    await _writes(flow, conversation, "আপনি একটু তাড়াতাড়ি দেখুন")
    assert (await flow.row(conversation)).register == "formal"


async def test_anger_outweighs_what_was_heard(flow: Flow) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "तुम कब भेजोगे मेरा ऑर्डर?", "तुम धोखा दे रहे हो, पैसे कट गए")
    assert (await flow.row(conversation)).register == "formal"


@pytest.mark.parametrize(
    ("intent", "effects"),
    [("complaint", ()), ("question", (HandOff("complaint"),)), ("question", (HandOff("failure"),))],
)
async def test_a_complaint_makes_us_formal(
    flow: Flow, intent: str, effects: tuple[object, ...]
) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "তুমি কি একটু দেখবে আমার অর্ডারটা?")
    flow.engine.answer = lambda _: _with(intent, *effects)
    await flow.work()
    assert (await flow.row(conversation)).register == "formal"


async def test_after_a_failure_the_apology_is_formal(flow: Flow) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "তুমি কি একটু দেখবে আমার অর্ডারটা?")

    def broken(turn: Turn) -> Outcome:
        raise RuntimeError("always")

    flow.engine.answer = broken
    await flow.work()
    assert (await flow.row(conversation)).register == "formal"
    assert all("তুমি" not in m.text and "তোমার" not in m.text
               for m in await flow.messages(conversation) if m.author == "bot")  # fmt: skip


async def test_asking_for_a_person_keeps_the_form(flow: Flow) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "তুমি আমাকে কারও সঙ্গে কথা বলিয়ে দাও")
    flow.engine.answer = lambda _: _with("talk_to_human", HandOff("asked"))
    await flow.work()
    assert (await flow.row(conversation)).register == "informal"


async def test_the_rating_question_is_formal_and_stays_so(flow: Flow) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "তুমি কি একটু দেখবে আমার অর্ডারটা?")
    flow.engine.answer = lambda _: _with(
        "goodbye", ShowArticle("return-item", "bn", 0.9), EndChat()
    )
    await flow.work()
    asked = (await flow.messages(conversation))[-1].text
    assert "আপনি" in asked
    assert (await flow.row(conversation)).register == "formal"


async def test_a_wish_is_kept_on_the_profile_and_meets_the_next_conversation(flow: Flow) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "আমাকে তুমি করে বলবেন")
    assert (await flow.row(conversation)).register == "informal"
    async with flow.db.reading() as session:
        assert (await client_of(session, conversation)).register == "informal"
    later = await flow.open()
    await _writes(flow, later, "আমার অর্ডারটা কোথায় আছে এখন?")
    assert (await flow.row(later)).register == "informal"


async def test_who_asked_for_the_polite_form_keeps_it(flow: Flow) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "আমাকে তুমি করে বলবেন না", "তুমি কি একটু দেখবে অর্ডারটা?")
    assert (await flow.row(conversation)).register == "formal"


async def test_usage_alone_is_not_kept_on_the_profile(flow: Flow) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "তুমি কি একটু দেখবে আমার অর্ডারটা?")
    async with flow.db.reading() as session:
        assert (await client_of(session, conversation)).register is None


async def test_another_language_begins_with_its_own_form(flow: Flow) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "तुम कब भेजोगे मेरा ऑर्डर?")
    assert (await flow.row(conversation)).register == "informal"
    await _writes(flow, conversation, "আমার অর্ডারটা কোথায় আছে এখন?")
    assert (await flow.row(conversation)).register == "formal"
    await _writes(flow, conversation, "তুমি কি একটু দেখবে আমার অর্ডারটা?")
    flow.engine.answer = lambda _: _with("change_language", ChangeLanguage("hi"))
    await flow.work()
    row = await flow.row(conversation)
    assert (row.locale, row.register) == ("hi", None)


async def test_a_client_in_bangladesh_is_spoken_to_as_there(flow: Flow) -> None:
    conversation = await flow.open(time_zone="Asia/Dhaka")
    await _writes(flow, conversation, "আমি একজন মানুষের সাথে কথা বলতে চাই")
    flow.engine.answer = lambda turn: Outcome(
        (Reply("।", turn.locale),), (HandOff("asked"),), {}, "talk_to_human", 1.0
    )
    await flow.work()
    assert flow.engine.turns[-1].locale == "bn-BD"
    said = [m for m in await flow.messages(conversation) if m.author == "bot"]
    assert {m.language for m in said} == {"bn"}
    assert "সাথে" in said[-1].payload["buttons"][-1]["title"]


async def test_a_number_shows_the_country(flow: Flow) -> None:
    conversation = await flow.open(time_zone="Europe/London")
    await _writes(flow, conversation, "আমার ফোন নম্বর +880 1712 345678, কল করবেন")
    row = await flow.row(conversation)
    assert (row.territory, row.voice.locale) == ("BD", "bn-BD")


async def test_formality_ends_with_the_interaction_it_was_for(flow: Flow) -> None:
    conversation = await flow.open()
    await _writes(flow, conversation, "This is a scam, you are thieves and liars")
    await _writes(flow, conversation, "Where is my order, it is late again")
    assert (await flow.row(conversation)).register == "formal"
    await flow.work()
    await _writes(flow, conversation, "Where is the other one then, please tell me")
    await flow.work()
    assert flow.engine.turns[-1].register == "formal"
    async with flow.db.transaction() as session:
        interaction = await interactions.open_of(session, conversation)
        assert interaction is not None
        await interactions.close(session, interaction, "implied")
    await _writes(flow, conversation, "Where is my new order, please tell me")
    await flow.work()
    assert flow.engine.turns[-1].register == "friendly"

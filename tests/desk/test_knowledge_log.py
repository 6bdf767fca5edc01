"""Which questions the log says were not answered, and that no private data leaves with them."""

import datetime as dt
from typing import Any

import pytest

from bot.conversations import log
from bot.db import now
from bot.desk.knowledge_gaps import Reports, variants
from bot.desk.knowledge_log import mask, missed
from bot.knowledge.gaps import Wording

House = Any
LONG_AGO = now() - dt.timedelta(days=30)


async def understood(house: House, chat: str, seq: int, intent: str) -> None:
    async with house.db.transaction() as session:
        await log.append(
            session, chat, "understood",
            {"message": seq, "intent": intent, "confidence": 0.9, "entities": []},
        )  # fmt: skip


async def event(house: House, chat: str, kind: str, **payload: Any) -> None:
    async with house.db.transaction() as session:
        await log.append(session, chat, kind, payload)


async def found(house: House, since: dt.datetime = LONG_AGO) -> list[tuple[str, str, str]]:
    async with house.db.reading() as session:
        return [(q.text, q.language, q.kind) for q in await missed(session, since)]


async def last(house: House, chat: str) -> int:
    async with house.db.reading() as session:
        return max(message.seq for message in await log.messages(session, chat))


async def test_what_was_asked_and_not_which_button_was_pressed(house: House) -> None:
    chat = await house.chat("দোকান কোথায়?", "bn")
    await understood(house, chat, 1, "question")
    await house.client_says(chat, "না", "bn")
    await understood(house, chat, await last(house, chat), "not_helped")
    await event(house, chat, "helped", yes=False)
    assert await found(house) == [("দোকান কোথায়?", "bn", "not_helped")]


async def test_a_handoff_counts_once_and_for_the_question_before_it(house: House) -> None:
    chat = await house.chat("Do you have a shop in Pune?", "en")
    await understood(house, chat, 1, "question")
    await event(house, chat, "unanswered", text="Do you have a shop in Pune?")
    await house.client_says(chat, "I want to talk to a person")
    await understood(house, chat, await last(house, chat), "talk_to_human")
    await house.hand_off(chat)
    assert await found(house) == [("Do you have a shop in Pune?", "en", "unanswered")]

    other = await house.chat("My parcel is torn", "en")
    await understood(house, other, 1, "complaint")
    await house.hand_off(other, "complaint")
    assert ("My parcel is torn", "en", "handed_off") in await found(house)


async def test_what_helped_and_what_was_no_question_is_left_out(house: House) -> None:
    chat = await house.chat("hello", "en")
    await understood(house, chat, 1, "greet")
    await event(house, chat, "helped", yes=True)
    await house.hand_off(chat)
    assert await found(house) == []


async def test_only_what_happened_since(house: House) -> None:
    await house.unanswered("Do you gift wrap?", "en")
    assert len(await found(house)) == 1
    assert await found(house, now() + dt.timedelta(seconds=1)) == []


async def test_without_an_understood_event_the_failure_s_own_text_counts(house: House) -> None:
    chat = await house.chat("x", "en")
    await event(house, chat, "unanswered", text="Do you gift wrap?")
    assert await found(house) == [("Do you gift wrap?", "und", "unanswered")]


@pytest.mark.parametrize(
    ("text", "language", "masked"),
    [
        ("where is my order ND-123456?", "en", "where is my order …?"),
        ("আমার অর্ডার ৪৮২১৩ এখনও আসেনি", "bn", "আমার অর্ডার … এখনও আসেনি"),
        ("call 98765 43210 or a.b@x.com", "en", "call … or …"),
        ("card 4111 1111 1111 1111", "en", "card …"),
        ("OTP 482913 नहीं आया https://x.y/?a=1", "hi", "OTP … नहीं आया …"),
        ("my handle is @rina_das", "en", "my handle is …"),
        ("paid ₹12500 on 12/11/2026", "en", "paid ₹12500 on 12/11/2026"),
        ("2 shirts for 999", "en", "2 shirts for 999"),
        ("", "en", ""),
    ],
)
def test_masks(text: str, language: str, masked: str) -> None:
    assert mask(text, language) == masked


async def test_the_report_is_made_once_and_again_when_the_log_moves_on(house: House) -> None:
    await house.unanswered("Call me at 98765 43210 about gift wrap", "en")
    reports = Reports(house.db, house.knowledge)

    async def latest() -> Any:
        for _ in range(100):
            found, working = await reports.latest()
            if not working:
                return found
        raise AssertionError("never done")

    first = await latest()
    assert [gap.title for gap in first.gaps] == ["Call me at … about gift wrap"]
    assert await latest() is first
    await house.unanswered("Gift wrap?", "en")
    assert (await latest()).of == 2


def test_variants_carry_no_masks_and_no_doubles() -> None:
    wordings = [Wording("order … late", "en", 2), Wording("order late", "en", 1)]
    wordings += [Wording("…", "en", 1), Wording("x" * 1000, "hi", 1)]
    assert variants(wordings) == [
        {"language": "en", "text": "order late"},
        {"language": "hi", "text": "x" * 300},
    ]

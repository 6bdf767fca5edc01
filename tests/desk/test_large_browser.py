"""500 people wait and one thread has 10,000 messages: what a browser gets stays small."""

import time
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, expect

from bot.conversations.models import Conversation, Event
from bot.db import now
from bot.handoff import queue
from tests.desk.browsing import sign_in

House = Any
WAITING, MESSAGES, ROUNDS = 500, 10_000, 20

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]


async def _long_thread(house: House, chat: str) -> None:
    rows = [
        {
            "conversation_id": chat,
            "seq": seq,
            "kind": "message",
            "author": ("client", "agent")[seq % 2],
            "message_id": f"m{seq}",
            "payload": {"text": f"Message {seq}, about the parcel", "language": "en"},
            "at": now(),
        }
        for seq in range(10, 10 + MESSAGES)
    ]
    async with house.db.transaction() as session:
        await session.execute(sa.insert(Event), rows)
        row = await session.get(Conversation, chat)
        row.last_seq = row.client_seq = 10 + MESSAGES


async def test_a_long_queue_and_a_long_thread_stay_quick(
    house: House, address: str, browser: Browser, record_property: Any
) -> None:
    asha = await house.agent("Asha")
    chat = await house.chat("Where is my parcel?", name="Rina")
    handoff = await house.hand_off(chat)
    async with house.db.transaction() as session:
        await queue.claim(session, handoff, asha.id)
    await _long_thread(house, chat)
    for n in range(WAITING):
        await house.hand_off(await house.chat(f"Question {n}", ("en", "bn", "hi")[n % 3]))

    page = await (await browser.new_context(locale="en-GB")).new_page()
    await sign_in(page, address)
    rows, lines = page.locator(".row"), page.locator(".thread [data-seq]")
    await expect(rows).to_have_count(50)
    await page.get_by_role("button", name="Show more").click()
    await expect(rows).to_have_count(100)

    begin = time.perf_counter()
    await page.goto(f"{address}/desk/c/{chat}")
    await expect(lines).to_have_count(100)
    opened = time.perf_counter() - begin
    begin = time.perf_counter()
    await page.get_by_role("button", name="Show earlier messages").click()
    await expect(lines).to_have_count(200)
    earlier = time.perf_counter() - begin
    begin = time.perf_counter()
    await house.client_says(chat, "one more")
    await expect(page.locator("#thread .message.client").last).to_contain_text("one more")
    live = time.perf_counter() - begin
    parts = {}
    for part in ("queue", f"conversation/{chat}"):
        taken = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            answer = await page.request.get(f"{address}/desk/parts/{part}")
            taken.append(time.perf_counter() - begin)
            assert answer.ok and len(await answer.body()) < 200_000
        parts[part.partition("/")[0]] = sorted(taken)[int(ROUNDS * 0.95) - 1]
    figures = {"open": opened, "earlier": earlier, "live": live, **parts}
    for name, seconds in figures.items():
        record_property(name, f"{seconds * 1000:.0f} ms")
    print({name: f"{seconds * 1000:.0f} ms" for name, seconds in figures.items()})

"""What became of an agent's messages on a messenger, live on the conversation's page."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.channels.contract import Receipt
from bot.channels.registry import KNOWN
from bot.conversations import log
from bot.conversations.models import Conversation, Delivery, Event
from bot.flow import delivery
from bot.languages.strings import STRINGS
from tests.desk.browsing import Axe, sign_in

House = Any


def test_every_channel_has_a_name_at_the_desk() -> None:
    assert {f"desk.channel.{name}" for name in ("widget", *KNOWN)} <= STRINGS.keys()


@pytest.mark.e2e
@pytest.mark.slow
async def test_an_agent_sees_what_arrived_and_what_did_not(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    asha = await house.agent("Asha")
    chat = await house.chat("আমার অর্ডার কোথায়?", "bn", name="রিনা দাস")
    await house.client_says(chat, "ভুল করে লেখা", "bn")
    handoff = await house.hand_off(chat)
    async with house.db.transaction() as session:
        row = await session.get(Conversation, chat)
        row.channel = "whatsapp"
        events = [await session.get(Event, (chat, seq)) for seq in (1, 2)]
        events[0].payload = {**events[0].payload, "edited": True}
        events[1].payload = {"text": "", "language": "bn", "deleted": True}
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = await context.new_page()
    await sign_in(page, address)
    await page.evaluate(
        "id => fetch(`/api/desk/handoffs/${id}/claim`, {method: 'POST', headers: {'X-CSRF-Token':"
        " document.querySelector('meta[name=csrf]')?.content || ''}})",
        handoff,
    )
    await page.goto(f"{address}/desk/c/{chat}")
    said = []
    for text in ("নমস্কার, দেখছি।", "কাল পৌঁছাবে।"):
        async with house.db.transaction() as session:
            said.append(
                await log.say(session, chat, "agent", text, "bn", name="Asha", agent=asha.id)
            )
    house.wake.call("desk", f"conversation:{chat}")
    thread = page.locator("#thread, .thread").last
    await expect(thread).to_contain_text("On its way")
    await expect(thread).to_contain_text("Deleted by the client")
    await expect(thread).to_contain_text("Edited by the client")
    async with house.db.transaction() as session:
        first, second = [await session.get(Delivery, (chat, seq)) for seq in said]
        first.state, second.state, second.external_id = "sent", "sent", "wamid.2"
        await delivery.note(session, "whatsapp", Receipt("wamid.2", "delivered"))
    await expect(thread).to_contain_text("Delivered")  # within a look, though nobody called
    async with house.db.transaction() as session:
        await delivery.note(session, "whatsapp", Receipt("wamid.2", "read"))
    await expect(thread).to_contain_text("Seen")
    async with house.db.transaction() as session:
        last = await log.say(session, chat, "agent", "আর কিছু?", "bn", name="Asha", agent=asha.id)
    async with house.db.transaction() as session:
        await delivery.give_up(session, chat, "blocked")
    await expect(page.locator(f"#e{last}")).to_contain_text("they have blocked us")
    await expect(page.locator(".profile")).to_contain_text("WhatsApp")
    assert await axe(page) == []
    await page.screenshot(path=screenshots / "desk-deliveries.png")
    await context.close()

"""A Spanish client and an English agent, through the running product and a real engine."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.languages.say import say
from tests.apertium.facade import facade
from tests.e2e.forked import ForkedProduct
from tests.e2e.product import DeskClient, Product
from tests.patience import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

QUESTION = "Hola, no encuentro mi pedido ND-482133. ¿Dónde está el paquete?"
ANSWER = "The parcel is in our warehouse. It arrives tomorrow. See https://nadi.example/track/77."


@pytest.fixture
async def bilingual(stocked: Path, tmp_path: Path) -> AsyncIterator[Product]:
    """The product with a translation service on loopback."""
    shutil.copytree(stocked, tmp_path / "data")
    async with facade() as service:
        product = ForkedProduct(tmp_path, SETU_TRANSLATE_URL=service.url)
        await asyncio.to_thread(product.start)
        yield product
        assert await asyncio.to_thread(product.stop) == 0


async def _messages(desk: DeskClient, chat: str) -> list[dict[str, Any]]:
    shown = await asyncio.to_thread(desk.get, f"/conversations/{chat}")
    messages: list[dict[str, Any]] = shown["messages"]
    return messages


async def _translated(desk: DeskClient, chat: str, text: str) -> dict[str, Any]:
    """The translation of a client's message, once it is there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for message in await _messages(desk, chat):
            if message["text"] == text and message["translations"]:
                found: dict[str, Any] = message["translations"][0]
                return found
        await asyncio.sleep(0.1)
    raise AssertionError(await _messages(desk, chat))


async def test_they_understand_each_other(
    bilingual: Product,
    browser: Browser,
    axe: Callable[[Page], Awaitable[list[str]]],
    screenshots: Path,
) -> None:
    desk = await asyncio.to_thread(bilingual.desk)
    context = await browser.new_context(locale="es-ES", viewport={"width": 420, "height": 800})
    page = await context.new_page()
    await page.goto(bilingual.url)
    await page.locator(".launcher").click()
    await page.get_by_role("button", name=say("widget.talk_to_person", "es")).click()
    await expect(page.locator(".header [role=status]")).to_have_text(say("widget.waiting", "es"))
    await page.get_by_role("textbox").last.fill(QUESTION)
    await page.keyboard.press("Enter")
    await expect(page.locator(".said.client .plain").last).to_have_text(QUESTION)

    [waiting] = (await asyncio.to_thread(desk.get, "/queue"))["waiting"]
    chat = waiting["conversation"]
    found = await _translated(desk, chat, QUESTION)
    assert (found["language"], found["by"], found["failure"]) == ("en", "LibreTranslate", None)
    assert "ND-482133" in found["text"] and "where" in found["text"].lower()

    await asyncio.to_thread(desk.claim, chat)
    seen = await asyncio.to_thread(lambda: desk.do("/translate", conversation=chat, text=ANSWER))
    assert seen["needed"] and (seen["source"], seen["language"]) == ("en", "es")
    assert "https://nadi.example/track/77" in seen["text"]
    carried = {key: seen[key] for key in ("source", "language", "text")}
    await asyncio.to_thread(
        lambda: desk.do(
            f"/conversations/{chat}/messages", id="m1", text=ANSWER, translation=carried
        )
    )
    said = page.locator(".said.agent")
    await expect(said.locator(".plain")).to_have_text(seen["text"])
    original = said.locator("details p")
    await expect(original).to_be_hidden()
    assert await axe(page) == []
    await said.locator("summary").click()
    await expect(original).to_have_text(ANSWER)
    assert await axe(page) == []
    await page.screenshot(path=screenshots / "widget-translated.png")

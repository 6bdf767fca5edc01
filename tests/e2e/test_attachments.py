"""A client in Bengali sends a photo, an agent sends a bill back: both in a real browser."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.languages.say import say
from tests.conversations.test_files import PDF_BYTES, picture
from tests.e2e.product import DeskClient, Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]


def _t(key: str, **values: object) -> str:
    return say(f"widget.{key}", "bn", **values)


async def test_pictures_and_papers_go_both_ways(
    product: Product, browser: Browser, axe: Any, screenshots: Path
) -> None:
    desk = product.desk()
    context = await browser.new_context(locale="bn-IN", viewport={"width": 900, "height": 860})
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(product.url)
    await page.get_by_role("button", name=_t("open")).click()
    box = page.get_by_label(_t("message"), exact=True)
    photo = {"name": "বাতি.png", "mimeType": "image/png", "buffer": picture("PNG", (600, 400))}
    paper = {"name": "note.txt", "mimeType": "application/pdf", "buffer": b"plain words"}
    picker = page.locator("input[type=file]")
    await picker.set_input_files([paper])
    await expect(page.get_by_role("alert").first).to_contain_text(say("error.file_type", "bn"))
    await picker.set_input_files([photo])
    attached = page.locator(".attached li")
    await expect(attached).to_have_count(1)
    await expect(attached.locator("progress")).to_have_count(0)
    assert await axe(page) == []
    await page.screenshot(path=screenshots / "widget-attached.png")
    await page.get_by_role("button", name=_t("remove_file", file="বাতি.png")).click()
    await expect(attached).to_have_count(0)
    await expect(box).to_be_focused()

    await picker.set_input_files([photo])
    await expect(attached.locator("progress")).to_have_count(0)
    await box.press("Enter")
    shown = page.locator(".said.client img")
    await expect(shown).to_have_js_property("naturalWidth", 600)
    await expect(page.locator(".said.bot").last).to_contain_text(say("channel.kept", "bn"))
    assert await axe(page) == []
    await page.screenshot(path=screenshots / "widget-picture.png")
    await page.locator(".choices button").last.click()

    waiting = page.locator(".header p[role=status]")
    await expect(waiting).to_have_text(_t("waiting"))
    chat = desk.get("/queue")["waiting"][0]["conversation"]
    desk.claim(chat)
    agent = await (
        await browser.new_context(locale="en-GB", viewport={"width": 1360, "height": 860})
    ).new_page()
    agent.on("pageerror", lambda error: faults.append(str(error)))
    await agent.goto(f"{product.url}/desk/login")
    await agent.get_by_label("E-mail").fill(DeskClient.EMAIL)
    await agent.get_by_label("Password").fill(DeskClient.PASSWORD)
    await agent.keyboard.press("Enter")
    await agent.wait_for_url(f"{product.url}/desk")
    await agent.goto(f"{product.url}/desk/c/{chat}")
    await expect(agent.locator("#thread .client img")).to_have_js_property("naturalWidth", 600)
    bill = {"name": "Bill 48213.pdf", "mimeType": "application/pdf", "buffer": PDF_BYTES}
    await agent.locator("#file").set_input_files([bill])
    await expect(agent.locator("#files progress")).to_have_count(0)
    await agent.get_by_label("Your message").fill("এই যে আপনার বিল।")
    assert await axe(agent) == []
    await agent.keyboard.press("Enter")
    await expect(agent.locator("#thread .agent .pdf")).to_contain_text("Bill 48213.pdf")
    await expect(agent.locator("#files li")).to_have_count(0)
    paper_of = page.get_by_role("button", name="Bill 48213.pdf")
    async with page.expect_download() as saved:
        await paper_of.click()
    assert (await saved.value).suggested_filename == "Bill 48213.pdf"
    # The client had it on their screen: the agent is told.
    await expect(agent.locator("#thread .delivery")).to_contain_text("Seen")
    assert await axe(agent) == []
    await agent.screenshot(path=screenshots / "desk-files.png")
    assert await axe(page) == []
    await page.screenshot(path=screenshots / "widget-paper.png")
    await page.reload()
    await page.get_by_role("button", name=_t("open")).click()
    await expect(shown).to_have_js_property("naturalWidth", 600)
    assert faults == []

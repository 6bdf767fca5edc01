"""Writing knowledge in a real browser: edit, publish, conflict, drafts, machines, history; axe."""

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.knowledge import articles
from tests.desk.browsing import Axe, check, signed_in
from tests.desk.knowledge.conftest import BASE

House = Any
PWNED = '<img src=x onerror="window.__pwned=1"><script>window.__pwned=1</script>'

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_author_s_day(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path, scheme: Any
) -> None:
    await house.agent("Asha", role="author")
    page, faults = await signed_in(
        browser, address, color_scheme=scheme, viewport={"width": 1440, "height": 900}
    )
    await page.get_by_role("link", name="Knowledge").click()
    await expect(page.locator(".articles > li")).to_have_count(4)
    await check(page, axe, screenshots, f"kb-list-{scheme}")
    await page.get_by_label("Language", exact=True).select_option("bn")
    await page.get_by_label("State").select_option("missing")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator(".named a")).to_have_text(["Opening hours"])
    await page.goto(f"{address}/desk/knowledge?status=stale")
    await page.get_by_role("link", name="বাংলা").click()

    # A translation beside its source, which has moved.
    await expect(page.locator(".source")).to_contain_text("30 days")
    await page.get_by_text("What changed in the source").click()
    await expect(page.locator(".stale-note ins")).to_contain_text("30 days")
    await expect(page.locator("#live")).to_contain_text("Live")
    await page.get_by_label("A client's question").fill("how can I send it back?")
    await expect(page.locator(".found > li").first).to_contain_text("This article")
    await page.get_by_label("Answer", exact=True).fill(
        f"**৩০ দিনের** মধ্যে ফেরত দেওয়া যায়।\n\n{PWNED}"
    )
    await expect(page.locator("#kb-preview strong").first).to_have_text("৩০ দিনের")
    await expect(page.locator("#kb-preview")).to_contain_text("<script>")
    await check(page, axe, screenshots, f"kb-beside-{scheme}")
    await page.get_by_label("It says the same as the source").check()
    await page.get_by_role("button", name="Publish changes").click()
    await expect(page.get_by_role("alert")).to_contain_text("Published")
    await expect(page.locator("#live")).to_contain_text("Live: clients get this now")
    await expect(page.locator(".stale-note")).to_have_count(0)
    found = house.knowledge.article("return-item", "bn")
    assert found is not None and found.body.startswith("**৩০ দিনের**")
    await check(page, axe, screenshots, f"kb-live-{scheme}")

    # Its history, and the way back.
    await page.get_by_role("link", name="All 2 versions").click()
    await page.get_by_role("link", name="Version 1", exact=True).click()
    await check(page, axe, screenshots, f"kb-history-{scheme}")
    await page.get_by_role("button", name="Restore version 1").click()
    await expect(page.get_by_label("Answer", exact=True)).to_have_value(BASE[1].body)
    await expect(page.locator(".stale-note")).to_have_count(1)

    # A new article: begun, written, kept over leaving the page, published.
    await page.get_by_role("link", name="All articles").click()
    await page.get_by_role("link", name="New article").click()
    await page.get_by_label("Title").fill("Do you ship to Nepal?")
    await check(page, axe, screenshots, f"kb-new-{scheme}")
    await page.get_by_role("button", name="Begin the draft").click()
    await page.wait_for_url("**/do-you-ship-to-nepal?locale=en")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("alert")).to_have_text(
        "Please write the answer before you publish it."
    )
    await check(page, axe, screenshots, f"kb-refused-{scheme}")
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await page.get_by_label("Answer", exact=True).fill("Yes, in 8 to 12 days.")
    await page.get_by_role("link", name="Knowledge").click()
    await page.go_back()
    await expect(page.get_by_label("Answer", exact=True)).to_have_value("Yes, in 8 to 12 days.")
    await expect(page.locator("#back-again")).to_be_visible()
    await page.get_by_label("Answer", exact=True).focus()
    await page.get_by_label("Title").press("Enter")  # must not press the first button, Publish
    await page.keyboard.press("Control+s")
    await expect(page.get_by_role("alert")).to_have_text("Saved.")
    await expect(page.locator("#live")).to_contain_text("Draft")
    await page.get_by_label("Answer", exact=True).focus()
    async with house.db.reading() as session:
        saved = await articles.entry(session, "do-you-ship-to-nepal", "en")
    assert saved.body == "Yes, in 8 to 12 days." and saved.state == "draft"
    assert await page.evaluate("window.__pwned") is None
    refusals = [fault for fault in faults if "422" in fault]
    assert len(refusals) == 1 and faults == refusals  # the browser notes what we asked for


async def test_two_authors_one_article(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="author")
    bina = await house.agent("Bina", role="author")
    page, _ = await signed_in(
        browser, address, color_scheme="light", viewport={"width": 1440, "height": 900}
    )
    await page.goto(f"{address}/desk/knowledge/opening-hours?locale=en")
    await page.get_by_label("Answer", exact=True).fill("Every day from 8 am to 9 pm.")
    async with house.db.transaction() as session:
        seen = await articles.entry(session, "opening-hours", "en")
        hers = dataclasses.replace(seen, body=f"Weekdays from 10 am.\n{PWNED}")
        await articles.write(session, hers, bina.id)
    await page.get_by_role("button", name="Publish changes").click()
    panel = page.locator("#conflict")
    await expect(panel).to_be_focused()
    await expect(panel).to_contain_text("Bina saved version 2")
    await expect(panel.locator("#their-body")).to_contain_text("Weekdays from 10 am.")
    await expect(page.get_by_label("Answer", exact=True)).to_have_value(
        "Every day from 8 am to 9 pm."
    )
    await check(page, axe, screenshots, "kb-conflict")
    await page.get_by_role("button", name="Go on with mine").click()
    await page.get_by_role("button", name="Publish changes").click()
    await expect(page.get_by_role("alert")).to_contain_text("Published")
    async with house.db.reading() as session:
        past = await articles.history(session, "opening-hours", "en")
    assert [e.body.split("\n")[0] for e in past] == [
        "Every day from 8 am to 9 pm.", "Weekdays from 10 am.", "Every day from 9 am to 9 pm.",
    ]  # fmt: skip
    assert await page.evaluate("window.__pwned") is None


async def test_a_draft_waits_beside_what_clients_get(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="author")
    page, faults = await signed_in(
        browser, address, color_scheme="light", viewport={"width": 1440, "height": 900}
    )
    await page.goto(f"{address}/desk/knowledge/opening-hours?locale=en")
    await expect(page.locator("#live")).to_contain_text("Live")
    await page.get_by_label("Answer", exact=True).fill("Every day from 8 am.")
    await page.keyboard.press("Control+s")
    await expect(page.get_by_role("alert")).to_contain_text("What clients get stays as it is")
    await expect(page.locator(".waiting-note")).to_contain_text("Saved by Asha")
    await page.get_by_text("What the draft changes").click()
    await expect(page.locator(".waiting-note ins")).to_contain_text("Every day from 8 am.")
    await expect(page.get_by_label("Answer", exact=True)).to_have_value("Every day from 8 am.")
    found = house.knowledge.article("opening-hours", "en")
    assert found is not None and found.body == "Every day from 9 am to 9 pm."
    await check(page, axe, screenshots, "kb-waiting")
    await page.goto(f"{address}/desk/knowledge?status=draft&locale=en")
    await expect(page.locator(".waiting")).to_have_text(["draft waiting"])
    await page.get_by_role("link", name="Opening hours").click()
    await page.get_by_role("button", name="Publish changes").click()
    await expect(page.get_by_role("alert")).to_contain_text("Published")
    await expect(page.locator("#live")).to_contain_text("Live: clients")
    found = house.knowledge.article("opening-hours", "en")
    assert found is not None and found.body == "Every day from 8 am."
    await expect(page.locator(".waiting-note")).to_have_count(0)
    # Discarded: what is live is back in the form.
    await page.get_by_label("Answer", exact=True).fill("Never.")
    await page.get_by_role("button", name="Save draft").click()
    await page.get_by_role("button", name="Discard the draft").click()
    await expect(page.get_by_role("alert")).to_have_text("The draft is discarded.")
    await expect(page.get_by_label("Answer", exact=True)).to_have_value("Every day from 8 am.")
    assert faults == []


async def test_a_machine_drafts_and_an_author_confirms(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="author")
    page, faults = await signed_in(
        browser, address, color_scheme="light", viewport={"width": 1440, "height": 900}
    )
    await page.goto(f"{address}/desk/knowledge/return-item?locale=es")
    await page.get_by_role("button", name="Draft by machine").click()
    await expect(page.get_by_role("alert")).to_contain_text("draft is here")
    await expect(page.locator(".waiting-note")).to_contain_text("Drafted by a machine")
    body = await page.get_by_label("Answer", exact=True).input_value()
    assert "**30 días**" in body and body.count("\n1. ") == 1  # apertium's own words
    await expect(page.locator("#kb-variants li").first).to_be_visible()
    await check(page, axe, screenshots, "kb-machine")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("alert")).to_contain_text("tick the box")
    await page.goto(f"{address}/desk/knowledge?status=machine")
    await expect(page.locator(".waiting")).to_have_text(["machine draft"])
    await check(page, axe, screenshots, "kb-machine-list")
    await page.get_by_role("link", name="machine draft").click()
    await page.get_by_label("Answer", exact=True).fill("Puede devolverlo en **30 días**.")
    await page.get_by_label("I have read the machine's text").check()
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("alert")).to_contain_text("Published")
    await expect(page.locator("#live")).to_contain_text("Live: clients")
    assert len([fault for fault in faults if "422" in fault]) == len(faults) == 1

"""Writing knowledge in a real browser: list, edit, publish, conflict, history, gaps; axe."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, expect

from bot.handoff.models import Agent
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.embed import embedder
from bot.knowledge.models import Vector
from bot.languages.translation.guarded import Guarded
from bot.languages.translation.libretranslate import LibreTranslate
from tests.apertium.facade import facade
from tests.desk.conftest import served

House = Any
Axe = Callable[[Page], Awaitable[list[str]]]
PASSWORD = "a long enough sentence"
PWNED = '<img src=x onerror="window.__pwned=1"><script>window.__pwned=1</script>'

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

BASE = (
    Entry("return-item", "en", "How to return an item",
          "You can return an item within **14 days**.\n\n1. Open *My orders*\n"
          "2. Press **Return**\n\nThe courier collects it from your door.",
          ("How do I send something back?", "I want to return my order"), ("returns",),
          "returns", source_locale="en"),
    Entry("return-item", "bn", "কোনো জিনিস কীভাবে ফেরত দেবেন",
          "**১৪ দিনের** মধ্যে ফেরত দেওয়া যায়। *আমার অর্ডার* খুলে **ফেরত** চাপুন।",
          ("এটা ফেরত দিতে চাই", "jinis ferot dite chai"), ("returns",), "returns",
          source_locale="en"),
    Entry("refund-time", "en", "When a refund arrives", "Cards take 5 to 7 working days.",
          ("Where is my money?", "refund not received"), ("money",), "refunds", source_locale="en"),
    Entry("refund-time", "bn", "টাকা ফেরত কবে আসে", "কার্ডে ৫ থেকে ৭ কর্মদিবস লাগে।",
          ("টাকা কবে পাব",), ("money",), "refunds", state="draft", source_locale="en"),
    Entry("opening-hours", "en", "Opening hours", "Every day from 9 am to 9 pm.",
          ("when are you open",), (), "contact", source_locale="en"),
    Entry("gift-wrap", "bn", "উপহার মোড়ানো", "হ্যাঁ, ৳৫০ দিলে উপহারের মতো করে মুড়ে দিই।",
          ("গিফট র‍্যাপ হয়?",), (), "orders", source_locale="bn"),
)  # fmt: skip


@pytest.fixture
async def translator() -> AsyncIterator[Guarded]:
    async with facade() as server:
        service = LibreTranslate(server.url)
        yield Guarded(service, deadline=60)
        await service.close()


@pytest.fixture
async def address(house: House, base: None) -> AsyncIterator[str]:
    async with served(house) as url:
        indexing = asyncio.create_task(house.indexing.run())
        yield url
        indexing.cancel()
    assert indexing.cancelled() or indexing.done()


async def _check(page: Page, axe: Axe, folder: Path, name: str) -> None:
    await page.screenshot(path=folder / f"desk-kb-{name}.png", full_page=True)
    assert await axe(page) == [], name
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"


@pytest.fixture(scope="session")
def background_vectors() -> list[dict[str, Any]]:
    """What the first indexing of an installation computes, once for all tests here."""
    model = embedder()
    return [
        {
            "embedder": model.name,
            "digest": passage.digest,
            "vector": model.embed([passage.text], passage.kind)[0].astype("<f4").tobytes(),
        }
        for passage in background()
    ]


@pytest.fixture(autouse=True)
async def base(house: House, background_vectors: list[dict[str, Any]]) -> None:
    """A small base: one translation behind its source, one draft, several missing."""
    async with house.db.transaction() as session:
        await session.execute(sa.insert(Vector), background_vectors)
    async with house.db.transaction() as session:
        await articles.write_many(session, BASE, "import")
    async with house.db.transaction() as session:
        source = await articles.entry(session, "return-item", "en")
        moved = source.body.replace("14 days", "30 days")
        await articles.write(session, dataclasses.replace(source, body=moved), "import")


async def _sign_in(page: Page, address: str, name: str = "asha") -> None:
    await page.goto(f"{address}/desk/login")
    await page.get_by_label("E-mail").fill(f"{name}@nadi.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{address}/desk")


async def _page(browser: Browser, address: str, **options: Any) -> tuple[Page, list[str]]:
    context = await browser.new_context(locale="en-GB", **options)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await _sign_in(page, address)
    return page, faults


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_author_s_day(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path, scheme: Any
) -> None:
    await house.agent("Asha", role="author")
    page, faults = await _page(
        browser, address, color_scheme=scheme, viewport={"width": 1440, "height": 900}
    )
    await page.get_by_role("link", name="Knowledge").click()
    await expect(page.locator(".articles > li")).to_have_count(4)
    await _check(page, axe, screenshots, f"list-{scheme}")
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
    await _check(page, axe, screenshots, f"beside-{scheme}")
    await page.get_by_label("It says the same as the source").check()
    await page.get_by_role("button", name="Publish changes").click()
    await expect(page.get_by_role("alert")).to_contain_text("Published")
    await expect(page.locator("#live")).to_contain_text("Live: clients get this now")
    await expect(page.locator(".stale-note")).to_have_count(0)
    found = house.knowledge.article("return-item", "bn")
    assert found is not None and found.body.startswith("**৩০ দিনের**")
    await _check(page, axe, screenshots, f"live-{scheme}")

    # Its history, and the way back.
    await page.get_by_role("link", name="All 2 versions").click()
    await page.get_by_role("link", name="Version 1", exact=True).click()
    await _check(page, axe, screenshots, f"history-{scheme}")
    await page.get_by_role("button", name="Restore version 1").click()
    await expect(page.get_by_label("Answer", exact=True)).to_have_value(BASE[1].body)
    await expect(page.locator(".stale-note")).to_have_count(1)

    # A new article: begun, written, kept over leaving the page, published.
    await page.get_by_role("link", name="All articles").click()
    await page.get_by_role("link", name="New article").click()
    await page.get_by_label("Title").fill("Do you ship to Nepal?")
    await _check(page, axe, screenshots, f"new-{scheme}")
    await page.get_by_role("button", name="Begin the draft").click()
    await page.wait_for_url("**/do-you-ship-to-nepal?locale=en")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("alert")).to_have_text(
        "Please write the answer before you publish it."
    )
    await _check(page, axe, screenshots, f"refused-{scheme}")
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
    page, _ = await _page(
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
    await _check(page, axe, screenshots, "conflict")
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
    page, faults = await _page(
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
    await _check(page, axe, screenshots, "waiting")
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
    page, faults = await _page(
        browser, address, color_scheme="light", viewport={"width": 1440, "height": 900}
    )
    await page.goto(f"{address}/desk/knowledge/return-item?locale=es")
    await page.get_by_role("button", name="Draft by machine").click()
    await expect(page.get_by_role("alert")).to_contain_text("draft is here")
    await expect(page.locator(".waiting-note")).to_contain_text("Drafted by a machine")
    body = await page.get_by_label("Answer", exact=True).input_value()
    assert "**30 días**" in body and body.count("\n1. ") == 1  # apertium's own words
    await expect(page.locator("#kb-variants li").first).to_be_visible(timeout=20_000)
    await _check(page, axe, screenshots, "machine")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("alert")).to_contain_text("tick the box")
    await page.goto(f"{address}/desk/knowledge?status=machine")
    await expect(page.locator(".waiting")).to_have_text(["machine draft"])
    await _check(page, axe, screenshots, "machine-list")
    await page.get_by_role("link", name="machine draft").click()
    await page.get_by_label("Answer", exact=True).fill("Puede devolverlo en **30 días**.")
    await page.get_by_label("I have read the machine's text").check()
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("alert")).to_contain_text("Published")
    await expect(page.locator("#live")).to_contain_text("Live: clients")
    assert len([fault for fault in faults if "422" in fault]) == len(faults) == 1


async def test_wordings_are_probed_while_they_are_typed(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="author")
    page, faults = await _page(
        browser, address, color_scheme="light", viewport={"width": 1440, "height": 900}
    )
    await page.goto(f"{address}/desk/knowledge/return-item?locale=en")
    await expect(page.locator("#live")).to_contain_text("Live")
    await page.get_by_label("How clients ask").fill(
        "how do I send an item back?\nwhere is my refund money?\nzebra quantum fjord"
    )
    lines = page.locator("#kb-variants li")
    await expect(lines).to_have_count(4)
    await expect(lines.nth(1)).to_contain_text("This article")
    await expect(lines.nth(2)).to_contain_text("Another article: When a refund arrives")
    await expect(lines.nth(3)).to_contain_text("No article answers it yet")
    await _check(page, axe, screenshots, "variants")
    async with house.db.reading() as session:
        assert (await articles.entry(session, "return-item", "en")).version == 2  # nothing saved
    assert faults == []


async def test_the_check_up_leads_to_each_fault(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="author")
    async with house.db.transaction() as session:
        hours = await articles.entry(session, "opening-hours", "en")
        body = f"From 9 am. See [the map](/map) for our consignment desk.{PWNED}"
        await articles.write(session, dataclasses.replace(hours, body=body), "t")
        await articles.write(
            session,
            Entry("opening-hours", "bn", "কখন খোলা", "সকাল ১০টা থেকে।", source_locale="en",
                  source_version=2, category="contact"),
            "t",
        )  # fmt: skip
    page, faults = await _page(
        browser, address, color_scheme="light", viewport={"width": 1440, "height": 900}
    )
    await page.goto(f"{address}/desk/knowledge/check")
    first = page.locator(".check-list section").first
    await expect(first).to_contain_text("Other figures than the source")
    await expect(first).to_contain_text("10 ≠ 9")
    await expect(page.locator(".check-list")).to_contain_text("/map")
    await expect(page.locator(".check-list")).to_contain_text("consignment → parcel")
    await _check(page, axe, screenshots, "check")
    await first.get_by_role("link", name="opening-hours").click()
    await expect(page.get_by_label("Title")).to_have_value("কখন খোলা")
    assert faults == [] and await page.evaluate("window.__pwned") is None


async def test_from_a_gap_to_a_draft(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="author")
    for text, language in [
        ("Do you have a shop in Pune that I can visit?", "en"),
        ("is there any store in pune", "en"),
        ("पुणे में आपकी दुकान कहाँ है?", "hi"),
        ("मेरा फोन नंबर 98765 43210 बदलना है", "hi"),
    ]:
        await house.unanswered(text, language)
    page, faults = await _page(
        browser, address, color_scheme="light", viewport={"width": 1440, "height": 900}
    )
    await page.goto(f"{address}/desk/knowledge/gaps")
    first = page.locator(".gap-list > li").first
    await expect(first).to_contain_text("3")
    await expect(page.locator(".gap-list")).not_to_contain_text("98765")
    await _check(page, axe, screenshots, "gaps")
    await first.get_by_role("button", name="Draft a new article").click()
    await page.wait_for_url("**/desk/knowledge/*?locale=en")
    await expect(page.get_by_label("How clients ask")).to_have_value(
        "is there any store in pune\nDo you have a shop in Pune that I can visit?"
    )
    await expect(page.locator(".locales")).to_contain_text("हिन्दी")
    await _check(page, axe, screenshots, "drafted")
    assert faults == []


async def test_on_a_narrow_screen(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="agent")
    await house.unanswered("Do you have a shop in Pune?", "en")
    page, _ = await _page(browser, address, viewport={"width": 320, "height": 640})
    await _check(page, axe, screenshots, "narrow-desk")
    await page.goto(f"{address}/desk/knowledge")
    await _check(page, axe, screenshots, "narrow-list")
    await page.goto(f"{address}/desk/knowledge/return-item?locale=bn")
    await expect(page.get_by_label("Answer", exact=True)).not_to_be_editable()
    await expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    await _check(page, axe, screenshots, "narrow-article")
    await page.goto(f"{address}/desk/knowledge/gaps")
    await expect(page.locator(".gap-list > li")).to_have_count(1)
    await _check(page, axe, screenshots, "narrow-gaps")
    await page.goto(f"{address}/desk/knowledge/check")
    await expect(page.locator(".check-list section").first).to_be_visible(timeout=30_000)
    await _check(page, axe, screenshots, "narrow-check")


@pytest.mark.parametrize("locale", ["bn", "hi"])
async def test_in_the_author_s_language(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path, locale: str
) -> None:
    author = await house.agent("Asha", role="author")
    async with house.db.transaction() as session:
        (await session.get(Agent, author.id)).locale = locale
    context = await browser.new_context(
        locale="en-GB", color_scheme="dark", viewport={"width": 1280, "height": 800}
    )
    page = await context.new_page()
    await _sign_in(page, address)
    await page.goto(f"{address}/desk/knowledge/return-item?locale=es")
    await page.locator("[data-kb-machine]").click()
    await expect(page.locator(".waiting-note")).to_be_visible(timeout=30_000)
    await expect(page.locator("#kb-variants li").first).to_be_visible(timeout=30_000)
    await _check(page, axe, screenshots, f"machine-{locale}")
    await page.goto(f"{address}/desk/knowledge/check")
    await expect(page.locator(".check-list section").first).to_be_visible(timeout=30_000)
    await _check(page, axe, screenshots, f"check-{locale}")

"""Client and agent side by side in a real browser, from the first question to the follow-up."""

import asyncio
import contextlib
import dataclasses
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.languages.formats import number
from bot.languages.say import say
from tests.e2e.product import Product
from tests.patience import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

Axe = Callable[[Page], Awaitable[list[str]]]
EMAIL, PASSWORD, AGENT = "asha@nadi.example", "a sentence nobody would guess", "আশা"


@dataclasses.dataclass(frozen=True)
class Words:
    """What the two people write. `score` is typed; None: they press the button."""

    question: str
    waits: str
    hello: str
    more: str
    solved: str
    score: str | None
    comment: str


WORDS = {
    "bn": Words(
        question="কেনা জিনিস কীভাবে ফেরত দেব?",
        waits="জামাটা দুবার বদলেছি, আর নয়",
        hello="নমস্কার, আপনার রিটার্নটা দেখছি।",
        more="অর্ডার নম্বর ৪৮২১৩",
        solved="কাল সকালে কুরিয়ার এসে নিয়ে যাবে।",
        score="২",
        comment="উত্তর পেতে অনেক দেরি হয়েছে",
    ),
    "en": Words(
        question="How can I return something I bought?",
        waits="I have exchanged this shirt twice already",
        hello="Hello, I'm looking at your return.",
        more="The order number is 48213",
        solved="The courier will collect it tomorrow morning.",
        score=None,
        comment="It took far too long to get an answer",
    ),
}


@pytest.fixture
async def people(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Opens a browser for one more person; a script that fails in it fails the test."""
    faults: list[str] = []

    async def come(locale: str, width: int) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": 900},
            locale=locale,
            timezone_id="Asia/Kolkata",
            reduced_motion="reduce",
        )
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield come
    assert faults == []


async def sit_down(page: Page, product: Product, locale: str) -> None:
    """Sign in at the desk; the first time, by the link that `setu serve` printed.

    An account keeps the language it was made in: whoever comes back in another chooses that.
    """
    await page.goto(product.welcome)
    if await page.locator("[name=code]").count():
        await page.locator("[name=name]").fill(AGENT)
        await page.locator("[name=email]").fill(EMAIL)
        await page.locator("[name=password]").fill(PASSWORD)
        for tag in WORDS:
            await page.locator(f"[name=languages][value={tag}]").check()
        await page.locator("form button").click()
        await page.wait_for_url("**/desk")
        await page.goto(product.welcome)
        await expect(page.locator("[name=code]")).to_have_count(0)  # it works once
    else:
        await page.goto(f"{product.url}/desk/login")
        await page.locator("[name=email]").fill(EMAIL)
        await page.locator("[name=password]").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/desk")
    await page.goto(f"{product.url}/desk")
    if await page.evaluate("document.documentElement.lang") != locale:
        await page.locator(".me summary", has_text=AGENT).click()
        await page.locator("#desk-locale").select_option(locale)
    await expect(page.locator("html")).to_have_attribute("lang", locale)


def said(page: Page, author: str) -> Locator:
    """What the widget shows of an author, oldest first."""
    return page.locator(f".entry .said.{author}:not(.pending)")


async def write(page: Page, text: str) -> None:
    """Type into the widget or the desk, and press Enter."""
    await page.get_by_role("textbox").last.fill(text)
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("locale", sorted(WORDS))
async def test_from_the_question_to_the_follow_up(
    product: Product,
    people: Callable[..., Awaitable[Page]],
    axe: Axe,
    screenshots: Path,
    locale: str,
) -> None:
    words = WORDS[locale]

    def ui(key: str, **values: object) -> str:
        return say(key, locale, None, **values)

    agent = await people(locale, 1360)
    await sit_down(agent, product, locale)
    client = await people(locale, 560)
    await client.goto(f"{product.url}/?lang={locale}")
    await client.locator(".launcher").click()

    # The assistant answers, and one "no" after the other leads to a person.
    await write(client, words.question)
    await expect(client.locator(".bubble.article")).to_have_count(1)
    await client.get_by_role("button", name=ui("engine.button.no"), exact=True).click()
    yes = client.get_by_role("button", name=ui("engine.button.person_yes"), exact=True)
    another = client.get_by_role("button", name=ui("engine.button.none_of_these"), exact=True)
    await expect(yes.or_(another)).to_be_visible()
    if await another.is_visible():
        await another.click()
    await yes.click()
    await expect(client.get_by_role("status").first).to_have_text(ui("widget.waiting"))
    await expect(said(client, "bot").last).to_contain_text(ui("handoff.next"))
    await write(client, words.waits)

    # The agent, who never reloads, sees who waits and takes it.
    row = agent.locator(".rows .row").first
    await expect(row).to_contain_text(words.waits)
    await row.click()
    await agent.get_by_role("button", name=ui("desk.claim")).click()
    thread = agent.locator("#thread")
    await expect(thread).to_contain_text(words.question)
    await expect(agent.locator("#composer")).to_be_visible()
    await expect(said(client, "system").last).to_contain_text(AGENT)
    await expect(client.get_by_role("status").first).to_contain_text(AGENT)

    # Both ways, live.
    await write(agent, words.hello)
    await expect(said(client, "agent").last).to_contain_text(words.hello)
    await write(client, words.more)
    await expect(thread.locator(".client").last).to_contain_text(words.more)
    seen = asyncio.create_task(expect(agent.locator("#typing")).to_be_visible())
    while not seen.done():  # a few seconds after each notice it fades
        await client.get_by_role("textbox").press_sequentially("…")
        await asyncio.wait([seen], timeout=1)
    await seen
    await client.get_by_role("textbox").fill("")
    await write(agent, words.solved)
    await expect(said(client, "agent").last).to_contain_text(words.solved)
    for page, name in ((client, "client"), (agent, "agent")):
        assert await axe(page) == [], name
        await page.screenshot(path=screenshots / f"whole-path-{locale}-{name}.png")

    # Done: a rating, a low one, with words.
    await agent.locator("#resolve").click()
    await agent.locator("#wrap-done").click()
    rating = client.get_by_role("group", name=ui("widget.rating"))
    await expect(rating.get_by_role("button")).to_have_count(5)
    assert number(2, locale) in await rating.get_by_role("button").nth(1).inner_text()
    if words.score is None:
        await rating.get_by_role("button").nth(1).click()
    else:
        await write(client, words.score)
    await expect(said(client, "bot").last).to_contain_text(ui("csat.ask_better"))
    await expect(said(client, "bot").last).to_contain_text(AGENT)
    await write(client, words.comment)
    await expect(said(client, "bot").last).to_have_text(
        re.compile(re.escape(ui("csat.comment_thanks")))
    )

    # It is on the desk, in the conversation and among what is owed.
    low = ui("desk.rated", score=2, label=ui("csat.label_2"))
    await expect(thread).to_contain_text(low)
    await expect(thread).to_contain_text(words.comment)
    await agent.goto(f"{product.url}/desk/follow-ups")
    owed = agent.locator(".card").filter(has_text=words.comment)
    await expect(owed).to_have_count(1)
    assert await axe(agent) == []
    await agent.screenshot(path=screenshots / f"whole-path-{locale}-follow-ups.png")
    await owed.get_by_role("link").click()
    await expect(thread).to_contain_text(words.comment)

    await _same_everywhere(product, client, agent)


async def _same_everywhere(product: Product, client: Page, agent: Page) -> None:
    """The log has every message once, in order; widget and desk show just these."""
    conversation = agent.url.partition("/c/")[2][:32]
    rows = _log(product, conversation)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    ids = [(row["author"], row["message_id"]) for row in rows if row["message_id"]]
    assert len(ids) == len(set(ids))
    understood = [row["payload"]["message"] for row in rows if row["kind"] == "understood"]
    assert understood == sorted(set(understood))

    written = [row for row in rows if row["kind"] == "message"]
    shown = client.locator(".entry .said:not(.pending)")
    await expect(shown).to_have_count(len(written))
    for index, row in enumerate(written):
        await expect(shown.nth(index)).to_have_class(f"said {row['author']}")
        if row["author"] != "bot":  # the assistant's are Markdown
            await expect(shown.nth(index)).to_contain_text(row["payload"]["text"])
    lines = agent.locator("#thread > .message, #thread > .event")
    at_desk = [int((await line.get_attribute("id") or "")[1:]) for line in await lines.all()]
    assert [row["seq"] for row in written if row["seq"] not in at_desk] == []
    assert at_desk == sorted(at_desk)


def _log(product: Product, conversation: str) -> list[dict[str, Any]]:
    database = product.output.parent / "data" / "setu.db"
    with contextlib.closing(sqlite3.connect(database, timeout=PATIENCE)) as connection:
        found = connection.execute(
            "SELECT seq, kind, author, message_id, payload FROM event "
            "WHERE conversation_id = ? ORDER BY seq",
            (conversation,),
        ).fetchall()
    names = ("seq", "kind", "author", "message_id", "payload")
    return [dict(zip(names, (*row[:4], json.loads(row[4])), strict=True)) for row in found]

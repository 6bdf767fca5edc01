"""T6 in a real browser: from a message's acceptance until Chromium has painted it, 500 waiting.

One agent has a conversation open beside the queue. Each time the client of that conversation
writes, and so does one who waits: the first text must come into the thread, the second into its
row of the list. The page notes the frame after the one in which the text was there, by the same
clock as the sender's.
"""

import asyncio
import os
import shutil
import time
import uuid
from collections.abc import Callable
from typing import Any

import aiohttp
from playwright.async_api import Page, async_playwright

from benchmarks.desk import agent_of, post, wanting_a_person
from benchmarks.messages import LANGUAGES
from benchmarks.product import Product
from benchmarks.server import FOLDER, Failed
from benchmarks.summary import Row, Target, percentile
from bot.conversations import identities, interactions, log
from bot.db import Database
from bot.handoff import queue

ROUNDS = 3
WAITING = 500
WRITING = 50
"""Of those who wait, the first, whom the page shows: they write through the client's door."""
MESSAGES = 25  # each round
_REACH = Target(200.0, of="ours")
_WAIT_SECONDS = 30.0
_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage"]
_PAINTED = """([selector, text]) => new Promise((done) => {
  const look = () => {
    for (const found of document.querySelectorAll(selector))
      if (found.textContent.includes(text)) {
        watch.disconnect();
        const now = () => done(performance.timeOrigin + performance.now());
        requestAnimationFrame(() => setTimeout(now));
        return;
      }
  };
  const watch = new MutationObserver(look);
  watch.observe(document.body, { subtree: true, childList: true, characterData: true });
  look();
})"""


class ScreenProduct(Product):
    """`setu serve` on a database that holds this measure's conversations only."""

    name = "setu-desk-screen"
    data = FOLDER / "desk-screen"


async def measure(http: aiohttp.ClientSession, step: Callable[[], None]) -> list[Row]:
    """p50 and p95 of both, a value a round.

    Raises:
        Failed: Chromium is not here.
    """
    chromium = os.environ.get("SETU_TEST_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise Failed("Chromium is not here: scripts/test-tools installs it.")
    shutil.rmtree(ScreenProduct.data, ignore_errors=True)
    product = ScreenProduct()
    try:
        product.spawn()
        await product.ready(http)
        headers, cookies = await agent_of(product.data)
        chats = await wanting_a_person(product, http, WRITING + 1)
        await _behind_them(WAITING - WRITING)
        jar = aiohttp.CookieJar(unsafe=True)  # of an IP address
        async with (
            aiohttp.ClientSession(headers=headers, cookies=cookies, cookie_jar=jar) as desk,
            desk.post(f"{product.url}/api/desk/queue/next") as taken,
        ):
            taken.raise_for_status()
            mine = (await taken.json())["conversation"]
        step()
        async with async_playwright() as playwright:
            running = await playwright.chromium.launch(executable_path=chromium, args=_OPTIONS)
            context = await running.new_context(locale="en-GB")
            await context.add_cookies(
                [{"name": name, "value": value, "url": product.url}
                 for name, value in cookies.items()]
            )  # fmt: skip
            page = await context.new_page()
            await page.goto(f"{product.url}/desk/c/{mine}")
            listed = await page.evaluate(
                "Array.from(document.querySelectorAll('.rows > li'), (row) => row.id.slice(4))"
            )
            rounds = []
            for _ in range(ROUNDS):
                rounds.append([
                    await _one(http, page, chats, mine, listed[number % len(listed)])
                    for number in range(MESSAGES)
                ])  # fmt: skip
                step()
            await running.close()
    finally:
        product.stop()
    return [
        Row("T6", f"{what}, {WAITING} waiting, {name}", "ms", values, (), target)
        for which, what in enumerate(("client → painted in Chromium", "… in its row of the queue"))
        for name, share, target in (("p50", 0.5, None), ("p95", 0.95, None if which else _REACH))
        for values in [
            [percentile([pair[which] for pair in taken], share) for taken in rounds]
        ]
    ]  # fmt: skip


async def _behind_them(number: int) -> None:
    """More who wait, written straight into the database: a turn for each takes minutes."""
    db = Database(f"sqlite+aiosqlite:///{ScreenProduct.data / 'setu.db'}")
    for nth in range(number):
        locale = LANGUAGES[nth % len(LANGUAGES)]
        async with db.transaction() as session:
            who = await identities.identity(session, "widget", uuid.uuid4().hex)
            chat, _ = await identities.open_conversation(session, who, locale=locale, belief={})
            text = f"I wait with question {nth}"
            seq = await log.say(
                session, chat.id, "client", text, locale, message_id=uuid.uuid4().hex
            )
            chat.client_seq = seq
            await interactions.ensure_open(session, chat.id, seq, chat.owner)
            await queue.open_handoff(session, chat.id, "asked")
    await db.dispose()


async def _one(
    http: aiohttp.ClientSession,
    page: Page,
    chats: dict[str, tuple[str, dict[str, str]]],
    mine: str,
    other: str,
) -> tuple[float, float]:
    """Milliseconds until a message was painted in the thread, and another one in its row."""
    here, there = f"Here {uuid.uuid4().hex[:8]}", f"There {uuid.uuid4().hex[:8]}"
    painted = [
        asyncio.create_task(page.evaluate(_PAINTED, ["#thread", here])),
        asyncio.create_task(page.evaluate(_PAINTED, [f"#row-{other}", there])),
    ]
    await asyncio.sleep(0.2)  # both watch, and what is left of the message before has come in

    async def say(chat: str, text: str) -> float:
        await post(http, *chats[chat], text=text)
        return time.time() * 1000

    sent = await asyncio.gather(say(mine, here), say(other, there))
    seen: list[Any] = await asyncio.wait_for(asyncio.gather(*painted), _WAIT_SECONDS)
    await asyncio.sleep(0.2)
    return seen[0] - sent[0], seen[1] - sent[1]

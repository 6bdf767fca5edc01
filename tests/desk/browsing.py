"""The desk in a real browser: signing in, and what every picture of a page is held to."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.desk.conftest import PASSWORD

Axe = Callable[[Page], Awaitable[list[str]]]


async def sign_in(page: Page, address: str, name: str = "asha") -> None:
    await page.goto(f"{address}/desk/login")
    await page.get_by_label("E-mail").fill(f"{name}@nadi.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{address}/desk")


async def signed_in(browser: Browser, address: str, **options: Any) -> tuple[Page, list[str]]:
    """Asha's page at the desk, and what went wrong in its scripts so far."""
    context = await browser.new_context(locale="en-GB", **options)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await sign_in(page, address)
    return page, faults


async def check(page: Page, axe: Axe, folder: Path, name: str) -> None:
    """A picture, no faults by axe, and nothing that scrolls sideways."""
    await page.screenshot(path=folder / f"desk-{name}.png", full_page=True)
    assert await axe(page) == [], name
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"

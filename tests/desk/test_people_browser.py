"""Accounts in a real browser: invited by link, changed, recovered, signed out; no axe faults."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

House = Any
Axe = Callable[[Page], Awaitable[list[str]]]
PASSWORD = "a long enough sentence"
OTHER = "another long enough sentence"

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def _enter(page: Page, address: str, name: str, password: str = PASSWORD) -> None:
    await page.goto(f"{address}/desk/login")
    await page.get_by_label("E-mail").fill(f"{name.lower()}@nadi.example")
    await page.get_by_label("Password", exact=True).fill(password)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{address}/desk")


async def test_from_invitation_to_a_new_password(
    house: House, address: str, browser: Browser, axe: Axe, screenshots: Path
) -> None:
    await house.agent("Asha", role="admin", languages={"en": 3, "bn": 2}, skills=["payments"])
    page = await (
        await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    ).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    async def look(name: str) -> None:
        assert await axe(page) == [], name
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} scrolls sideways by {wide} px"
        await page.screenshot(path=screenshots / f"people-{name}.png", full_page=True)

    await _enter(page, address, "Asha")
    await page.get_by_role("link", name="People").click()
    await page.get_by_label("E-mail").fill("bina@nadi.example")
    await page.get_by_label("Role").select_option("supervisor")
    await page.get_by_label("Returns").check()
    await page.get_by_label("বাংলা").select_option("3")
    await look("everybody")
    await page.get_by_role("button", name="Make the link").click()
    dialog = page.get_by_role("dialog", name="Link, shown this once")
    await expect(dialog).to_contain_text("No e-mail was sent to bina@nadi.example")
    link = await dialog.get_by_role("textbox").input_value()
    await look("link")
    await dialog.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("button", name="Withdraw bina@nadi.example")).to_be_visible()

    theirs = await (await browser.new_context(locale="en-GB")).new_page()
    await theirs.goto(link.replace(link.partition("/desk")[0], address))
    await expect(theirs.get_by_text("Your role: Supervisor")).to_be_visible()
    await expect(theirs.get_by_label("E-mail")).to_have_value("bina@nadi.example")
    await theirs.get_by_label("Name").fill("Bina")
    await theirs.get_by_label("Password").fill(PASSWORD)
    assert await axe(theirs) == []
    await theirs.get_by_role("button", name="Create the account").click()
    await theirs.wait_for_url(f"{address}/desk")

    await page.reload()
    await page.get_by_role("link", name="Bina").click()
    await page.get_by_label("Chats at once").fill("7")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await look("person")
    await page.get_by_role("button", name="Make a link to a new password").click()
    link = await dialog.get_by_role("textbox").input_value()
    await dialog.get_by_role("button", name="Close").click()

    await theirs.goto(link.replace(link.partition("/desk")[0], address))
    await theirs.get_by_label("New password").fill(OTHER)
    assert await axe(theirs) == []
    await theirs.get_by_role("button", name="Save the password").click()
    await theirs.wait_for_url(f"{address}/desk")

    second = await (await browser.new_context(locale="en-GB")).new_page()
    await _enter(second, address, "Bina", OTHER)
    await second.goto("about:blank")  # else the page itself may leave while it is told to
    await theirs.goto(f"{address}/desk/account")
    await theirs.get_by_role("button", name="Sign out there").click()
    await expect(theirs.get_by_role("button", name="Sign out there")).to_have_count(0)
    await second.goto(f"{address}/desk")
    await second.wait_for_url(f"{address}/desk/login")
    await theirs.get_by_label("Present password").fill("nothing right")
    await theirs.get_by_role("textbox", name="New password").fill(PASSWORD)
    await theirs.get_by_role("button", name="Save the password").click()
    await expect(theirs.get_by_role("alert")).to_have_text("The present password is not right.")
    await theirs.get_by_label("Present password").fill(OTHER)
    await theirs.get_by_role("button", name="Save the password").click()
    await expect(theirs.get_by_role("status").filter(has_text="signed out")).to_be_visible()
    assert await axe(theirs) == []
    await theirs.screenshot(path=screenshots / "people-account.png", full_page=True)
    await theirs.goto(f"{address}/desk/people")
    await expect(theirs.get_by_role("heading", name="Only for admins")).to_be_visible()

    await page.get_by_role("button", name="Disable the account").click()
    await expect(page.get_by_role("button", name="Enable again")).to_be_visible()
    await look("disabled")
    await page.get_by_role("link", name="What they read and did").click()
    await expect(page.get_by_role("cell", name="Chose a new password by link")).to_be_visible()
    await look("audit")
    assert faults == []

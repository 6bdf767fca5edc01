"""The list: only what changed is sent, and the page that gets it is as whole as before."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.handoff import queue
from tests.desk.browsing import sign_in

House = Any
PART = "/desk/parts/queue"


def _marks(html: str) -> dict[str, str]:
    return dict(re.findall(r'id="row-(\w+)" data-mark="([\w-]+)"', html))


def _same(html: str) -> set[str]:
    return set(re.findall(r'id="row-(\w+)" data-same', html))


def _header(html: str) -> dict[str, str]:
    version = re.findall(r'data-version="([\w-]+)"', html)[0]
    return {"Setu-Rows": ",".join([version, *_marks(html).values()])}


async def _three(house: House) -> list[str]:
    chats = [await house.chat(f"Question {n}") for n in range(3)]
    for chat in chats:
        await house.hand_off(chat)
    return chats


async def test_a_page_gets_the_rows_that_changed_and_no_others(house: House, sign_in: Any) -> None:
    browser = await sign_in("Asha", languages={"en": 3})
    chats = await _three(house)
    first = (await browser.get(PART)).text
    assert set(_marks(first)) == set(chats)
    nothing = await browser.get(PART, headers=_header(first))
    assert (nothing.status_code, nothing.content) == (204, b"")
    await house.client_says(chats[1], "Still there?")
    again = await browser.get(PART, headers=_header(first))
    assert set(_marks(again.text)) == {chats[1]}
    assert _same(again.text) == {chats[0], chats[2]}
    assert "Still there?" in again.text
    assert "Question 0" not in again.text


async def test_the_order_comes_whole_when_somebody_leaves_the_queue(
    house: House, sign_in: Any
) -> None:
    browser = await sign_in("Asha", languages={"en": 3})
    chats = await _three(house)
    first = (await browser.get(PART)).text
    bina = await house.agent("Bina")
    async with house.db.transaction() as session:
        standing = await queue.open_of(session, chats[0])
        assert standing is not None
        await queue.claim(session, standing.id, bina.id)
    again = (await browser.get(PART, headers=_header(first))).text
    assert re.findall(r'id="row-(\w+)"', again) == chats[1:]


async def test_what_one_agent_has_is_nothing_to_another(house: House, sign_in: Any) -> None:
    asha = await sign_in("Asha", languages={"en": 3})
    bina = await sign_in("Bina", languages={"bn": 3})
    await _three(house)
    hers = _header((await asha.get(PART)).text)
    theirs = (await bina.get(PART, headers={**hers, "Accept-Language": "bn"})).text
    assert not _same(theirs)
    assert len(_marks(theirs)) == 3


@pytest.mark.parametrize("header", ["", ",,,", "x" * 5000, "ж,ж"])
async def test_any_header_is_answered(house: House, sign_in: Any, header: str) -> None:
    browser = await sign_in("Asha", languages={"en": 3})
    await _three(house)
    answer = await browser.get(PART, headers={"Setu-Rows": header.encode()})
    assert answer.status_code == 200
    assert len(_marks(answer.text)) == 3


@pytest.mark.e2e
@pytest.mark.slow
async def test_rows_change_come_and_go_under_a_reader_s_focus(
    house: House, address: str, browser: Browser
) -> None:
    await house.agent("Asha", languages={"en": 3})
    bina = await house.agent("Bina", languages={"en": 3})
    chats = await _three(house)
    page = await (await browser.new_context(locale="en-GB")).new_page()
    await sign_in(page, address)
    rows = page.locator(".rows > li")
    await expect(rows).to_have_count(3)
    await page.locator(f"#row-{chats[1]} a").focus()
    await page.evaluate(
        "(id) => { document.querySelector(`#row-${id} .last`).dataset.kept = 'yes'; }", chats[2]
    )

    await house.client_says(chats[1], "Still there?")
    await expect(page.locator(f"#row-{chats[1]} .last")).to_have_text("Still there?")
    await expect(page.locator(f"#row-{chats[1]} a")).to_be_focused()
    await expect(page.locator(f"#row-{chats[1]} .new")).to_have_text("2 new")

    async with house.db.transaction() as session:
        standing = await queue.open_of(session, chats[0])
        assert standing is not None
        await queue.claim(session, standing.id, bina.id)
    later = await house.chat("One more")
    await house.hand_off(later)
    await expect(page.locator(f"#row-{later}")).to_be_visible()
    await expect(page.locator(f"#row-{chats[0]}")).to_have_count(0)
    order = await rows.evaluate_all("(all) => all.map((row) => row.id)")
    assert order == [f"row-{chat}" for chat in (chats[1], chats[2], later)]
    await expect(page.locator(f"#row-{chats[1]} a")).to_be_focused()
    assert await page.locator(f"#row-{chats[2]} .last").get_attribute("data-kept") == "yes"
    await expect(page.locator("[data-same]")).to_have_count(0)
    # Nobody waits any more, and somebody again: the list goes and comes.
    async with house.db.transaction() as session:
        for chat in (chats[1], chats[2], later):
            standing = await queue.open_of(session, chat)
            assert standing is not None
            await queue.claim(session, standing.id, bina.id)
    house.wake.call("desk")
    await expect(rows).to_have_count(0)
    await house.hand_off(await house.chat("And again"))
    await expect(rows).to_have_count(1)
    await expect(page.locator(".rows .last")).to_have_text("And again")

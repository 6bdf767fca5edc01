"""Addresses of the desk that lead nowhere: a page for people, what it was for everything else."""

from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from bot.handoff import agents
from bot.languages.say import say

House = Any

OPENED = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
"""What a browser sends where a person opens an address."""
NOBODYS = "0" * 32


async def _open(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    return await client.get(path, headers={**OPENED, **headers})


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/desk/nothing", 404, "nowhere"),
        ("/desk/kb/none", 404, "nowhere"),
        ("/desk/parts/nothing", 404, "nowhere"),
        ("/desk/static/none.js", 404, "nowhere"),
        ("/desk/c/none", 404, "nowhere"),
        (f"/desk/replies/{NOBODYS}", 404, "nowhere"),
        (f"/desk/attachments/{NOBODYS}", 404, "nowhere"),
        ("/desk/reports?days=many", 422, "unreadable"),
        (f"/desk/reports?agent={NOBODYS}", 403, "closed"),
        ("/desk/parts/knowledge/preview", 405, "closed"),
    ],
)
@pytest.mark.parametrize("locale", ["en", "bn", "mr", "ml", "hi"])
async def test_a_page_in_the_agents_language_says_so(
    sign_in: Any, path: str, status: int, heading: str, locale: str
) -> None:
    asha = await sign_in("Asha")
    await asha.patch("/api/desk/me", json={"locale": locale})
    page = await _open(asha, path, **{"Accept-Language": "de"})
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert f'<html lang="{locale}"' in page.text and "Asha" in page.text
    told = say(f"desk.lost.{heading}", locale).replace("'", "&#39;")
    assert f"<h1>{told}</h1>" in page.text
    assert 'href="/desk"' in page.text and say("desk.back", locale) in page.text


async def test_what_cannot_be_read_is_listed_in_the_agents_words(sign_in: Any) -> None:
    asha = await sign_in("Asha", role="supervisor")
    page = await _open(asha, "/desk?tab=theirs&rows=%3Cb%3E")
    assert "<li>tab must be one of waiting, mine, all</li>" in page.text
    assert "<li>rows must be a whole number</li>" in page.text
    assert "<b>" not in page.text
    unknown = await _open(asha, "/desk/reports?agent=x")
    assert "<li>agent is not known here</li>" in unknown.text and "API" not in unknown.text


async def test_why_a_page_stays_closed_is_said(sign_in: Any) -> None:
    asha = await sign_in("Asha")
    page = await _open(asha, f"/desk/reports?agent={NOBODYS}")
    assert say("error.not_allowed", "en").replace("'", "&#39;") in page.text
    taken = await _open(asha, "/desk/parts/knowledge/preview")
    assert taken.headers["allow"] == "POST"


async def test_whoever_is_not_signed_in_learns_nothing_but_where_to(
    house: House, visitor: httpx.AsyncClient, sign_in: Any
) -> None:
    await sign_in("Asha")
    chat = await house.chat("Where is my order?")
    for cookie in ({}, {"setu_desk": "nobody's"}):
        visitor.cookies.update(cookie)
        pages = [
            await _open(visitor, path, **{"Accept-Language": "hi"})
            for path in ("/desk/nothing", f"/desk/parts/nothing/{chat}", f"/desk/c/{chat[:9]}")
        ]
        assert {page.status_code for page in pages} == {404}
        assert len({page.text for page in pages}) == 1, "the same whatever was asked for"
        text = pages[0].text
        assert say("desk.lost.nowhere", "hi") in text and 'href="/desk/login"' in text
        assert "Asha" not in text and "csrf" not in text and "data-live" not in text
    # What is there and what is not are one to them.
    there, none = [await _open(visitor, f"/desk/c/{one}") for one in (chat, NOBODYS)]
    assert (there.status_code, there.headers["location"]) == (303, "/desk/login")
    assert (none.status_code, none.headers["location"]) == (303, "/desk/login")
    ended = await _open(visitor, f"/desk/attachments/{NOBODYS}")
    assert ended.status_code == 401 and say("error.signed_out", "en") in ended.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept": "application/json"},
        {"Accept": "text/html", "HX-Request": "true"},
        {**OPENED, "Sec-Fetch-Dest": "empty"},
        {**OPENED, "Sec-Fetch-Dest": "image"},
    ],
)
async def test_parts_and_programs_get_what_they_got(sign_in: Any, headers: dict[str, str]) -> None:
    asha = await sign_in("Asha")
    nothing = await asha.get("/desk/nothing", headers=headers)
    assert (nothing.status_code, nothing.text) == (404, "Not Found")
    unreadable = await asha.get("/desk/c/none", headers=headers)
    assert (unreadable.status_code, unreadable.json()["error"]["fields"]) == (422, ["chat"])
    gone = await asha.get(f"/desk/replies/{NOBODYS}", headers=headers)
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "not_found")


async def test_the_api_and_what_only_looks_like_the_desk_have_no_pages(sign_in: Any) -> None:
    asha = await sign_in("Asha")
    for path, status in (("/api/desk/nothing", 404), ("/api/desk/reports?days=0", 422)):
        answer = await _open(asha, path)
        assert (answer.status_code, "error" in answer.json()) == (status, True)
    assert (await _open(asha, "/desks")).text == "Not Found"
    sent = await asha.post("/desk/nothing", headers=OPENED)
    assert (sent.status_code, sent.text) == (404, "Not Found")


@pytest.mark.e2e
async def test_the_way_back_is_one_step(house: House, address: str, browser: Browser) -> None:
    bina = await house.agent("Bina")
    context = await browser.new_context(locale="en")
    page: Page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    await page.goto(f"{address}/desk/nothing")
    await page.get_by_role("link", name="Sign in").click()
    await page.wait_for_url(f"{address}/desk/login")
    async with house.db.transaction() as session:
        opened = await agents.sign_in(session, await session.get(agents.Agent, bina.id))
    await context.add_cookies([{"name": "setu_desk", "value": opened.token, "url": address}])
    answer = await page.goto(f"{address}/desk/nothing")
    assert answer is not None and answer.status == 404
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    await page.get_by_role("link", name="Back to the queue").click()
    await page.wait_for_url(f"{address}/desk")
    # Chromium tells of the status itself, and of nothing that the page would have tried in vain.
    assert all("404" in line for line in wrong), wrong

"""Translation at the desk: both texts shown, seen before it goes, the original kept, marked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from bot.channels.widget.views import look
from bot.handoff import agents
from bot.languages.translation.translator import Translated
from tests.desk.conftest import served

House = Any
SPANISH = "Hola, ¿dónde está mi pedido ND-482133?"


class Phrases:
    """Translates by adding the language; stands in for a service where the desk is looked at."""

    name = "Phrases"
    broken = False

    async def translate(
        self, texts: Sequence[str], source: str, target: str, *, keep: Collection[str] = ()
    ) -> list[Translated]:
        if self.broken:
            return [Translated(text, source, failure="unreachable") for text in texts]
        return [Translated(f"«{target}» {text}", target, self.name) for text in texts]


@pytest.fixture
def translator() -> Phrases:
    return Phrases()


async def _held(house: House, agent: httpx.AsyncClient, locale: str = "es") -> str:
    """A conversation that the agent holds, with one message of the client's."""
    chat = await house.chat(SPANISH, locale, name="Rosa Díaz")
    handoff = await house.hand_off(chat)
    assert (await agent.post(f"/api/desk/handoffs/{handoff}/claim")).status_code == 200
    return str(chat)


async def _preview(agent: httpx.AsyncClient, chat: str, text: str) -> httpx.Response:
    return await agent.post("/api/desk/translate", json={"conversation": chat, "text": text})


async def test_an_agent_reads_both_and_who_translated(house: House, sign_in: Any) -> None:
    asha = await sign_in("Asha", languages={"en": 3})
    chat = await _held(house, asha)
    await house.bridge.work(chat)
    shown = (await asha.get(f"/api/desk/conversations/{chat}")).json()
    message = next(one for one in shown["messages"] if one["author"] == "client")
    assert message["text"] == SPANISH
    assert message["translations"] == [
        {"language": "en", "text": f"«en» {SPANISH}", "by": "Phrases", "failure": None}
    ]
    page = (await asha.get(f"/desk/c/{chat}")).text
    assert SPANISH in page and f"«en» {SPANISH}" in page and "Translated by Phrases" in page


async def test_who_speaks_the_language_sees_one_text(house: House, sign_in: Any) -> None:
    asha, bina = (
        await sign_in("Asha", languages={"en": 3}),
        await sign_in("Bina", languages={"es": 3}),
    )
    chat = await _held(house, asha)
    await house.bridge.work(chat)
    assert "Translated by" not in (await bina.get(f"/desk/c/{chat}")).text


async def test_what_could_not_be_translated_is_marked(
    house: House, sign_in: Any, translator: Phrases
) -> None:
    asha = await sign_in("Asha", languages={"en": 3})
    chat = await _held(house, asha)
    translator.broken = True
    await house.bridge.work(chat)
    page = (await asha.get(f"/desk/c/{chat}")).text
    assert SPANISH in page and "Could not be translated" in page


async def test_seen_before_it_goes_and_sent_with_the_original(house: House, sign_in: Any) -> None:
    asha = await sign_in("Asha", languages={"en": 3})
    chat = await _held(house, asha)
    text = "Your parcel leaves the warehouse tomorrow."
    seen = (await _preview(asha, chat, text)).json()
    assert seen == {
        "needed": True, "source": "en", "language": "es", "text": f"«es» {text}",
        "by": "Phrases", "failure": None,
    }  # fmt: skip
    url = f"/api/desk/conversations/{chat}/messages"
    carried = {key: seen[key] for key in ("source", "language", "text")}
    message = {"id": "m1", "text": text, "translation": carried}
    first, again = [await asha.post(url, json=message) for _ in range(2)]
    assert first.status_code == 202 and first.json() == again.json()
    other = await asha.post(url, json={**message, "text": "something else"})
    assert other.status_code == 409
    async with house.db.reading() as session:
        view = await look(session, chat, 0, None)
    assert view is not None
    got = view.messages[-1]
    assert (got.text, got.language, got.untranslated) == (f"«es» {text}", "es", False)
    assert got.original is not None and (got.original.text, got.original.language) == (text, "en")
    page = (await asha.get(f"/desk/c/{chat}")).text
    assert "Written in English · Translated by Phrases" in page


async def test_when_translation_fails_the_original_goes_marked(
    house: House, sign_in: Any, translator: Phrases
) -> None:
    asha = await sign_in("Asha", languages={"en": 3})
    chat = await _held(house, asha)
    translator.broken = True
    text = "Your parcel leaves the warehouse tomorrow."
    seen = (await _preview(asha, chat, text)).json()
    assert (seen["needed"], seen["text"], seen["failure"]) == (True, None, "unreachable")
    sent = await asha.post(
        f"/api/desk/conversations/{chat}/messages",
        json={"id": "m1", "text": text, "translation": {"source": "en", "language": "es"}},
    )
    assert sent.status_code == 202
    async with house.db.reading() as session:
        view = await look(session, chat, 0, None)
    assert view is not None
    got = view.messages[-1]
    assert (got.text, got.language, got.original, got.untranslated) == (text, "en", None, True)
    assert "Sent without a translation" in (await asha.get(f"/desk/c/{chat}")).text


async def test_only_the_holder_and_only_what_exists(
    house: House, sign_in: Any, visitor: httpx.AsyncClient
) -> None:
    asha, bina = await sign_in("Asha"), await sign_in("Bina")
    chat = await _held(house, asha)
    assert (await _preview(bina, chat, "Hello")).status_code == 403
    assert (await _preview(asha, "0" * 32, "Hello")).status_code == 404
    assert (await _preview(asha, "nonsense", "Hello")).status_code == 422
    assert (await _preview(asha, chat, "x" * 5000)).status_code == 422
    assert (await _preview(asha, chat, "a\0b\ud800".encode("utf-8", "replace").decode())).json()
    assert (await _preview(visitor, chat, "Hello")).status_code == 401
    asha.headers["X-CSRF-Token"] = "x"
    assert (await _preview(asha, chat, "Hello")).status_code == 403


class TestOff:
    """Nothing is set up: nothing is offered, nothing is taken."""

    @pytest.fixture
    def translator(self) -> None:
        return None

    async def test_nothing_is_offered(self, house: House, sign_in: Any) -> None:
        asha = await sign_in("Asha", languages={"en": 3})
        chat = await _held(house, asha)
        assert "data-translate" not in (await asha.get(f"/desk/c/{chat}")).text
        assert (await _preview(asha, chat, "Hello")).status_code == 422
        refused = await asha.post(
            f"/api/desk/conversations/{chat}/messages",
            json={
                "id": "m1", "text": "Hello",
                "translation": {"source": "en", "language": "es", "text": "Hola"},
            },
        )  # fmt: skip
        assert refused.status_code == 422
        assert refused.json()["error"]["code"] == "no_translation"


@pytest.fixture
async def address(house: House) -> AsyncIterator[str]:
    async with served(house) as url:
        working = asyncio.create_task(house.bridge.run())
        yield url
        working.cancel()
    await asyncio.gather(working, return_exceptions=True)


@pytest.mark.e2e
@pytest.mark.slow
async def test_in_a_browser(
    house: House,
    address: str,
    browser: Browser,
    translator: Phrases,
    axe: Callable[[Page], Awaitable[list[str]]],
    screenshots: Path,
) -> None:
    agent = await house.agent("Asha", languages={"en": 3})
    async with house.db.transaction() as session:
        signed = await agents.sign_in(session, agent)
    chat = await house.chat(SPANISH, "es", name="Rosa Díaz")
    await house.hand_off(chat)
    context = await browser.new_context(locale="en-GB", viewport={"width": 1360, "height": 860})
    await context.add_cookies([{"name": "setu_desk", "value": signed.token, "url": address}])
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(f"{address}/desk/c/{chat}")
    await page.get_by_role("button", name="Take this chat").click()
    await expect(page.locator("#thread .client .translated .text")).to_have_text(f"«en» {SPANISH}")

    box = page.get_by_label("Your message")
    await box.fill("Your parcel leaves tomorrow, Rosa.")
    await box.press("Enter")
    shown = page.locator("#preview-text")
    await expect(shown).to_have_text("«es» Your parcel leaves tomorrow, Rosa.")
    await expect(page.locator("#preview-about")).to_contain_text("Spanish, translated by Phrases")
    assert await axe(page) == []
    await page.screenshot(path=screenshots / "desk-translation-preview.png")

    await box.press("Escape")
    await expect(shown).to_be_hidden()
    await expect(page.locator("#thread .agent")).to_have_count(0)
    await box.press("Enter")
    await expect(shown).to_be_visible()
    await box.press("Enter")
    await expect(page.locator("#thread .agent > .text")).to_have_text(
        "«es» Your parcel leaves tomorrow, Rosa."
    )
    await expect(page.locator("#thread .agent .translated .text")).to_have_text(
        "Your parcel leaves tomorrow, Rosa."
    )
    await expect(box).to_have_value("")
    await expect(shown).to_be_hidden()

    await box.fill("Su paquete sale mañana por la mañana.")
    await box.press("Enter")
    await expect(page.locator("#thread .agent")).to_have_count(2)

    translator.broken = True
    await box.fill("We are sorry that it took so long.")
    await box.press("Enter")
    await expect(page.locator("#preview-about")).to_contain_text("could not be translated")
    assert await axe(page) == []
    await page.get_by_role("button", name="Send as written").click()
    await expect(page.get_by_text("Sent without a translation")).to_be_visible()
    await house.client_says(chat, "Muchas gracias por su ayuda, señora", "es")
    await expect(page.locator("#thread .client p.translated")).to_have_text(
        "Could not be translated"
    )
    assert await axe(page) == []
    await page.screenshot(path=screenshots / "desk-translated.png")
    for width in (900, 320):
        await page.set_viewport_size({"width": width, "height": 700})
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert await axe(page) == []
    assert faults == []

"""A code for another chat, over the client API."""

import sqlalchemy as sa
from fastapi import FastAPI

from bot.conversations.models import Identity
from tests.channels.widget.conftest import Open, code_of


async def test_an_address_is_one_whatever_the_case_of_its_letters(
    open_conversation: Open, app: FastAPI
) -> None:
    mine = await open_conversation()
    for address in ("Rina@Example.COM", "rina@example.com", "RINA@EXAMPLE.COM"):
        body = {"channel": "email", "address": address}
        answer = await mine.call("POST", "/link", json=body)
        assert (answer.status_code, answer.json()["code"]) == (200, None)
    async with app.state.db.reading() as session:
        rows = await session.execute(sa.select(Identity.address).where(Identity.channel == "email"))
        assert list(rows.scalars()) == ["rina@example.com"]


async def test_a_code_to_write_elsewhere_or_a_word_why_not(open_conversation: Open) -> None:
    mine = await open_conversation()
    answer = await mine.call("POST", "/link", json={})
    assert answer.json()["code"].startswith("link-") and answer.json()["minutes"] == 10
    off = {"channel": "whatsapp", "address": "+91 98765 43210"}
    assert code_of(await mine.call("POST", "/link", json=off)) == "not_found"
    wrong = {"channel": "whatsapp", "address": "rina"}
    assert code_of(await mine.call("POST", "/link", json=wrong)) == "invalid"


async def test_the_widget_knows_what_a_code_can_be_sent_over(open_conversation: Open) -> None:
    mine = await open_conversation()
    found = (await mine.http.get("/api/widget/config?locale=bn")).json()
    assert found["link"] == ["email"]
    assert "{code}" in found["strings"]["link_shown"]

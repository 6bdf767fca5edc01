"""The end of a chat: proposed, changed, credited; and what the next one sees of it."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.conversations.models import Interaction
from bot.feedback.models import FollowUp, Rating
from bot.handoff import office
from bot.knowledge.models import Article
from tests.desk.conftest import House, SignIn


async def _held(house: House, agent: Any, chat: str) -> str:
    handoff = await house.hand_off(chat)
    assert (await agent.post(f"/api/desk/handoffs/{handoff}/claim")).status_code == 200
    return handoff


async def _write(agent: Any, chat: str, number: int, text: str = "Hello") -> None:
    body = {"id": f"m{number}", "text": text}
    answer = await agent.post(f"/api/desk/conversations/{chat}/messages", json=body)
    assert answer.status_code == 202


async def _one(house: House, table: Any) -> Any:
    async with house.db.reading() as session:
        return (await session.execute(sa.select(table))).scalars().one()


async def test_an_agent_says_how_it_ended(house: House, sign_in: SignIn) -> None:
    asha, chat = await sign_in("Asha"), await house.chat()
    handoff = await _held(house, asha, chat)
    body = {"resolution": "promised", "topic": "refunds", "promise": "Call the courier"}
    assert (await asha.post(f"/api/desk/handoffs/{handoff}/resolve", json=body)).status_code == 200
    ended = await _one(house, Interaction)
    assert (ended.resolution, ended.topics, ended.outcome) == (
        "promised",
        ["refunds"],
        "handed_off",
    )
    owed = await _one(house, FollowUp)
    assert (owed.kind, owed.note) == ("promise", "Call the courier")

    later = {"resolution": "solved", "topic": ""}
    changed = await asha.patch(f"/api/desk/interactions/{ended.id}", json=later)
    assert changed.status_code == 200
    ended = await _one(house, Interaction)
    assert (ended.resolution, ended.topics) == ("solved", ["refunds"])
    page = (await asha.get(f"/desk/c/{chat}?tab=all")).text
    assert "Call the courier" in page and "Solved" in page
    wrong = await asha.patch(f"/api/desk/interactions/{ended.id}", json={"resolution": "won"})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("articles", "topics", "topic"),
    [(["return-item"], [], "returns"), (["return-item"], ["payment"], "payment"), ([], [], "")],
)
async def test_the_topic_is_proposed(
    house: House, sign_in: SignIn, articles: list[str], topics: list[str], topic: str
) -> None:
    asha, chat = await sign_in("Asha"), await house.chat()
    async with house.db.transaction() as session:
        session.add(Article(id="return-item", source_locale="en", category="returns"))
        interaction = (await session.execute(sa.select(Interaction))).scalars().one()
        interaction.articles, interaction.topics = articles, ["complaint", *topics]
    await _held(house, asha, chat)
    page = (await asha.get(f"/desk/c/{chat}")).text
    assert f'name="topic" list="wrap-topics" maxlength="60" value="{topic}"' in page
    assert '<option value="solved" selected>' in page and '<option value="returns">' in page


async def test_the_rating_is_for_who_did_the_work(house: House, sign_in: SignIn) -> None:
    asha, ravi = await sign_in("Asha"), await sign_in("Ravi")
    chat = await house.chat()
    handoff = await _held(house, asha, chat)
    for number in range(3):
        await _write(asha, chat, number)
    ravis = (await ravi.get("/api/desk/me")).json()
    to = {"to": ravis.get("agent", ravis)["id"]}
    assert (await asha.post(f"/api/desk/handoffs/{handoff}/transfer", json=to)).status_code == 200
    await _write(ravi, chat, 9)
    assert (await ravi.post(f"/api/desk/handoffs/{handoff}/resolve")).status_code == 200
    assert (await _one(house, Rating)).agent_name == "Asha"


async def test_no_rating_is_asked_for_where_that_is_off(house: House, sign_in: SignIn) -> None:
    asha, chat = await sign_in("Asha"), await house.chat()
    async with house.db.transaction() as session:
        await office.change(session, {"csat": False}, None)
    handoff = await _held(house, asha, chat)
    assert (await asha.post(f"/api/desk/handoffs/{handoff}/resolve")).status_code == 200
    async with house.db.reading() as session:
        assert (await session.execute(sa.select(Rating))).first() is None


async def test_whoever_comes_next_sees_who_was_there(house: House, sign_in: SignIn) -> None:
    asha, ravi = await sign_in("Asha"), await sign_in("Ravi")
    chat = await house.chat()
    handoff = await _held(house, asha, chat)
    body = {"resolution": "unsolved", "topic": "refunds"}
    await asha.post(f"/api/desk/handoffs/{handoff}/resolve", json=body)
    await house.client_says(chat, "It is still broken")
    await _held(house, ravi, chat)
    page = (await ravi.get(f"/desk/c/{chat}")).text
    told = page[page.index("Last time") :]
    assert told.index("Asha") < told.index("Not solved") < told.index("refunds")

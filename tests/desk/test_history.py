"""What a conversation's history calls the articles that were shown in it."""

from typing import Any

import pytest

from bot.conversations import interactions, log
from bot.db import now
from bot.desk.history import titles
from bot.knowledge.models import Article, Body

House = Any

NAMES = {
    "en": "My order is late", "bn": "অর্ডার আসতে দেরি হচ্ছে", "mr": "ऑर्डरला उशीर झाला",
    "de": "Meine Bestellung ist spät dran",
}  # fmt: skip


async def _article(house: House, source: str, **states: str) -> None:
    async with house.db.transaction() as session:
        session.add(Article(id="late", category="delivery", source_locale=source))
        await session.flush()
        for locale, state in states.items():
            session.add(
                Body(
                    article="late", locale=locale, title=NAMES[locale], body="Three days.",
                    questions=[], tags=[], state=state, version=1, source_version=1,
                    updated_at=now(), updated_by="",
                )
            )  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
@pytest.mark.parametrize(
    ("source", "there", "named"),
    [
        ("en", {"en": "published", "mr": "published", "bn": "published"}, "bn"),
        ("en", {"en": "published", "mr": "published", "bn": "draft"}, "mr"),
        ("en", {"de": "published", "en": "published"}, "en"),
        ("de", {"de": "published", "en": "published"}, "de"),
        ("de", {"en": "published"}, "en"),
        ("en", {"en": "archived", "bn": "archived"}, "bn"),
    ],
)
async def test_an_article_has_the_readers_title_else_the_chats_else_its_sources(
    house: House, source: str, there: dict[str, str], named: str
) -> None:
    chat = await house.chat("माझी ऑर्डर कुठे आहे?", "mr-IN")
    await _article(house, source, **there)
    async with house.db.reading() as session:
        assert await titles(session, {"late", "none"}, "bn", chat) == {"late": NAMES[named]}


async def test_a_bengali_agent_reads_the_titles_in_bengali(house: House, sign_in: Any) -> None:
    bina = await sign_in("Bina")
    await bina.patch("/api/desk/me", json={"locale": "bn"})
    chat = await house.chat("Where is my order?")
    await _article(house, "en", en="published", bn="published")
    async with house.db.transaction() as session:
        shown = {"article": "late", "locale": "en", "confidence": 0.9}
        await log.append(session, chat, "article_shown", shown)
        interactions.note(await interactions.open_of(session, chat), "articles", "late")
    for page in (f"/desk/c/{chat}?tab=all", f"/desk/parts/earlier/{chat}?before=100"):
        text = (await bina.get(page)).text
        assert NAMES["bn"] in text and NAMES["en"] not in text, page

"""A small base at the desk, which is written and searched while a browser looks at it."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.embed import embedder
from bot.knowledge.models import Vector
from bot.languages.translation.guarded import Guarded
from bot.languages.translation.libretranslate import LibreTranslate
from tests.apertium.facade import facade
from tests.desk.conftest import served

House = Any

BASE = (
    Entry("return-item", "en", "How to return an item",
          "You can return an item within **14 days**.\n\n1. Open *My orders*\n"
          "2. Press **Return**\n\nThe courier collects it from your door.",
          ("How do I send something back?", "I want to return my order"), ("returns",),
          "returns", source_locale="en"),
    Entry("return-item", "bn", "কোনো জিনিস কীভাবে ফেরত দেবেন",
          "**১৪ দিনের** মধ্যে ফেরত দেওয়া যায়। *আমার অর্ডার* খুলে **ফেরত** চাপুন।",
          ("এটা ফেরত দিতে চাই", "jinis ferot dite chai"), ("returns",), "returns",
          source_locale="en"),
    Entry("refund-time", "en", "When a refund arrives", "Cards take 5 to 7 working days.",
          ("Where is my money?", "refund not received"), ("money",), "refunds", source_locale="en"),
    Entry("refund-time", "bn", "টাকা ফেরত কবে আসে", "কার্ডে ৫ থেকে ৭ কর্মদিবস লাগে।",
          ("টাকা কবে পাব",), ("money",), "refunds", state="draft", source_locale="en"),
    Entry("opening-hours", "en", "Opening hours", "Every day from 9 am to 9 pm.",
          ("when are you open",), (), "contact", source_locale="en"),
    Entry("gift-wrap", "bn", "উপহার মোড়ানো", "হ্যাঁ, ৳৫০ দিলে উপহারের মতো করে মুড়ে দিই।",
          ("গিফট র‍্যাপ হয়?",), (), "orders", source_locale="bn"),
)  # fmt: skip


@pytest.fixture
async def translator() -> AsyncIterator[Guarded]:
    async with facade() as server:
        service = LibreTranslate(server.url)
        yield Guarded(service, deadline=60)
        await service.close()


@pytest.fixture
async def address(house: House, base: None) -> AsyncIterator[str]:
    async with served(house) as url:
        indexing = asyncio.create_task(house.indexing.run())
        yield url
        indexing.cancel()
    assert indexing.cancelled() or indexing.done()


@pytest.fixture(scope="session")
def background_vectors() -> list[dict[str, Any]]:
    """What the first indexing of an installation computes, once for all tests here."""
    model = embedder()
    return [
        {
            "embedder": model.name,
            "digest": passage.digest,
            "vector": model.embed([passage.text], passage.kind)[0].astype("<f4").tobytes(),
        }
        for passage in background()
    ]


@pytest.fixture(autouse=True)
async def base(house: House, background_vectors: list[dict[str, Any]]) -> None:
    """A small base: one translation behind its source, one draft, several missing."""
    async with house.db.transaction() as session:
        await session.execute(sa.insert(Vector), background_vectors)
    async with house.db.transaction() as session:
        await articles.write_many(session, BASE, "import")
    async with house.db.transaction() as session:
        source = await articles.entry(session, "return-item", "en")
        moved = source.body.replace("14 days", "30 days")
        await articles.write(session, dataclasses.replace(source, body=moved), "import")

"""A fresh database, and an embedder that needs no model: alike letters, alike vectors."""

import dataclasses
import zlib
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.e5 import WIDTH
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.knowledge.clean import clean
from bot.knowledge.embed import Floats, Kind


class Letters:
    """Counts hashed character trigrams: deterministic, fast, and near for alike texts."""

    name = "letters"
    dimensions = 256

    def __init__(self) -> None:
        self.computed = 0

    def embed(self, texts: Sequence[str], kind: Kind) -> Floats:
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, map(clean, texts), strict=True):
            self.computed += 1
            row[:] = _trigrams(text.lower(), self.dimensions)
        return rows

    def words(self, text: str) -> Floats:
        self.computed += 1
        found = [_trigrams(word, WIDTH) for word in clean(text).lower().split()]
        return np.stack(found) if found else np.zeros((0, WIDTH), np.float32)


def _trigrams(text: str, width: int) -> Floats:
    row = np.zeros(width, np.float32)
    padded = f" {text} "
    for n in range(len(padded) - 2):
        row[zlib.crc32(padded[n : n + 3].encode()) % width] += 1
    return row / max(float(np.linalg.norm(row)), 1e-6)


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture(params=["sqlite", "postgres"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    database = Database(request.getfixturevalue(f"{request.param}_tables"))
    yield database
    await database.dispose()


SHOP = (
    Entry("track", "en", "Track an order", "Open My orders and press Track.",
          ("where is my order", "track my parcel"), source_locale="en"),
    Entry("refund", "en", "Refund times", "Cards take five days.",
          ("when do I get my money back", "refund still not here"), source_locale="en"),
    Entry("cancel", "en", "Cancel an order", "Free until it is sent.",
          ("how do I cancel", "stop my order please"), source_locale="en"),
    Entry("hours", "en", "Opening hours", "Every day from 9 am to 9 pm.",
          ("when are you open",), source_locale="en"),
    Entry("track", "hi", "ऑर्डर कहाँ है", "मेरे ऑर्डर में ट्रैक दबाइए।",
          ("मेरा पार्सल कहाँ पहुँचा",), source_locale="en"),
    Entry("warranty", "hi", "वारंटी", "एक साल की वारंटी है।", ("वारंटी कितने दिन की है",),
          source_locale="hi"),
)  # fmt: skip


@pytest.fixture
def shop() -> tuple[Entry, ...]:
    """A small base: five articles, one in two locales, one in Hindi only."""
    return SHOP


async def set_state(session: AsyncSession, article: str, locale: str, state: str, by: str) -> None:
    """Publish, archive or withdraw (`draft`) one body, as an author does."""
    current = await articles.entry(session, article, locale)
    await articles.write(session, dataclasses.replace(current, state=state, updated=None), by)

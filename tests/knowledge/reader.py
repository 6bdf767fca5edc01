"""Another process that serves the knowledge base; tests/knowledge/test_indexing.py starts it.

`python -m tests.knowledge.reader URL TEXT ARTICLE` prints "ready", and then the body of ARTICLE as
soon as TEXT finds it.
"""

import asyncio
import sys

from bot.app import follow_knowledge
from bot.db import Database
from bot.knowledge.base import Knowledge
from tests.knowledge.conftest import Letters


async def read(url: str, text: str, article: str) -> None:
    """Serve the base as the product does, and look each 10 ms."""
    db, knowledge = Database(url), Knowledge(Letters())
    try:
        await knowledge.load(db)
        print("ready", flush=True)
        following = asyncio.create_task(follow_knowledge(knowledge, db))
        while True:
            results = knowledge.search(text, "en").results
            if results and results[0].article == article and text in results[0].title:
                print(results[0].body, flush=True)
                break
            await asyncio.sleep(0.01)
        following.cancel()
    finally:
        await db.dispose()


if __name__ == "__main__":
    asyncio.run(read(*sys.argv[1:]))

"""The shared fixtures give what they promise."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page
from sqlalchemy.ext.asyncio import create_async_engine

AXE = Path(__file__).parents[1] / "e2e" / "axe"


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_database_url_leads_to_an_empty_database(
    kind: str, request: pytest.FixtureRequest
) -> None:
    engine = create_async_engine(request.getfixturevalue(f"{kind}_url"))
    async with engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE only_here (word TEXT)"))
        await connection.execute(sa.text("INSERT INTO only_here VALUES ('নদী')"))
        words = (await connection.execute(sa.text("SELECT word FROM only_here"))).scalars().all()
    await engine.dispose()
    assert words == ["নদী"]


async def test_two_tests_never_share_a_postgres_database(postgres_url: str) -> None:
    engine = create_async_engine(postgres_url)
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    await engine.dispose()
    assert tables == []


@pytest.mark.e2e
async def test_axe_finds_a_fault_inside_a_shadow_root(
    browser: Browser, axe: Callable[[Page], Awaitable[list[str]]]
) -> None:
    page = await browser.new_page()
    await page.set_content(
        "<html lang=en><title>t</title><main><h1>h</h1><div id=host></div></main></html>"
    )
    assert await axe(page) == []
    await page.evaluate(
        "document.querySelector('#host').attachShadow({mode: 'open'})"
        ".innerHTML = '<button></button>'"
    )
    assert [fault.split()[0] for fault in await axe(page)] == ["button-name"]


def test_axe_is_the_file_its_readme_names() -> None:
    said = re.search(r"^([0-9a-f]{64})  axe\.min\.js$", (AXE / "README.md").read_text(), re.M)
    assert said
    assert hashlib.sha256((AXE / "axe.min.js").read_bytes()).hexdigest() == said[1]

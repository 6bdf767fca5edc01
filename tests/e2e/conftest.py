"""The real product for a module's tests, with the sample base in it from the first moment on;
and the sample shop with its chat window in a browser.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.product import ROOT, Product
from tests.e2e.shop import Server, Visit


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the sample base; copy it.

    Embedding the articles takes half a minute, so parallel workers share it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "stocked"
    with (shared / "stocked.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = shared / "stocking"
            making.mkdir()
            done = subprocess.run(
                [sys.executable, "-m", "bot.cli", "kb", "import", "data/knowledge"],
                cwd=ROOT,
                env={**os.environ, "SETU_DATA_DIR": str(making)},
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
            making.rename(folder)
    return folder


@pytest.fixture(scope="module")
def product(stocked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One running `setu serve` for all tests of a module."""
    folder = tmp_path_factory.mktemp("product")
    shutil.copytree(stocked, folder / "data")
    product = Product(folder)
    product.start()
    yield product
    assert product.stop() == 0
    assert "Exception in ASGI" not in product.output.read_text()


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Another site: its origin, and the folder of its pages."""
    folder = tmp_path_factory.mktemp("elsewhere")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}", folder
        site.shutdown()


@pytest.fixture(scope="module")
def server(
    elsewhere: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("widget") / "setu.db", elsewhere[0])
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def visit(browser: Browser, server: Server) -> AsyncIterator[Visit]:
    """Opens the sample shop as a new person; fails the test when a script fails."""
    faults: list[str] = []

    async def go(lang: str = "en", width: int = 1100, height: int = 800, **options: Any) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            locale=lang,
            timezone_id="Asia/Kolkata",
            reduced_motion="reduce",
            **options,
        )
        page = await tab(context)
        await page.goto(f"{server.url}/?lang={lang}")
        await expect(page.locator(".launcher")).to_be_visible()
        return page

    async def tab(context: BrowserContext) -> Page:
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield go
    assert faults == []

"""The sample shop's server, and what a visitor does in its chat window."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Locator, Page, expect

from tests.e2e.product import ROOT
from tests.patience import PATIENCE, Port

Visit = Callable[..., Awaitable[Page]]


class Server:
    """The widget's server in a process of its own, which can go and come back."""

    def __init__(self, database: Path, origin: str) -> None:
        self._origin = origin
        self._reserved = Port()
        self.port = self._reserved.number
        self.url = f"http://127.0.0.1:{self.port}"
        self._database = f"sqlite+aiosqlite:///{database}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        module = "tests.channels.widget.shop_app"
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, self._database, str(self.port)],
            cwd=ROOT,
            env={**os.environ, "SETU_WIDGET_ORIGINS": self._origin},
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/widget.js").is_success:
                    return
            time.sleep(0.05)
        raise AssertionError("the widget's server did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)


def said(page: Page, author: str) -> Locator:
    """The messages of an author, oldest first."""
    return page.locator(f".entry .said.{author}:not(.pending)")


async def open_chat(page: Page) -> None:
    await page.locator(".launcher").click()
    await expect(page.get_by_role("textbox")).to_be_focused()


async def send(page: Page, text: str) -> None:
    await page.get_by_role("textbox").fill(text)
    await page.keyboard.press("Enter")


async def log_of(page: Page, server: Server) -> list[dict[str, Any]]:
    """What the server's log has of the page's conversation, over the client API."""
    kept = await page.evaluate("() => JSON.parse(Object.values(localStorage)[0])")
    answer = await page.request.get(
        f"{server.url}/api/conversations/{kept['conversation']}/messages",
        headers={"Authorization": f"Bearer {kept['token']}"},
    )
    messages: list[dict[str, Any]] = (await answer.json())["messages"]
    return messages

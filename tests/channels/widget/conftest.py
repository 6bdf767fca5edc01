"""An application around the client API, and a client of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.db import new_id
from bot.settings import Settings
from tests.channels.widget.shop_app import SECRET, build

Open = Callable[..., Awaitable["Client"]]


@dataclass
class Client:
    """One conversation, as its client holds it."""

    http: httpx.AsyncClient
    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def call(self, method: str, path: str = "", **options: Any) -> httpx.Response:
        url = f"/api/conversations/{self.id}{path}"
        return await self.http.request(method, url, **{"headers": self.headers, **options})

    async def send(self, text: str, id: str | None = None) -> httpx.Response:
        return await self.call("POST", "/messages", json={"id": id or new_id(), "text": text})

    async def press(self, payload: str) -> httpx.Response:
        return await self.call("POST", "/messages", json={"id": new_id(), "payload": payload})

    async def history(self, after: int = 0) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.call("GET", f"/messages?after={after}")).json()
        return answer


@pytest.fixture
def settings(sqlite_tables: str) -> Settings:
    """Settings as a shop would have them."""
    return Settings(
        _env_file=None,
        database_url=sqlite_tables,
        widget_secret=SECRET,
        widget_origins=("https://shop.example",),
        messages_per_minute=50,
        conversations_per_minute=50,
    )


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application, started."""
    app = build(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client that gets a 500 as the real server would answer it."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://setu") as client:
        yield client


@pytest.fixture
def open_conversation(http: httpx.AsyncClient) -> Open:
    """Opens a conversation; takes the fields of the request."""

    async def start(**fields: Any) -> Client:
        answer = await http.post("/api/conversations", json=fields)
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        return Client(http, opened["conversation"], opened["token"])

    return start


def code_of(answer: httpx.Response) -> str:
    """The error's code, after a check that the refusal has the shape it always has."""
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert isinstance(error["message"], str) and error["message"]
    return str(error["code"])

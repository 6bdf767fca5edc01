"""Requests that meet, on both databases."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from bot.db import new_id
from bot.settings import Settings
from tests.channels.widget.shop_app import build


@pytest.fixture(params=["sqlite", "postgres"])
async def racing(request: pytest.FixtureRequest) -> AsyncIterator[FastAPI]:
    """The application on either database."""
    url = request.getfixturevalue(f"{request.param}_tables")
    app = build(Settings(_env_file=None, database_url=url))
    async with app.router.lifespan_context(app):
        yield app


async def post(app: FastAPI, path: str, body: dict[str, str], token: str = "") -> httpx.Response:
    """One request, as from a browser of its own."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://setu") as http:
        return await http.post(path, json=body, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("visitor", [{}, {"visitor": "v" * 32}])
async def test_equal_requests_at_once_open_one_conversation(
    racing: FastAPI, visitor: dict[str, str]
) -> None:
    body = {"request_id": new_id(), **visitor}
    answers = await asyncio.gather(*(post(racing, "/api/conversations", body) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["conversation"] for answer in answers}) == 1
    path = f"/api/conversations/{answers[0].json()['conversation']}/messages"
    opened = [
        await post(racing, path, {"id": "x", "text": "hello"}, answer.json()["token"])
        for answer in answers
    ]
    assert sorted(answer.status_code for answer in opened) == [202] + [401] * 7


async def test_a_browsers_requests_at_once_are_one_client(racing: FastAPI) -> None:
    body = {"visitor": "v" * 32}
    answers = await asyncio.gather(*(post(racing, "/api/conversations", body) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["conversation"] for answer in answers}) == 8

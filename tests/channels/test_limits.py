"""Whom a request is counted for, and what a door of its own limit takes."""

import httpx
import pytest
from fastapi import FastAPI, Request

from bot.channels.limits import BodyLimit, network_of


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        (None, ""),
    ],
)
def test_a_household_is_counted_as_one(host: str | None, network: str) -> None:
    scope = {"type": "http", "client": host and (host, 1234), "headers": []}
    assert network_of(Request(scope)) == network


@pytest.mark.parametrize(
    ("path", "size", "status"), [("/small", 10, 200), ("/small", 11, 413), ("/large", 11, 200)]
)
@pytest.mark.parametrize("declared", [True, False])
async def test_a_door_may_take_more(path: str, size: int, status: int, declared: bool) -> None:
    app = FastAPI()
    app.add_middleware(BodyLimit, limit=10, larger={"/large": 20})

    @app.post("/{name}")
    async def read(request: Request) -> int:
        return len(await request.body())

    async def parts() -> object:
        for _ in range(size):
            yield b"x"

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://setu"
    ) as client:
        answer = await client.post(path, content=b"x" * size if declared else parts())
    assert answer.status_code == status
    assert answer.json() == size if status == 200 else "error" in answer.json()

"""Files over the client API: whose they are, what they go out with, what is refused."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.uploads import PER_MINUTE
from bot.db import new_id
from bot.settings import Settings
from tests.channels.widget.conftest import Client, Open, code_of
from tests.conversations.test_files import PDF_BYTES, photo


async def _bring(client: Client, content: bytes, name: str = "") -> httpx.Response:
    return await client.call("POST", "/attachments", content=content, params={"name": name})


async def test_a_file_is_given_back_to_its_conversation_alone(open_conversation: Open) -> None:
    client, stranger = await open_conversation(), await open_conversation()
    brought = await _bring(client, photo(), "IMG 1.HEIC.jpg")
    assert brought.status_code == 201
    file = brought.json()
    assert (file["name"], file["kind"]) == ("IMG 1.HEIC.jpg", "image/jpeg")
    assert (file["width"], file["height"]) == (20, 40)

    answer = await client.call("GET", f"/attachments/{file['id']}")
    assert answer.status_code == 200 and len(answer.content) == file["size"]
    assert b"Secret" not in answer.content
    headers = answer.headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert headers["content-disposition"].startswith("inline; ")
    assert "private" in headers["cache-control"]

    assert (await stranger.call("GET", f"/attachments/{file['id']}")).status_code == 404
    bare = await client.call("GET", f"/attachments/{file['id']}", headers={})
    assert bare.status_code == 401
    assert (await client.call("GET", f"/attachments/{new_id()}")).status_code == 404


async def test_a_pdf_is_only_ever_a_download(open_conversation: Open) -> None:
    client = await open_conversation()
    file = (await _bring(client, PDF_BYTES, "bill.pdf")).json()
    answer = await client.call("GET", f"/attachments/{file['id']}")
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.content == PDF_BYTES


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "file_broken"),
        (b"<svg onload=alert(1)>", 422, "file_type"),
        (b"%PDF-1.4 cut", 422, "file_broken"),
        (b"x" * (1 << 20), 413, "too_large"),
    ],
)
async def test_what_is_not_taken_is_said_in_the_clients_language(
    open_conversation: Open, content: bytes, status: int, code: str
) -> None:
    client = await open_conversation(locale="bn")
    refused = await _bring(client, content, "photo.png")
    assert (refused.status_code, code_of(refused)) == (status, code)
    assert "language" not in refused.text and refused.headers["content-language"][:2] in (
        "bn",
        "en",
    )


async def test_uploads_are_counted(open_conversation: Open) -> None:
    client = await open_conversation()
    answers = [await _bring(client, b"nothing") for _ in range(PER_MINUTE + 1)]
    assert answers[-2].status_code == 422 and answers[-1].status_code == 429


@pytest.mark.parametrize(
    "body",
    [
        {"attachments": []},
        {"attachments": ["x"]},
        {"attachments": ["0" * 32] * 2},
        {"attachments": [f"{n:032x}" for n in range(6)]},
        {"payload": "talk_to_human", "attachments": ["0" * 32]},
    ],
)
async def test_messages_with_impossible_attachments_are_invalid(
    open_conversation: Open, body: dict[str, Any]
) -> None:
    client = await open_conversation()
    answer = await client.call("POST", "/messages", json={"id": "m", **body})
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


async def test_the_widget_is_told_the_limit(http: httpx.AsyncClient, app: FastAPI) -> None:
    assert app
    found = (await http.get("/api/widget/config")).json()
    assert found["max_file"] == Settings(_env_file=None).attachment_mb * 1024 * 1024
    assert "{size}" in found["strings"]["file_size"] and "{file}" in found["strings"]["open_file"]

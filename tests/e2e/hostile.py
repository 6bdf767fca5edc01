"""Hostile texts, broken bodies, and what must come of them."""

import json
import random
from typing import Any

import httpx

from tests.e2e.product import ApiClient

SCRIPT = "<script>window.__pwned=1</script><img src=x onerror='window.__pwned=1'>"
MARKDOWN = "[click](javascript:window.__pwned=1) ![x](x' onerror='window.__pwned=1)"
HUGE = 10**30


def refused(reply: httpx.Response, *allowed: int) -> str:
    """The code of a refusal that a person can read too."""
    assert reply.status_code in allowed, f"{reply.status_code}: {reply.text[:300]}"
    error = reply.json()["error"]
    assert error["message"].strip() and error["message"] != error["code"]
    assert "Traceback" not in reply.text
    code: str = error["code"]
    return code


def answers(client: ApiClient) -> None:
    """The conversation goes on."""
    replies = client.say("What is your return policy?")
    assert any(message["author"] == "bot" for message in replies)


# Seeded: parallel workers must collect the same tests.
_CHANCE = random.Random(0)


def body(**content: Any) -> bytes:
    return json.dumps({"id": f"{_CHANCE.getrandbits(128):032x}", **content}).encode()

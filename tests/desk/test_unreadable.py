"""What the desk says of requests that it cannot read: in whose language, and what is wrong."""

import re
from typing import Any

import httpx
import pytest

from bot.desk import unreadable
from bot.languages.say import say

BENGALI = re.compile("[\u0980-\u09ff]")


def _said(answer: httpx.Response) -> tuple[str, list[str]]:
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert error["code"] == "invalid"
    return error["message"], error["fields"]


@pytest.mark.parametrize(
    ("path", "message", "fields"),
    [
        ("/desk/reports?days=many", "days must be a whole number", ["days"]),
        ("/api/desk/reports?days=0", "days must be at least 1", ["days"]),
        ("/desk?rows=1000000", r"rows must be at most [\d,]+", ["rows"]),
        ("/desk?tab=theirs", "tab must be one of waiting, mine, all", ["tab"]),
        ("/desk?unread=perhaps", "unread must be one of true, false", ["unread"]),
        (f"/desk?lang={'x' * 99}", "lang must not be longer than 35 characters", ["lang"]),
        ("/api/desk/reports?agent=x", "agent is not as the API's description has it", ["agent"]),
        (
            "/desk?tab=x&rows=x",
            "tab must be one of waiting, mine, all; rows must be a whole number",
            ["rows", "tab"],
        ),
    ],
)
async def test_a_filter_is_named_with_what_it_may_be(
    sign_in: Any, path: str, message: str, fields: list[str]
) -> None:
    asha = await sign_in("Asha")
    told, named = _said(await asha.get(path))
    assert re.fullmatch(f"This can't be read: {message}\\.", told), told
    assert named == fields


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/api/desk/me", {"shortcuts": "off", "colour": "red"}, "there is no field colour here"),
        ("/api/desk/me", {"shortcuts": "x"}, "shortcuts must be one of plain, alt, off"),
        ("/api/desk/me", {"locale": 7}, "locale must be text"),
    ],
)
async def test_a_field_is_named_with_what_it_may_be(
    sign_in: Any, path: str, body: dict[str, Any], message: str
) -> None:
    asha = await sign_in("Asha")
    assert _said(await asha.patch(path, json=body))[0] == f"This can't be read: {message}."


async def test_an_agent_is_told_in_their_own_language(sign_in: Any) -> None:
    asha = await sign_in("Asha")
    await asha.patch("/api/desk/me", json={"locale": "bn"})
    asha.headers["Accept-Language"] = "ml"  # what the browser wants counts less
    for path in ("/desk/reports?days=0", "/api/desk/reports?days=0"):
        assert _said(await asha.get(path)) == (
            "এটা পড়া গেল না। days: অন্তত ১ হতে হবে।", ["days"],
        )  # fmt: skip
    broken = await asha.patch(
        "/api/desk/me", content="{", headers={"Content-Type": "application/json"}
    )
    assert _said(broken)[0] == say("error.invalid", "bn")
    nowhere = await asha.get("/api/desk/nowhere")
    assert nowhere.status_code == 404 and BENGALI.search(nowhere.json()["error"]["message"])
    assert nowhere.headers["content-language"] == "bn"


async def test_whoever_is_not_signed_in_is_told_in_the_browsers(visitor: httpx.AsyncClient) -> None:
    for cookie in ({}, {"setu_desk": "nobody's"}):
        visitor.cookies.update(cookie)
        answer = await visitor.post(
            "/api/desk/login", json={"email": "a"}, headers={"Accept-Language": "hi"}
        )
        assert _said(answer) == ("यह पढ़ा नहीं जा सका। password: यह देना ज़रूरी है।", ["password"])


@pytest.mark.parametrize("locale", ["en", "bn", "mr", "ml", "hi"])
def test_every_fault_has_words(locale: str) -> None:
    told = {
        say(f"desk.unreadable.{text}", locale, field="f", limit="1", choices="a")
        for text in {*unreadable._TEXTS.values(), "form"}
    }
    assert len(told) == len({*unreadable._TEXTS.values()}) + 1
    assert not any("{" in text or "desk." in text for text in told)


async def test_a_field_that_somebody_made_up_is_told_as_plain_text(sign_in: Any) -> None:
    asha = await sign_in("Asha")
    message, fields = _said(await asha.patch("/api/desk/me", json={"\u202e{faults}" + "é" * 99: 1}))
    assert fields[0].isascii() and len(fields[0]) == 60
    assert fields[0] in message

"""Canned replies: what a client would get, who may change them, and the sample file."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from bot.conversations.models import Conversation
from bot.desk import canned
from bot.languages.locales import get
from bot.languages.register import mixed

House = Any
SAMPLES = canned.read_samples(Path("data/canned.yml"))
FIVE = ("en", "bn", "mr", "ml", "hi")


async def _offered(house: House, agent: Any, chat: str) -> dict[str, dict[str, Any]]:
    answer = await agent.get("/api/desk/canned", params={"conversation": chat})
    assert answer.status_code == 200
    return {reply["shortcut"]: reply for reply in answer.json()["replies"]}


async def test_a_reply_comes_in_the_clients_language_and_form(house: House, sign_in: Any) -> None:
    assert await canned.import_samples(house.db, SAMPLES) == 5
    assert await canned.import_samples(house.db, SAMPLES) == 0
    asha = await sign_in("Asha", languages={"en": 3})
    chat = await house.chat("নমস্কার", "bn", name="রিনা দাস")
    greet = (await _offered(house, asha, chat))["greet"]
    assert greet["language"] == "bn"
    assert greet["text"] == "হ্যালো রিনা, Nadi থেকে Asha বলছি। কীভাবে সাহায্য করতে পারি?"
    assert greet["gloss"] == "Hello Rina, this is Asha from Nadi. How can I help?".replace(
        "Rina", "রিনা"
    )
    async with house.db.transaction() as session:
        (await session.get(Conversation, chat)).register = "informal"
    assert "বলো" in (await _offered(house, asha, chat))["greet"]["text"]
    # A language that the reply lacks: the agent's own, to be translated.
    spanish = await house.chat("Hola", "es")
    assert (await _offered(house, asha, spanish))["greet"]["language"] == "en"
    assert (await _offered(house, asha, spanish))["greet"]["gloss"] is None


def test_never_a_text_that_is_too_familiar() -> None:
    reply = canned.Reply("r", "x", 1, {("bn", "informal"): "কী হলো?", ("en", ""): "What is it?"})
    values = {"agent": "A", "shop": "S"}
    formal = canned.filled(reply, "bn", None, "en", None, values)
    assert formal is not None and formal.text == "What is it?"
    informal = canned.filled(reply, "bn", "informal", "en", None, values)
    assert informal is not None and informal.text == "কী হলো?"
    assert canned.filled(canned.Reply("r", "x", 1, {}), "bn", None, "en", None, values) is None


async def test_authors_keep_replies_and_agents_do_not(house: House, sign_in: Any) -> None:
    body = {"shortcut": "Refund", "texts": [{"locale": "en", "text": "It takes {shop} 5 days."}]}
    agent = await sign_in("Asha")
    assert (await agent.post("/api/desk/canned", json=body)).status_code == 403
    author = await sign_in("Bina", role="author")
    made = await author.post("/api/desk/canned", json=body)
    assert made.status_code == 200
    url = f"/api/desk/canned/{made.json()['id']}"
    assert "/refund" in (await agent.get("/desk/replies")).text

    twice = await author.post("/api/desk/canned", json=body)
    assert (twice.status_code, twice.json()["error"]["code"]) == (409, "reply_taken")
    new = {**body, "version": 1, "texts": [{"locale": "hi", "register": "formal", "text": "५ दिन"}]}
    assert (await author.put(url, json=new)).status_code == 200
    late = await author.put(url, json=new)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "reply_changed")
    page = (await author.get(f"/desk/replies/{made.json()['id']}")).text
    assert "५ दिन" in page and "It takes" not in page
    assert (await agent.delete(url)).status_code == 403
    assert (await author.delete(url)).status_code == 200
    assert (await author.delete(url)).status_code == 404
    assert "/refund" not in (await agent.get("/desk/replies")).text
    # Its shortcut is free again.
    assert (await author.post("/api/desk/canned", json=body)).status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"texts": []}, "reply_empty"),
        ({"texts": [{"locale": "en", "text": "  "}]}, "reply_empty"),
        ({"texts": [{"locale": "en", "text": "Hi {order}"}]}, "reply_placeholder"),
        ({"texts": [{"locale": "tlh", "text": "nuqneH"}]}, "unknown_locale"),
        ({"shortcut": "two words"}, "invalid"),
        ({"shortcut": "{client}"}, "invalid"),
        ({"texts": [{"locale": "en", "text": "x" * 2001}]}, "invalid"),
    ],
)
async def test_what_cannot_be_kept_is_refused(
    house: House, sign_in: Any, change: dict[str, Any], code: str
) -> None:
    author = await sign_in("Bina", role="author")
    body = {"shortcut": "ok", "texts": [{"locale": "en", "text": "Hello"}], **change}
    answer = await author.post("/api/desk/canned", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


async def test_a_stranger_reads_nothing(house: House, visitor: Any) -> None:
    chat = await house.chat()
    answer = await visitor.get("/api/desk/canned", params={"conversation": chat})
    assert answer.status_code == 401
    assert (await visitor.get("/desk/replies")).status_code == 303


@pytest.mark.parametrize(("shortcut", "tag"), itertools.product(SAMPLES, FIVE))
def test_the_samples_speak_all_five_languages_well(shortcut: str, tag: str) -> None:
    said = {form: text for (locale, form), text in SAMPLES[shortcut].items() if locale == tag}
    assert "" in said
    locale = get(tag)
    for form, text in said.items():
        assert form == "" or form in locale.registers
        assert not mixed(text, tag), text
        filled = text.format(client="X", agent="Y", shop="Z")
        assert "{" not in filled
        # No ending is attached to a placeholder.
        for name in canned.PLACEHOLDERS:
            after = text.partition("{" + name + "}")[2][:1]
            assert not after.isalpha(), text

"""Articles through the desk's API: who may, what is refused, and that nothing is lost."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.desk.knowledge_api import slug
from bot.desk.models import Audit
from bot.knowledge import articles
from bot.knowledge.articles import Entry
from bot.languages.say import say

House = Any
SignIn = Any
API = "/api/desk/knowledge"

ENTRY = Entry("hours", "en", "Opening hours", "From 9.", ("when are you open",), source_locale="en")
BENGALI = Entry("hours", "bn", "খোলা থাকার সময়", "৯টা থেকে।", source_locale="en")


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
async def base(house: House) -> None:
    async with house.db.transaction() as session:
        await articles.write_many(session, [ENTRY, BENGALI], "import")


def text(**changed: Any) -> dict[str, Any]:
    return {
        "locale": "en", "version": 1, "title": "Opening hours", "body": "From 10.",
        "questions": "when?\n\n when? \nopen?", "tags": "a, b,,", "category": "contact",
        "state": "published", **changed,
    }  # fmt: skip


async def stored(house: House, locale: str = "en", article: str = "hours") -> Entry:
    async with house.db.reading() as session:
        return await articles.entry(session, article, locale)


async def test_saving_makes_the_next_version_and_says_who(house: House, sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="author")
    reply = await client.put(f"{API}/hours", json=text())
    assert reply.status_code == 200
    assert reply.json() == {
        "article": "hours", "locale": "en", "version": 2, "state": "published",
        "page": "/desk/knowledge/hours?locale=en", "draft": "",
    }  # fmt: skip
    entry = await stored(house)
    assert (entry.body, entry.questions, entry.tags, entry.category) == (
        "From 10.", ("when?", "open?"), ("a", "b"), "contact",
    )  # fmt: skip
    async with house.db.reading() as session:
        noted = (await session.execute(select(Audit).where(Audit.action == "article_saved"))).all()
    assert len(noted) == 1 and noted[0][0].details["version"] == 2


@pytest.mark.parametrize("role", ["author", "supervisor", "admin"])
async def test_who_may_write(house: House, sign_in: SignIn, role: str) -> None:
    client = await sign_in("Asha", role=role)
    assert (await client.put(f"{API}/hours", json=text())).status_code == 200


async def test_agents_only_read(house: House, sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="agent")
    for reply in (
        await client.put(f"{API}/hours", json=text()),
        await client.patch(f"{API}/hours", json={"locale": "en", "version": 1, "state": "draft"}),
        await client.post(API, json={"title": "x", "locale": "en"}),
    ):
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "not_allowed")
    assert (await stored(house)).version == 1
    page = await client.get("/desk/knowledge/hours?locale=en")
    assert (
        page.status_code == 200 and "readonly" in page.text and 'value="published"' not in page.text
    )


async def test_without_the_token_of_the_page_nothing_is_written(
    house: House, sign_in: SignIn, visitor: Any
) -> None:
    client = await sign_in("Asha", role="author")
    del client.headers["X-CSRF-Token"]
    assert (await client.put(f"{API}/hours", json=text())).status_code == 403
    assert (await visitor.put(f"{API}/hours", json=text())).status_code == 401
    for path in ("", "/new", "/gaps", "/hours"):
        reply = await visitor.get(f"/desk/knowledge{path}")
        assert (reply.status_code, reply.headers["location"]) == (303, "/desk/login")
    assert (await stored(house)).version == 1


async def test_a_conflicting_edit_is_refused_with_the_other_text(
    house: House, sign_in: SignIn
) -> None:
    asha, bina = await sign_in("Asha", role="author"), await sign_in("Bina", role="author")
    assert (await bina.put(f"{API}/hours", json=text(body="Bina's."))).status_code == 200
    reply = await asha.put(f"{API}/hours", json=text(body="Asha's."))
    assert reply.status_code == 409
    assert (
        reply.json()["error"]["code"] == "conflict" and "Bina" in reply.json()["error"]["message"]
    )
    assert reply.json()["current"]["body"] == "Bina's."
    assert (await stored(house)).body == "Bina's."
    part = await asha.post(
        "/desk/parts/knowledge/conflict/hours",
        json={"locale": "en", "title": "T", "body": "Asha's <b>", "questions": ""},
    )
    assert "Bina&#39;s." in part.text and "Asha&#39;s &lt;b&gt;" in part.text


async def test_of_many_who_save_at_once_one_wins(house: House, sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="author")
    replies = await asyncio.gather(
        *(client.put(f"{API}/hours", json=text(body=f"Text {n}.")) for n in range(8))
    )
    assert sorted(reply.status_code for reply in replies) == [200] + [409] * 7
    assert (await stored(house)).version == 2


async def test_a_translation_falls_behind_and_is_brought_up_to_date(
    house: House, sign_in: SignIn
) -> None:
    client = await sign_in("Asha", role="author")
    await client.put(f"{API}/hours", json=text())
    assert (await stored(house, "bn")).source_version == 1
    stale = await client.get("/desk/knowledge?status=stale&locale=bn")
    assert "hours" in stale.text and 'class="state stale"' in stale.text
    # A corrected slip leaves it behind; saying so brings it up to date.
    slip = text(locale="bn", title="খোলার সময়", up_to_date=False)
    assert (await client.put(f"{API}/hours", json=slip)).json()["version"] == 2
    assert (await stored(house, "bn")).source_version == 1
    change = {"locale": "bn", "version": 2, "up_to_date": True}
    assert (await client.patch(f"{API}/hours", json=change)).status_code == 200
    assert (await stored(house, "bn")).source_version == 2
    assert "hours" not in (await client.get("/desk/knowledge?status=stale")).text


async def test_states_and_restoring(house: House, sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="author")
    await client.put(f"{API}/hours", json=text())
    for version, state in ((2, "archived"), (3, "draft")):
        change = {"locale": "en", "version": version, "state": state}
        assert (await client.patch(f"{API}/hours", json=change)).json()["state"] == state
    reply = await client.patch(f"{API}/hours", json={"locale": "en", "version": 4, "restore": 1})
    # The text comes back, not what clients could see of it.
    assert (reply.json()["version"], reply.json()["state"]) == (5, "draft")
    assert (await stored(house)).body == "From 9."
    none = await client.patch(f"{API}/hours", json={"locale": "en", "version": 5, "restore": 99})
    assert none.status_code == 404
    late = await client.patch(f"{API}/hours", json={"locale": "en", "version": 2, "state": "draft"})
    assert late.status_code == 409
    history = await client.get("/desk/knowledge/hours?locale=en&view=history&version=2")
    assert "From 10." in history.text and "Asha" in history.text


async def test_a_new_article_gets_an_id_of_its_own(house: House, sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="author")
    begin = {"title": "Opening  hours!", "locale": "en"}
    made = [(await client.post(API, json=begin)).json()["article"] for _ in range(3)]
    assert made == ["opening-hours", "opening-hours-2", "opening-hours-3"]
    entry = await stored(house, article="opening-hours")
    assert (entry.state, entry.version, entry.source_locale) == ("draft", 1, "en")
    gaps = (await client.post(API, json={"title": "Gaps", "locale": "en"})).json()
    assert gaps["article"] == "gaps-2"  # the page of that name is another
    removed = await client.post(API, json={"title": "", "locale": "en"})
    assert removed.status_code == 422


async def test_a_draft_with_wordings_stands_in_each_language(house: House, sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="author")
    wordings = [
        {"language": "en", "text": "a shop in Pune?"},
        {"language": "hi", "text": "पुणे में दुकान?"},
        {"language": "hi-Latn", "text": "pune mein dukaan"},
        {"language": "und", "text": "Pune"},
    ]
    begin = {"title": "Shop in Pune", "locale": "en", "wordings": wordings}
    assert (await client.post(API, json=begin)).status_code == 201
    english = await stored(house, "en", "shop-in-pune")
    hindi = await stored(house, "hi", "shop-in-pune")
    assert english.questions == ("a shop in Pune?", "Pune")
    assert hindi.questions == ("पुणे में दुकान?", "pune mein dukaan")
    assert hindi.title == "पुणे में दुकान?" and hindi.source_locale == "en"


async def test_nothing_unwritten_is_published(house: House, sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="author")
    await client.post(API, json={"title": "Nepal", "locale": "bn"})
    for body in ("", "  ", say("desk.kb.unwritten", "bn"), say("desk.kb.unwritten", "en")):
        reply = await client.put(f"{API}/nepal", json=text(locale="bn", body=body))
        assert reply.status_code == 422
        assert reply.json()["error"]["message"] == say("desk.kb.write_first", "en")
    assert (
        await client.put(f"{API}/nepal", json=text(locale="bn", body="", state="draft"))
    ).is_success
    change = {"locale": "bn", "version": 2, "state": "published"}
    assert (await client.patch(f"{API}/nepal", json=change)).status_code == 422


@pytest.mark.parametrize(
    "bad",
    [
        {"title": " "}, {"title": "x" * 1001}, {"body": "x" * 50_001}, {"locale": "no such"},
        {"body": "a \u202e b"}, {"questions": "\n".join(map(str, range(201)))},
        {"category": "x" * 61}, {"state": "gone"}, {"version": -1}, {"more": 1},
        {"title": "a\x07b"},
    ],
)  # fmt: skip
async def test_what_cannot_be_stored_is_refused(
    house: House, sign_in: SignIn, bad: dict[str, Any]
) -> None:
    client = await sign_in("Asha", role="author")
    reply = await client.put(f"{API}/hours", json=text(**bad))
    assert reply.status_code == 422 and reply.json()["error"]["message"]
    assert (await stored(house)).version == 1


@pytest.mark.parametrize("locale", ["en", "bn", "mr", "ml", "hi"])
async def test_why_it_is_refused_is_said_in_the_author_s_language(
    house: House, sign_in: SignIn, locale: str
) -> None:
    client = await sign_in("Asha", role="author")
    await client.patch("/api/desk/me", json={"locale": locale})
    for bad, key in (
        ({"title": " "}, "article_title"), ({"body": "a \u202e b"}, "body"),
        ({"questions": "\n".join(map(str, range(201)))}, "questions"),
    ):  # fmt: skip
        reply = await client.put(f"{API}/hours", json=text(**bad))
        message = reply.json()["error"]["message"]
        assert say(f"desk.kb.{key}", locale) in message, message
        assert locale == "en" or "written" not in message


async def test_unknown_articles_and_ids_with_everything_in_them(
    house: House, sign_in: SignIn
) -> None:
    client = await sign_in("Asha", role="author")
    assert (await client.put(f"{API}/none", json=text())).status_code == 404
    assert (await client.get("/desk/knowledge/none")).status_code == 404
    assert (await client.get("/desk/knowledge/hours?locale=<b>")).status_code == 404
    odd = "a/b ?c=<i>&d#e%20"
    async with house.db.transaction() as session:
        await articles.write(session, Entry(odd, "en", "Odd", "Odd.", source_locale="en"), "t")
    listed = await client.get("/desk/knowledge?q=Odd")
    assert "<i>" not in listed.text
    path = "/desk/knowledge/a%2Fb%20%3Fc%3D%3Ci%3E%26d%23e%2520?locale=en"
    assert path in listed.text.replace("&amp;", "&")
    page = await client.get(path)
    assert page.status_code == 200 and "<i>" not in page.text
    saved = await client.put(f"{API}/a%2Fb%20%3Fc%3D%3Ci%3E%26d%23e%2520", json=text())
    assert saved.json()["page"] == path


async def test_the_preview_is_what_the_widget_shows(sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="agent")
    part = await client.post(
        "/desk/parts/knowledge/preview",
        json={"body": "**bold** <script>x()</script> [a](javascript:x) ![i](http://x/i.png)"},
    )
    assert "<strong>bold</strong>" in part.text
    assert "<script>" not in part.text and 'javascript:x"' not in part.text
    assert "<img" not in part.text
    assert "default-src 'none'" in part.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("title", "made"),
    [
        ("How to return an item?", "how-to-return-an-item"),
        ("অর্ডার বাতিল করা", "অর্ডার-বাতিল-করা"),
        ("  ?!  ", "article"),
        ("x" * 200, "x" * 60),
        ("a" * 40 + " " + "b" * 40, "a" * 40),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_ids_from_titles(title: str, made: str) -> None:
    assert slug(title) == made

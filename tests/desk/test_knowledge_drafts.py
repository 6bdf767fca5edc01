"""Drafts that wait beside what clients get: an author's, and a machine's that nobody has read."""

from collections.abc import Collection, Sequence
from typing import Any

import pytest

from bot.knowledge import articles, drafts
from bot.knowledge.articles import Entry
from bot.languages.say import say
from bot.languages.translation.translator import Translated

House = Any
SignIn = Any
API = "/api/desk/knowledge"

ENTRY = Entry("hours", "en", "Opening hours", "From **9** to 5.\n\n- Sundays: closed",
              ("when are you open",), ("time",), "contact", source_locale="en")  # fmt: skip
BENGALI = Entry("hours", "bn", "খোলা থাকার সময়", "৯টা থেকে।", category="contact", source_locale="en")


class Phrases:
    """Translates by saying into which language."""

    name = "Phrases"
    failure: Any = None

    async def translate(
        self, texts: Sequence[str], source: str, target: str, *, keep: Collection[str] = ()
    ) -> list[Translated]:
        if self.failure:
            return [Translated(text, source, failure=self.failure) for text in texts]
        return [Translated(f"«{target}» {text}", target, self.name) for text in texts]


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def translator() -> Phrases:
    return Phrases()


@pytest.fixture(autouse=True)
async def base(house: House) -> None:
    async with house.db.transaction() as session:
        await articles.write_many(session, [ENTRY, BENGALI], "import")


def text(**changed: Any) -> dict[str, Any]:
    return {
        "locale": "en", "version": 1, "title": "Opening hours", "body": "From 10.",
        "questions": "when?", "tags": "a", "category": "contact", "state": "draft", **changed,
    }  # fmt: skip


async def stored(house: House, locale: str = "en") -> Entry:
    async with house.db.reading() as session:
        return await articles.entry(session, "hours", locale)


async def waiting(house: House, locale: str = "en") -> Any:
    async with house.db.reading() as session:
        return (await drafts.pending(session, ["hours"])).get(("hours", locale))


async def test_a_draft_leaves_what_clients_get_alone(house: House, sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="author")
    async with house.db.reading() as session:
        before = await articles.version(session)
    saved = (await client.put(f"{API}/hours", json=text(category="other"))).json()
    assert saved["draft"] and (saved["version"], saved["state"]) == (1, "draft")
    now = await stored(house)
    assert (now.body, now.category, now.state) == (ENTRY.body, "contact", "published")
    async with house.db.reading() as session:
        assert await articles.version(session) == before
    page = (await client.get("/desk/knowledge/hours?locale=en")).text
    assert "From 10." in page and "A draft waits" in page and "Asha" in page
    assert "hours" in (await client.get("/desk/knowledge?status=draft&locale=en")).text
    # Saved again, then published with what was seen.
    again = await client.put(f"{API}/hours", json=text(body="From 11.", draft=saved["draft"]))
    publish = text(body="From 11.", draft=again.json()["draft"], state="published")
    assert (await client.put(f"{API}/hours", json=publish)).json()["version"] == 2
    assert (await stored(house)).body == "From 11." and await waiting(house) is None


async def test_who_has_not_seen_the_draft_does_not_write_over_it(
    house: House, sign_in: SignIn
) -> None:
    asha, bina = await sign_in("Asha", role="author"), await sign_in("Bina", role="author")
    mark = (await bina.put(f"{API}/hours", json=text(body="Bina's."))).json()["draft"]
    for state in ("draft", "published"):
        reply = await asha.put(f"{API}/hours", json=text(body="Asha's.", state=state))
        assert reply.status_code == 409 and "Bina" in reply.json()["error"]["message"]
        assert (
            reply.json()["current"] | {"draft": mark, "body": "Bina's."}
            == (reply.json()["current"])
        )
    mine = {"locale": "en", "version": 1, "title": "T", "body": "Asha's.", "questions": ""}
    part = (await asha.post("/desk/parts/knowledge/conflict/hours", json=mine)).text
    assert "Bina&#39;s." in part and f'data-keep-draft="{mark}"' in part
    assert (await asha.put(f"{API}/hours", json=text(body="Asha's.", draft=mark))).is_success
    late = await bina.request("DELETE", f"{API}/hours", json={"locale": "en", "draft": mark})
    assert late.status_code == 409
    # What was published meanwhile comes first: it is live.
    await bina.put(
        f"{API}/hours",
        json=text(body="Live.", state="published", draft=(await waiting(house)).mark),
    )
    reply = await asha.put(f"{API}/hours", json=text(body="Late.", draft="0" * 32))
    assert reply.status_code == 409 and reply.json()["current"]["body"] == "Live."


async def test_a_discarded_draft_is_gone_and_whoever_writes_on_may(
    house: House, sign_in: SignIn
) -> None:
    client = await sign_in("Asha", role="author")
    mark = (await client.put(f"{API}/hours", json=text())).json()["draft"]
    gone = await client.request("DELETE", f"{API}/hours", json={"locale": "en", "draft": mark})
    assert gone.json()["state"] == "published" and await waiting(house) is None
    again = await client.request("DELETE", f"{API}/hours", json={"locale": "en", "draft": mark})
    assert again.status_code == 404
    assert (await client.put(f"{API}/hours", json=text(draft=mark))).is_success


async def draft(client: Any, locale: str = "es", **changed: Any) -> Any:
    asked = {"article": "hours", "locale": locale, "version": 0, "draft": "", **changed}
    return await client.post(f"{API}/machine-drafts", json=asked)


async def test_a_machine_draft_is_read_and_confirmed_before_it_is_published(
    house: House, sign_in: SignIn
) -> None:
    client = await sign_in("Asha", role="author")
    made = (await draft(client)).json()
    assert made["draft"] and "before you publish" in made["message"]
    found = await waiting(house, "es")
    assert found.machine == "Phrases" and found.entry.source_version == 1
    assert found.entry.title == "«es» Opening hours"
    assert found.entry.body == "«es» From **9** to 5.\n\n- «es» Sundays: closed"
    assert found.entry.questions == ("«es» when are you open",)
    async with house.db.reading() as session:  # nothing that could be answered with, or imported
        assert [e.locale for e in await articles.entries(session, ["hours"])] == ["en", "bn"]
    listed = (await client.get("/desk/knowledge?status=machine&locale=es")).text
    assert "hours" in listed and "machine draft" in listed
    page = (await client.get("/desk/knowledge/hours?locale=es")).text
    assert "Drafted by a machine: Phrases" in page and 'id="confirmed"' in page

    mine = text(locale="es", version=0, body="De 9 a 5.", draft=made["draft"])
    refused = await client.put(f"{API}/hours", json={**mine, "state": "published"})
    assert refused.json()["error"]["message"] == say("desk.kb.confirm_first", "en")
    # Saved without being confirmed, it still is the machine's; and no state can be set on it.
    kept = (await client.put(f"{API}/hours", json=mine)).json()
    assert (await waiting(house, "es")).machine == "Phrases"
    change = {"locale": "es", "version": 1, "state": "published"}
    assert (await client.patch(f"{API}/hours", json=change)).status_code == 404
    mine |= {"draft": kept["draft"], "confirmed": True, "state": "published"}
    published = await client.put(f"{API}/hours", json=mine)
    assert (published.json()["version"], published.json()["state"]) == (1, "published")
    assert (await stored(house, "es")).body == "De 9 a 5." and await waiting(house, "es") is None


async def test_a_machine_draft_waits_beside_a_translation_that_is_behind(
    house: House, sign_in: SignIn
) -> None:
    client = await sign_in("Asha", role="author")
    await client.put(f"{API}/hours", json=text(state="published"))
    made = await draft(client, "bn", version=1)
    assert made.is_success and (await stored(house, "bn")).body == BENGALI.body
    found = await waiting(house, "bn")
    assert found.entry.source_version == 2 and found.entry.body == "«bn» From 10."
    twice = await draft(client, "bn", version=1)
    assert twice.status_code == 409  # one waits already, which this author has not seen
    stale = await client.get("/desk/knowledge/hours?locale=bn")
    assert "What the draft changes" in stale.text and "stale-note" not in stale.text


@pytest.mark.parametrize(
    ("failure", "key"),
    [
        ("unreachable", "machine_failed"),
        ("no_pair", "machine_no_pair"),
        ("garbage", "machine_failed"),
    ],
)
async def test_where_the_service_fails_nothing_is_stored(
    house: House, sign_in: SignIn, translator: Phrases, failure: str, key: str
) -> None:
    client = await sign_in("Asha", role="author")
    translator.failure = failure
    reply = await draft(client)
    assert reply.status_code == 422
    assert reply.json()["error"]["message"] == say(f"desk.kb.{key}", "en", name="Phrases")
    assert await waiting(house, "es") is None


async def test_what_cannot_be_drafted(house: House, sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="author")
    assert (await draft(client, "en", version=1)).status_code == 422
    assert (await draft(client, "no such")).status_code == 422
    assert (await draft(client, article="none")).status_code == 404
    agent = await sign_in("Bina", role="agent")
    assert (await draft(agent)).status_code == 403
    await client.post(API, json={"title": "Nepal", "locale": "en"})
    empty = await draft(client, article="nepal")
    assert empty.json()["error"]["message"] == say("desk.kb.source_first", "en")


async def test_a_removed_article_takes_its_drafts_along(house: House, sign_in: SignIn) -> None:
    client = await sign_in("Asha", role="author")
    await draft(client)
    async with house.db.transaction() as session:
        await articles.remove(session, ["hours"])
    assert await waiting(house, "es") is None


async def test_each_wording_is_asked_as_it_stands_in_the_form(
    house: House, sign_in: SignIn
) -> None:
    client = await sign_in("Asha", role="author")
    asked = {"article": "hours", "locale": "en", "title": "", "questions": "a <b>?\n\na <b>?\nc"}
    part = (await client.post("/desk/parts/knowledge/variants", json=asked)).text
    assert part.count("<li") == 2 and "a &lt;b&gt;?" in part  # each once, escaped
    many = "\n".join(map(str, range(25)))
    part = (
        await client.post("/desk/parts/knowledge/variants", json={**asked, "questions": many})
    ).text
    assert part.count("<li") == 20 and "5 more lines are not asked" in part

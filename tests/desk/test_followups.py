"""What is owed to clients: promised, found, given to somebody, done."""

import datetime as dt

import pytest

from bot.db import now
from bot.feedback import followups
from tests.desk.conftest import House, SignIn


async def _call(house: House, chat: str, late: bool = False) -> str:
    async with house.db.transaction() as session:
        due = now() + dt.timedelta(days=-1 if late else 1)
        made = await followups.promise(
            session, chat, kind="call", due=due, contact="+919830012345", language="bn"
        )
        return str(made.id)


async def test_a_promise_is_the_promisers_until_it_is_done(house: House, sign_in: SignIn) -> None:
    asha = await sign_in("Asha")
    chat = await house.chat(name="Priya")
    answer = await asha.post(
        f"/api/desk/conversations/{chat}/follow-ups", json={"note": "Send the invoice", "due": ""}
    )
    assert answer.status_code == 200
    [owed] = (await asha.get("/api/desk/follow-ups?whose=mine")).json()["follow_ups"]
    assert (owed["kind"], owed["note"], owed["owner"]) == ("promise", "Send the invoice", "Asha")
    assert dt.datetime.fromisoformat(owed["due"]) > now(), "the next working day"
    page = (await asha.get("/desk/follow-ups")).text
    assert "Send the invoice" in page and "Priya" in page
    assert (await asha.post(f"/api/desk/follow-ups/{owed['id']}/done")).status_code == 200
    assert (await asha.get("/api/desk/follow-ups")).json()["follow_ups"] == []
    assert (await asha.post(f"/api/desk/follow-ups/{owed['id']}/done")).status_code == 404


async def test_a_call_is_given_to_somebody_for_another_day(house: House, sign_in: SignIn) -> None:
    asha, ravi = await sign_in("Asha"), await house.agent("Ravi")
    made = await _call(house, await house.chat())
    day = (now() + dt.timedelta(days=3)).date().isoformat()
    url = f"/api/desk/follow-ups/{made}"
    assert (await asha.patch(url, json={"owner": ravi.id, "due": day})).status_code == 200
    [owed] = (await asha.get("/api/desk/follow-ups")).json()["follow_ups"]
    assert owed["owner"] == "Ravi" and owed["contact"] == "+919830012345"
    assert (await asha.patch(url, json={"owner": ""})).status_code == 200
    [owed] = (await asha.get("/api/desk/follow-ups?whose=nobody")).json()["follow_ups"]
    assert owed["owner"] is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"owner": "0" * 32}, "no_such_agent"),
        ({"due": "2020-01-01"}, "bad_day"),
        ({"due": "soon"}, "invalid"),
    ],
)
async def test_what_cannot_be_is_refused(
    house: House, sign_in: SignIn, body: dict[str, str], code: str
) -> None:
    asha = await sign_in("Asha")
    made = await _call(house, await house.chat())
    answer = await asha.patch(f"/api/desk/follow-ups/{made}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


async def test_what_is_overdue_is_said_in_words(house: House, sign_in: SignIn) -> None:
    asha = await sign_in("Asha")
    await _call(house, await house.chat(), late=True)
    page = (await asha.get("/desk/follow-ups")).text
    assert "Overdue since" in page and "1 is overdue" in page
    assert 'href="tel:+919830012345"' in page and "+91 98300 12345" in page
    assert (await asha.get("/api/desk/follow-ups")).json()["follow_ups"][0]["overdue"]


async def test_each_sees_theirs(house: House, sign_in: SignIn) -> None:
    asha, ravi = await sign_in("Asha"), await sign_in("Ravi")
    made = await _call(house, await house.chat())
    await ravi.post(f"/api/desk/follow-ups/{made}/take")
    assert (await asha.get("/api/desk/follow-ups?whose=mine")).json()["follow_ups"] == []
    assert len((await ravi.get("/api/desk/follow-ups?whose=mine")).json()["follow_ups"]) == 1

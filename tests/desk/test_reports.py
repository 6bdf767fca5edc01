"""Reports, against contacts few enough to be counted by hand."""

import csv
import datetime as dt
import io
from typing import Any

import pytest

from bot.conversations import identities
from bot.conversations.models import Conversation, Event, Interaction
from bot.db import Database, new_id
from bot.desk.audit_log import Filter, lines
from bot.desk.figures import Figures, figures
from bot.desk.scope import BadPeriod, Period, Scope, period
from bot.feedback import csat
from bot.feedback.models import Rating
from bot.feedback.summary import Summary
from bot.handoff import hours
from bot.handoff.models import Handoff
from bot.handoff.office import EVERYBODY, Office, Team
from bot.knowledge.models import Article
from bot.settings import Settings

House = Any

KOLKATA = "Asia/Kolkata"
WEEK = Period(dt.date(2026, 3, 2), dt.date(2026, 3, 8))  # Monday to Sunday
QUERY = "first=2026-03-02&last=2026-03-08"
HOURS = Office(
    (Team(EVERYBODY, "", (), hours.default(Settings(_env_file=None))),)  # 9 to 21 in Kolkata
)


def _at(day: int, clock: str) -> dt.datetime:
    """A moment of March 2026, by a clock in Kolkata."""
    time = dt.time.fromisoformat(clock)
    there = dt.datetime(2026, 3, day, time.hour, time.minute, time.second)
    return there.replace(tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))


class Log:
    """Writes down contacts as the product leaves them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def contact(
        self,
        at: dt.datetime,
        locale: str = "en",
        channel: str = "widget",
        *,
        outcome: str | None = "abandoned",
        closed: bool = True,
        owners: tuple[str, ...] = ("bot",),
        rating: tuple[str | None, int | None] | None = None,
        wait: dict[str, Any] | None = None,
        said: tuple[tuple[str, str | None, dt.datetime, dict[str, Any]], ...] = (),
        **facts: Any,
    ) -> None:
        """One contact.

        Args:
            rating: who is credited, and the score; None where it was not given.
            wait: what a handoff is; without it there was none.
            said: events as (kind, author, at, payload).
        """
        async with self._db.transaction() as session:
            who = await identities.identity(session, channel, new_id())
            chat, _ = await identities.open_conversation(
                session, who, locale=locale, belief={}, time_zone=None
            )
            chat = await session.get(Conversation, chat.id)
            interaction = Interaction(
                id=new_id(), conversation_id=chat.id, opened_at=at, active_at=at,
                closed_at=at + dt.timedelta(hours=1) if closed else None, first_seq=1,
                last_seq=1, outcome=outcome, owners=list(owners), languages=[locale], **facts,
            )  # fmt: skip
            session.add(interaction)
            for seq, (kind, author, moment, payload) in enumerate(said, 1):
                session.add(
                    Event(
                        conversation_id=chat.id, seq=seq, kind=kind, author=author, at=moment,
                        message_id=new_id() if author else None, payload=payload,
                    )
                )  # fmt: skip
            await session.flush()
            if rating is not None:
                agent, score = rating
                session.add(
                    Rating(
                        conversation_id=chat.id, interaction_id=interaction.id, agent_id=agent,
                        language=locale, channel=channel, score=score, asked_seq=1, asked_at=at,
                    )
                )  # fmt: skip
            if wait is not None:
                facts = {"reason": "asked", "language": locale, "told_at": wait["opened_at"]}
                session.add(
                    Handoff(conversation_id=chat.id, interaction_id=interaction.id, **facts, **wait)
                )


def _claimed(at: dt.datetime, agent: str) -> tuple[str, None, dt.datetime, dict[str, Any]]:
    return "owner_changed", None, at, {"from": "queue", "to": f"agent:{agent}", "step": "claim"}


def _wrote(at: dt.datetime, agent: str) -> tuple[str, str, dt.datetime, dict[str, Any]]:
    return "message", "agent", at, {"text": "Hello", "language": "en", "agent": agent}


async def _a_week(house: House) -> tuple[str, str]:
    """Nine contacts of one week, and one that begins as the next does; gives two agents' ids."""
    asha, bina = (await house.agent("Asha")).id, (await house.agent("Bina")).id
    log = Log(house.db)
    async with house.db.transaction() as session:
        session.add(Article(id="late", category="delivery", source_locale="en"))
    await log.contact(_at(2, "09:30"), outcome="confirmed", articles=["late"], rating=(None, 5))
    await log.contact(_at(2, "08:59"), "bn", "whatsapp", outcome="implied", rating=(None, None))
    asked = _at(3, "10:30")
    await log.contact(
        _at(3, "10:20"), outcome="handed_off", owners=("bot", "queue", f"agent:{asha}"),
        topics=["refunds"], resolution="solved", rating=(asha, 4),
        wait={
            "status": "resolved", "opened_at": asked, "assigned_at": _at(3, "10:34"),
            "agent_id": asha, "resolved_at": _at(3, "10:50"), "told_kind": "wait",
            "told_low": 2, "told_minutes": 10,
        },
        said=(_claimed(_at(3, "10:34"), asha), _wrote(_at(3, "10:35"), asha),
              _wrote(_at(3, "10:40"), asha)),
    )  # fmt: skip
    # Taken by Asha after eight minutes, who was told one to five; given to Bina much later.
    await log.contact(
        _at(3, "11:00"), "bn", outcome="handed_off",
        owners=("bot", "queue", f"agent:{asha}", f"agent:{bina}"), rating=(asha, 2),
        wait={
            "status": "resolved", "opened_at": _at(3, "11:30"), "assigned_at": _at(3, "12:20"),
            "agent_id": bina, "resolved_at": _at(3, "12:30"), "told_kind": "wait",
            "told_low": 1, "told_minutes": 5,
        },
        said=(_claimed(_at(3, "11:38"), asha), _wrote(_at(3, "11:40"), asha),
              _claimed(_at(3, "12:20"), bina), _wrote(_at(3, "12:21"), bina)),
    )  # fmt: skip
    # Left after five of the minutes they were told: nobody can say whether that was true.
    await log.contact(
        _at(3, "12:00"), outcome="abandoned", owners=("bot", "queue"),
        wait={
            "status": "abandoned", "ended": "gone", "opened_at": _at(3, "12:00"),
            "resolved_at": _at(3, "12:05"), "told_kind": "wait", "told_low": 5, "told_minutes": 10,
        },
    )  # fmt: skip
    await log.contact(
        _at(3, "23:30"), "mr", outcome="handed_off", owners=("bot", "queue"),
        wait={
            "status": "returned", "ended": "email", "opened_at": _at(3, "23:31"),
            "resolved_at": _at(3, "23:40"), "told_kind": "closed",
        },
    )  # fmt: skip
    await log.contact(_at(5, "09:10"), outcome="unanswered", topics=["=1+1"])
    await log.contact(_at(6, "09:20"))
    await log.contact(_at(8, "23:30"), outcome=None, closed=False)
    await log.contact(_at(9, "00:00"))
    return asha, bina


async def _count(house: House, **filters: str) -> Figures:
    async with house.db.reading() as session:
        return await figures(session, Scope.of(WEEK, KOLKATA, **filters), HOURS)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_the_figures_are_those_counted_by_hand(house: House, engine: str) -> None:
    asha, _ = await _a_week(house)
    found = await _count(house)
    assert found.endings == {
        "confirmed": 1, "implied": 1, "person": 2, "nobody": 2, "unanswered": 1, "abandoned": 1,
        "open": 1,
    }  # fmt: skip
    assert found.contacts == 9
    assert (found.self_service.count, found.self_service.of) == (2, 8)
    assert dict(found.resolutions) == {"solved": 1, "": 1}
    assert found.csat == Summary(asked=4, counts=(0, 1, 0, 1, 1))
    assert found.csat.satisfied.percent == pytest.approx(200 / 3)
    assert found.csat.response_rate == 75
    assert found.by_language == {
        "en": Summary(asked=2, counts=(0, 0, 0, 1, 1)),
        "bn": Summary(asked=2, counts=(0, 1, 0, 0, 0)),
    }
    assert found.by_agent == {
        asha: Summary(asked=2, counts=(0, 1, 0, 1, 0)),
        None: Summary(asked=2, counts=(0, 0, 0, 0, 1)),
    }
    assert set(found.by_topic) == {"delivery", "refunds"}
    wait = found.waiting
    assert (wait.everybody.asked, wait.everybody.answered) == (4, 2)
    assert (wait.everybody.median, wait.everybody.ninth) == (450, 570)  # of 5 and 10 minutes
    assert (wait.open_hours.asked, wait.open_hours.answered) == (3, 2)
    assert (wait.closed_hours.asked, wait.closed_hours.median) == (1, None)
    assert {key: count for key, count in wait.ended.items() if count} == {
        "person": 2, "gone": 1, "email": 1,
    }  # fmt: skip
    assert (wait.abandoned.count, wait.abandoned.of) == (1, 4)
    assert (wait.told.within, wait.told.sooner, wait.told.longer) == (1, 0, 1)
    by_hour = {hour: count for hour, count in enumerate(found.hours) if count}
    assert by_hour == {8: 1, 9: 3, 10: 1, 11: 1, 12: 1, 23: 2}
    assert found.weekdays == (2, 4, 0, 1, 1, 0, 1)
    assert {one.name: one.contacts for one in found.topics} == {
        "delivery": 1, "refunds": 1, "=1+1": 1,
    }  # fmt: skip


async def test_a_language_a_channel_and_a_person_narrow_everything_down(house: House) -> None:
    asha, bina = await _a_week(house)
    bengali = await _count(house, language="bn")
    assert (bengali.contacts, bengali.csat.asked, bengali.waiting.everybody.asked) == (2, 2, 1)
    assert (await _count(house, language="bn", channel="whatsapp")).contacts == 1
    hers = await _count(house, agent=asha)
    assert (hers.contacts, hers.csat.responses) == (2, 2)
    assert hers.waiting.everybody.median == 300
    theirs = await _count(house, agent=bina)
    assert (theirs.contacts, theirs.csat.asked, theirs.waiting.everybody.asked) == (1, 0, 1)


async def test_hours_are_those_of_the_day_when_clocks_are_changed(house: House) -> None:
    log = Log(house.db)
    utc = dt.timezone.utc
    for moment in ((3, 28, 12), (3, 29, 0), (3, 29, 12), (3, 30, 12)):
        await log.contact(dt.datetime(2026, *moment, 30, tzinfo=utc))
    days = Period(dt.date(2026, 3, 28), dt.date(2026, 3, 30))
    async with house.db.reading() as session:
        found = await figures(session, Scope.of(days, "Europe/London"), HOURS)
    assert {hour: count for hour, count in enumerate(found.hours) if count} == {0: 1, 12: 1, 13: 2}
    assert found.weekdays == (1, 0, 0, 0, 0, 1, 2)


async def test_of_nothing_there_are_no_percentages(house: House, sign_in: Any) -> None:
    found = await _count(house)
    assert (found.contacts, found.csat.percent, found.self_service.percent) == (0, None, None)
    client = await sign_in("Sara", role="supervisor")
    body = (await client.get("/api/desk/reports", params={"first": "2099-01-01"})).json()
    assert (body["contacts"], body["csat"]["satisfied"]["percent"]) == (0, None)
    page = (await client.get("/desk/reports?first=2099-01-01")).text
    assert "This period has not begun yet." in page
    assert "No contact began in this period." in (await client.get("/desk/reports")).text


async def test_one_rating_is_no_percentage(house: House, sign_in: Any) -> None:
    await Log(house.db).contact(_at(2, "09:30"), outcome="confirmed", rating=(None, 5))
    client = await sign_in("Sara", role="supervisor")
    page = (await client.get(f"/desk/reports?{QUERY}")).text
    assert "1 of 1 ratings are 4 or 5" in page
    assert "100\N{NO-BREAK SPACE}%" not in page and "Below 10 there is no percentage" in page
    satisfied = (await client.get(f"/api/desk/reports?{QUERY}")).json()["csat"]["satisfied"]
    assert (satisfied["percent"], satisfied["enough"]) == (100, False)
    assert satisfied["likely"] == pytest.approx([20.65, 100], abs=0.01)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2026-03-09", "2026-03-08", "bad_period"),
        ("2026-13-01", "2026-03-08", "bad_date"),
        ("0001-01-01", "", "bad_date"),
        ("9999-12-31", "", "bad_date"),
        ("2024-01-01", "2026-03-08", "long_period"),
    ],
)
async def test_a_period_that_is_none_is_said_so(
    house: House, sign_in: Any, first: str, last: str, code: str
) -> None:
    with pytest.raises(BadPeriod, match=code):
        period(first, last, 30, KOLKATA)
    client = await sign_in("Sara", role="supervisor")
    client.headers["Accept-Language"] = "bn"
    query = {"first": first, "last": last}
    answer = await client.get("/api/desk/reports", params=query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    file = await client.get("/api/desk/reports/endings.csv", params=query)
    assert (file.status_code, file.json()["error"]["code"]) == (422, code)
    page = await client.get("/desk/reports", params=query)
    assert page.status_code == 422
    assert answer.json()["error"]["message"] in page.text


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
@pytest.mark.parametrize("wild", ["language=%00", "channel=%00", "language=%ED%A0%80", "agent=x"])
async def test_what_is_no_filter_is_refused(
    house: House, sign_in: Any, wild: str, engine: str
) -> None:
    client = await sign_in("Sara", role="supervisor")
    assert (await client.get(f"/api/desk/reports?{wild}")).status_code == 422
    assert (await client.get("/api/desk/reports?language=xx&channel=none")).status_code == 200


def test_a_period_ends_today_unless_it_says_when() -> None:
    assert period("", "2026-03-08", 7, KOLKATA) == WEEK
    assert period("2026-03-02", "", 7, KOLKATA) == WEEK
    assert (period("", "", 7, KOLKATA).days, WEEK.days) == (7, 7)


async def test_a_chat_at_the_desk_is_in_the_figures(house: House, sign_in: Any) -> None:
    chat = await house.chat()
    handoff = await house.hand_off(chat)
    client = await sign_in("Sara", role="supervisor")
    await client.post(f"/api/desk/handoffs/{handoff}/claim")
    await client.post(f"/api/desk/conversations/{chat}/messages", json={"id": "1", "text": "Hello"})
    ending = {"resolution": "solved", "topic": "delivery"}
    resolved = await client.post(f"/api/desk/handoffs/{handoff}/resolve", json=ending)
    assert resolved.status_code == 200, resolved.text
    async with house.db.transaction() as session:
        await csat.claim(session, chat, text="5")
    found = (await client.get("/api/desk/reports?days=2")).json()
    assert (found["endings"]["person"], found["resolutions"]) == (1, {"solved": 1})
    assert found["csat_by_agent"][0]["name"] == "Sara"
    assert found["csat_by_topic"]["delivery"]["scores"] == [0, 0, 0, 0, 1]
    assert found["waiting"]["everybody"]["answered"] == 1
    assert found["waiting"]["ended"]["person"] == 1
    page = (await client.get("/desk/reports")).text
    assert "1 of 1 ratings are 4 or 5" in page


async def test_agents_see_their_own_figures_alone(house: House, sign_in: Any) -> None:
    asha, bina = await _a_week(house)
    client = await sign_in("Cora")
    own = (await client.get(f"/api/desk/reports?{QUERY}")).json()
    assert (own["contacts"], own["csat_by_agent"]) == (0, [])
    for path in ("/api/desk/reports", "/api/desk/reports/endings.csv", "/desk/reports"):
        assert (await client.get(f"{path}?{QUERY}&agent={asha}")).status_code == 403
    assert "Your own figures" in (await client.get("/desk/reports")).text
    supervisor = await sign_in("Sara", role="supervisor")
    all_of_it = (await supervisor.get(f"/api/desk/reports?{QUERY}")).json()
    assert (all_of_it["contacts"], len(all_of_it["csat_by_agent"])) == (9, 2)
    hers = (await supervisor.get(f"/api/desk/reports?{QUERY}&agent={bina}")).json()
    assert (hers["contacts"], hers["agent"]) == (1, bina)


async def test_a_file_holds_plain_figures_and_no_formula(house: House, sign_in: Any) -> None:
    await _a_week(house)
    client = await sign_in("Sara", role="supervisor")
    client.headers["Accept-Language"] = "bn"
    answer = await client.get(f"/api/desk/reports/topics.csv?{QUERY}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="topics-2026-03-02-2026-03-08.csv"' in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][0] == "বিষয়"
    assert ["'=1+1", "1", "0", "0", "1"] in rows
    shares = await client.get(f"/api/desk/reports/csat_language.csv?{QUERY}")
    rows = list(csv.reader(io.StringIO(shares.content.decode("utf-8-sig"))))
    assert rows[0][1].endswith("(%)")
    assert rows[1][1:] == ["66.7", "20.8", "93.9", "2", "3", "4", "75.0"]
    waits = await client.get(f"/api/desk/reports/waiting.csv?{QUERY}")
    assert waits.content.decode("utf-8-sig").splitlines()[-1].endswith("4,2,7.5,9.5")
    assert (await client.get(f"/api/desk/reports/nothing.csv?{QUERY}")).status_code == 404
    async with house.db.reading() as session:
        noted = await lines(session, Filter(action="report_downloaded"))
    assert {line.details["table"] for line in noted} == {"topics", "csat_language", "waiting"}


@pytest.mark.parametrize("locale", ["en", "bn", "mr", "ml", "hi"])
async def test_the_page_speaks_every_language(house: House, sign_in: Any, locale: str) -> None:
    await _a_week(house)
    client = await sign_in("Sara", role="supervisor")
    client.headers["Accept-Language"] = locale
    page = (await client.get(f"/desk/reports?{QUERY}")).text
    assert "style=" not in page and "<script>" not in page
    digit = {"bn": "৯", "mr": "९"}.get(locale, "9")
    assert f"<strong>{digit}</strong>" in page
    assert page.count(".csv?first=2026-03-02&amp;last=2026-03-08") == 11

"""Alerts at the HTTP boundary: a real service is told once of each wait, and nothing private."""

import asyncio
import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa

from bot.db import now
from bot.desk.alerts import Alerts
from bot.desk.models import Alert
from bot.handoff import office
from bot.handoff.models import Agent, Handoff
from bot.settings import Settings

House = Any


class Service:
    """What Slack or Teams is to us: an address that takes JSON, or is down."""

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.status == 200:
                    outer.told.append(json.loads(body))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}/secret-path"


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    threading.Thread(target=service.server.serve_forever, daemon=True).start()
    yield service
    service.server.shutdown()


def _alerts(house: House, *urls: str) -> Alerts:
    around_the_clock = {"opens": "00:00", "closes": "00:00"}
    return Alerts(
        house.db, Settings(_env_file=None, alert_urls=urls, alert_minutes=10, **around_the_clock)
    )


async def _waiting(house: House, minutes: int, locale: str = "bn") -> str:
    chat = await house.chat("আমার গোপন কথা", locale, name="রিনা দাস")
    handoff = await house.hand_off(chat)
    async with house.db.transaction() as session:
        await session.execute(
            sa.update(Handoff)
            .where(Handoff.id == handoff)
            .values(opened_at=now() - dt.timedelta(minutes=minutes))
        )
    return str(chat)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_each_long_wait_is_told_of_once(house: House, service: Service) -> None:
    first, second = _alerts(house, service.url), _alerts(house, service.url)
    await _waiting(house, 3)
    assert await first.tick(now()) and service.told == []
    chat = await _waiting(house, 12)
    await asyncio.gather(first.tick(now()), second.tick(now()))
    await first.tick(now())
    (told,) = service.told
    assert told["title"] == "Nadi: somebody waits too long"
    assert "12 minutes" in told["message"] and f"/desk/c/{chat}" in told["message"]
    assert "বাংলা" in told["message"]
    assert "রিনা" not in json.dumps(told, ensure_ascii=False) and "গোপন" not in told["message"]


async def test_many_at_once_are_one_message(house: House, service: Service) -> None:
    for minutes in (11, 25, 40):
        await _waiting(house, minutes)
    await _alerts(house, service.url).tick(now())
    (told,) = service.told
    assert "3 clients" in told["message"] and "40 minutes" in told["message"]


async def test_what_did_not_arrive_is_told_again(house: House, service: Service) -> None:
    await _waiting(house, 12)
    alerts = _alerts(house, service.url)
    service.status = 503
    assert not await alerts.tick(now())
    async with house.db.reading() as session:
        assert (await session.execute(sa.select(Alert))).all() == []
    service.status = 200
    assert await alerts.tick(now()) and len(service.told) == 1


async def test_without_an_address_nothing_runs(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    alerts = _alerts(house)
    assert not alerts.on
    # Background work that ended would be started again and again, and nothing else would run.
    working = asyncio.create_task(alerts.run())
    await asyncio.sleep(0)
    assert not working.done()
    working.cancel()
    assert not _alerts(house, "nonsense://top-secret").on
    assert "top-secret" not in "".join(capsys.readouterr())


def test_addresses_stand_with_spaces_and_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETU_ALERT_URLS", "json://a.example/x  mailto://u:pw@b.example?to=c,d")
    found = Settings(_env_file=None)
    assert len(found.alert_urls) == 2 and "pw" not in repr(found)


async def test_nobody_is_woken_for_somebody_who_was_told_that_it_is_closed(
    house: House, service: Service
) -> None:
    alerts = _alerts(house, service.url)
    evening = dt.datetime(2026, 11, 23, 18, tzinfo=dt.timezone.utc)  # a Monday
    morning = dt.datetime(2026, 11, 24, 9, tzinfo=dt.timezone.utc)
    async with house.db.transaction() as session:
        await office.save_team(
            session, office.EVERYBODY, name="Nadi", time_zone="UTC", languages=[],
            week=[[["09:00", "17:00"]]] * 7, free_days=[],
        )  # fmt: skip
    await house.hand_off(await house.chat())
    async with house.db.transaction() as session:
        await session.execute(sa.update(Handoff).values(opened_at=evening))
    for moment in (evening + dt.timedelta(hours=3), morning + dt.timedelta(minutes=9)):
        assert await alerts.tick(moment)
        assert service.told == []
    assert await alerts.tick(morning + dt.timedelta(minutes=10))
    assert len(service.told) == 1, "ten minutes after the team came, nobody has seen to it"


@pytest.mark.parametrize("why", ["the setting", "somebody on duty"])
async def test_outside_the_hours_where_it_is_wished_or_somebody_works(
    house: House, service: Service, why: str
) -> None:
    alerts = _alerts(house, service.url)
    await _waiting(house, 12)
    async with house.db.transaction() as session:
        await office.save_team(
            session, office.EVERYBODY, name="Nadi", time_zone="UTC", languages=[],
            week=[[]] * 7, free_days=[],
        )  # fmt: skip
    assert await alerts.tick(now())
    assert service.told == []
    if why == "the setting":
        async with house.db.transaction() as session:
            await office.change(session, {"alert_closed": True}, None)
    else:
        await house.agent("Asha")
        async with house.db.transaction() as session:
            await session.execute(sa.update(Agent).values(presence="busy", seen_at=now()))
    assert await alerts.tick(now())
    assert len(service.told) == 1

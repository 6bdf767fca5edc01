"""Another way than waiting: an address, or a call at a time that suits."""

import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from bot.conversations import log
from bot.conversations.identities import client_of
from bot.db import Database, now
from bot.handoff import contact, office
from bot.handoff.contact import Claimed, Settled, read_clock, read_email, read_phone
from bot.handoff.models import ContactRequest
from bot.settings import Settings

Opened = Callable[..., Awaitable[str]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("priya@example.com", "priya@example.com"),
        ("It is priya.k+shop@Example.CO.IN, thanks", "priya.k+shop@example.co.in"),
        ("আমার ই-মেল priya@example.com।", "priya@example.com"),
        ("priya@example", None),
        ("priya@@example.com", None),
        ("a@x.com or b@y.com", None),
        ("a..b@x.com", None),
        ("no address", None),
        ("x" * 65 + "@example.com", None),
    ],
)
def test_addresses(text: str, found: str | None) -> None:
    assert read_email(text) == found


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("98300 12345", "IN", "+919830012345"),
        ("৯৮৩০০ ১২৩৪৫", "IN", "+919830012345"),
        ("call me on +44 20 7946 0958 please", "IN", "+442079460958"),
        ("01712-345678", "BD", "+8801712345678"),
        ("12345", "IN", None),
        ("98300 12345", None, None),
        ("order 4711", "IN", None),
    ],
)
def test_numbers(text: str, region: str | None, found: str | None) -> None:
    assert read_phone(text, region) == found


@pytest.mark.parametrize(
    ("text", "hour"), [("5 pm", 17), ("17:00", 17), ("১০:০০", 10), ("10am please", 10), ("7", None),
                       ("I have 3 orders", None), ("18:00", None)],
)  # fmt: skip
def test_times_of_day(text: str, hour: int | None) -> None:
    day = dt.datetime(2026, 11, 23, tzinfo=dt.timezone.utc)
    found = read_clock(text, [day.replace(hour=10), day.replace(hour=17)])
    assert (found and found.hour) == hour


class Talk:
    """One client choosing another way."""

    def __init__(self, db: Database, chat: str, config: Settings) -> None:
        self.db, self.chat, self._config = db, chat, config

    async def says(self, text: str) -> Claimed | None:
        return await self._claim(text=text)

    async def presses(self, payload: str) -> Claimed | None:
        return await self._claim(payload=payload)

    async def _claim(self, **what: str) -> Claimed | None:
        async with self.db.transaction() as session:
            assert await contact.concerns(session, self.chat, what.get("payload")) or "text" in what
            house = await office.read(session, self._config)
            return await contact.claim(session, self.chat, house, **what)

    async def told(self) -> log.Message:
        async with self.db.reading() as session:
            return (await log.messages(session, self.chat))[-1]

    async def buttons(self) -> list[str]:
        return [button["payload"] for button in (await self.told()).payload["buttons"]]


@pytest.fixture
async def talk(db: Database, open_chat: Opened, config: Settings) -> Talk:
    chat = await open_chat("bn", time_zone="Asia/Dhaka")
    return Talk(db, chat, config)


async def test_an_address_is_asked_for_checked_and_kept(talk: Talk) -> None:
    assert await talk.presses("way-email") == Claimed()
    assert (await talk.told()).language == "bn"
    assert await talk.says("priya@example") == Claimed(), "asked again"
    assert "name@example.com" in (await talk.told()).text
    assert await talk.says("priya@example.com") == Settled("email", "priya@example.com", None)
    async with talk.db.reading() as session:
        assert (await client_of(session, talk.chat)).email == "priya@example.com"
    assert await talk.says("other@example.com") is None, "nothing is open any more"


async def test_anything_else_goes_on_as_usual(talk: Talk) -> None:
    await talk.presses("way-email")
    assert await talk.says("আমার অর্ডার কোথায়?") is None
    assert isinstance(await talk.says("priya@example.com"), Settled), "and it is still open"


async def test_whoever_mistypes_too_often_is_left_alone(talk: Talk) -> None:
    await talk.presses("way-email")
    answers = [await talk.says("priya@example") for _ in range(3)]
    assert answers == [Claimed(), Claimed(), None]


async def test_a_call_has_a_time_and_a_number(talk: Talk) -> None:
    await talk.presses("way-call")
    told = await talk.told()
    times = [payload for payload in await talk.buttons() if payload.startswith("way-slot-")]
    assert "ঢাকা" in told.text and len(times) == 4
    assert await talk.presses(times[1]) == Claimed()
    assert await talk.says("01712") == Claimed(), "too short: asked again"
    settled = await talk.says("০১৭১২-৩৪৫৬৭৮")
    assert isinstance(settled, Settled)
    assert settled.contact == "+8801712345678", "the client's country, without its code"
    assert settled.at is not None and int(settled.at.timestamp()) // 60 == int(times[1][9:])


async def test_a_time_is_typed_as_its_number(talk: Talk) -> None:
    await talk.presses("way-call")
    times = await talk.buttons()
    await talk.says("২")
    async with talk.db.reading() as session:
        request = await contact.open_of(session, talk.chat)
        assert request is not None and request.awaiting == "phone"
        assert int(request.slot_at.timestamp()) // 60 == int(times[1][9:])


async def test_other_times_are_others_and_what_is_full_is_not_promised(
    talk: Talk, open_chat: Opened
) -> None:
    await talk.presses("way-call")
    first = await talk.buttons()
    more = next(payload for payload in first if payload.startswith("way-more-"))
    await talk.presses(more)
    assert not {p for p in await talk.buttons() if p.startswith("way-slot")} & {*first}
    taken = dt.datetime.fromtimestamp(int(first[0][9:]) * 60, dt.timezone.utc)
    async with talk.db.transaction() as session:
        for _ in range(2):
            session.add(
                ContactRequest(
                    conversation_id=talk.chat, kind="call", awaiting="nothing", status="done",
                    slot_at=taken, created_at=now(),
                )
            )  # fmt: skip
    await talk.presses(first[0])
    assert first[0] not in await talk.buttons(), "offered again, without it"


async def test_what_is_known_is_one_press(talk: Talk) -> None:
    async with talk.db.transaction() as session:
        (await client_of(session, talk.chat)).phone = "+8801712345678"
    await talk.presses("way-call")
    await talk.presses((await talk.buttons())[0])
    told = await talk.told()
    assert told.payload["buttons"][0]["title"] == "+880 1712-345678"
    assert isinstance(await talk.presses("way-known"), Settled)


async def test_never_mind_ends_it(talk: Talk) -> None:
    await talk.presses("way-email")
    await talk.presses("way-never-mind")
    assert await talk.says("priya@example.com") is None
    async with talk.db.reading() as session:
        states = (await session.execute(sa.select(ContactRequest.status))).scalars().all()
    assert states == ["dropped"]


@pytest.mark.parametrize("payload", ["way-slot-x", "way-slot-1", "way-more-", "way-", "way-known"])
async def test_buttons_that_make_no_sense_do_no_harm(talk: Talk, payload: str) -> None:
    assert await talk.presses(payload) == Claimed()
    await talk.presses("way-email")
    assert await talk.presses(payload) == Claimed()

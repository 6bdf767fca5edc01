"""The door to a service, before services that behave badly and before a real engine."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bot.flow.translation import private_data
from bot.languages.translation.breaker import Breaker
from bot.languages.translation.guarded import LONGEST, Guarded
from bot.languages.translation.libretranslate import LibreTranslate
from bot.languages.translation.translator import Translated
from tests.apertium import misbehaving as bad
from tests.apertium.facade import facade
from tests.apertium.misbehaving import SILENCE
from tests.apertium.server import Loopback
from tests.patience import PATIENCE

TEXT = "the parcel has not come yet"
TURNED = "yet come not has parcel the"
Door = Callable[..., Guarded]


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """Makes a guarded door to a service on loopback."""
    async with AsyncExitStack() as stack:

        def make(service: Loopback, key: str = "", **options: Any) -> Guarded:
            client = LibreTranslate(service.url, key)
            stack.push_async_callback(client.close)
            return Guarded(
                client,
                **{"terms": ["Nadi"], "private": private_data, "deadline": PATIENCE, **options},
            )

        yield make


async def test_a_translation_says_who_and_keeps_what_must_not_change(door: Door) -> None:
    async with bad.misbehaving(bad.well) as service:
        [said] = await door(service, key="secret").translate(
            ["order ND-482133 from Nadi never came, Asha"], "en", "es", keep=["Asha"]
        )
    assert said == Translated("Asha came, never Nadi from ND-482133 order", "es", "LibreTranslate")
    [request] = bad.asked(service)
    assert request.content == {
        "q": "order [X1X] from [X2X] never came, [X3X]",
        "source": "en",
        "target": "es",
        "format": "text",
        "api_key": "secret",
    }
    assert "secret" not in request.path and "secret" not in str(request.headers)


@pytest.mark.parametrize(
    ("behaviour", "failure", "requests"),
    [
        (bad.status("429 Too Many Requests"), "busy", 3),
        (bad.status("500 Internal Server Error"), "busy", 3),
        (bad.status("429 Too Many Requests", Retry_After="60"), "busy", 1),
        (bad.status("503 Down", Retry_After="Wed, 01 Jan 2100 00:00:00 GMT"), "busy", 1),
        (bad.status("400 Bad Request"), "refused", 1),
        (bad.status("403 Forbidden"), "refused", 1),
        (bad.status("302 Found", Location="http://127.0.0.1:9/"), "refused", 1),
        (bad.cut, "unreachable", 1),
        (bad.flood, "garbage", 1),
        (bad.says(b"<html>sign in to the wifi</html>"), "garbage", 1),
        (bad.says(b"\xff\xfe\x00{"), "garbage", 1),
        (bad.says(b"[" * 100_000), "garbage", 1),
        (bad.says({"error": "no"}), "garbage", 1),
        (bad.says([]), "garbage", 1),
        (bad.says({"translatedText": None}), "garbage", 1),
        (bad.says({"translatedText": [1]}), "garbage", 1),
        (bad.says({"translatedText": []}), "garbage", 1),
        (bad.says({"translatedText": ["a", "b"]}), "garbage", 1),
        (bad.says({"translatedText": "  "}), "garbage", 1),
        (bad.changed(lambda text: text + " ja" * 200), "garbage", 1),
        (bad.changed(lambda text: text), "garbage", 1),
        (bad.changed(lambda text: text.replace("[X1X]", "")), "lost_mask", 1),
        (bad.changed(lambda text: text.replace("1", "7")), "lost_mask", 1),
        (bad.changed(lambda text: text + " [X1X]"), "lost_mask", 1),
    ],
)
async def test_whatever_it_does_the_original_comes_back(
    door: Door, behaviour: bad.Behaviour, failure: str, requests: int
) -> None:
    text = f"{TEXT}, order ND-482133"
    async with bad.misbehaving(behaviour) as service:
        [said] = await door(service).translate([text], "en", "es")
    assert (said.text, said.language, said.by, said.failure) == (text, "en", None, failure)
    assert len(list(bad.asked(service))) == requests


@pytest.mark.parametrize("behaviour", [bad.silent, bad.trickle])
async def test_the_deadline_holds(door: Door, behaviour: bad.Behaviour) -> None:
    began = time.monotonic()
    async with bad.misbehaving(behaviour) as service:
        said = await door(service, deadline=0.3).translate([TEXT, "x" * 1999], "en", "es")
    assert [one.failure for one in said] == ["slow", "slow"]
    assert time.monotonic() - began < SILENCE / 2


async def test_nobody_there(door: Door) -> None:
    async with bad.misbehaving(bad.well) as service:
        pass
    [said] = await door(service).translate([TEXT], "en", "es")
    assert said == Translated(TEXT, "en", failure="unreachable")


async def test_busy_is_asked_again_when_it_said(door: Door) -> None:
    async with bad.misbehaving(bad.status("429 Busy", Retry_After="1"), bad.well) as service:
        began = time.monotonic()
        [said] = await door(service).translate([TEXT], "en", "es")
        assert said.text == TURNED
        assert 1 <= time.monotonic() - began < PATIENCE


async def test_a_service_that_asks_for_rest_gets_it(door: Door) -> None:
    async with bad.misbehaving(bad.status("429 Busy", Retry_After="60"), bad.well) as service:
        translator = door(service)
        first, second = [await translator.translate([TEXT], "en", "es") for _ in range(2)]
    assert (first[0].failure, second[0].failure) == ("busy", "paused")
    assert len(list(bad.asked(service))) == 1


async def test_a_service_that_keeps_failing_is_left_alone_and_tried_again(door: Door) -> None:
    moment = 1000.0
    breaker = Breaker(failures=2, rest=30, clock=lambda: moment)
    async with bad.misbehaving(*[bad.cut] * 3, bad.well) as service:
        translator = door(service, breaker=breaker)
        failures = [(await translator.translate([TEXT], "en", "es"))[0].failure for _ in range(4)]
        assert failures == ["unreachable", "unreachable", "paused", "paused"]
        moment += 31
        assert (await translator.translate([TEXT], "en", "es"))[0].failure == "unreachable"
        assert (await translator.translate([TEXT], "en", "es"))[0].failure == "paused"
        moment += 31
        assert (await translator.translate([TEXT], "en", "es"))[0].text == TURNED
        assert (await translator.translate(["one more"], "en", "es"))[0].by
    assert len(list(bad.asked(service))) == 5


async def test_half_an_answer_is_asked_for_one_by_one(door: Door) -> None:
    async with bad.misbehaving(bad.half, bad.well) as service:
        said = await door(service).translate(["one more", "two more"], "en", "es")
    assert [one.text for one in said] == ["more one", "more two"]


async def test_one_bad_text_does_not_spoil_the_others(door: Door) -> None:
    def change(text: str) -> str:
        return "" if "poison" in text else bad.swapped(text)

    async with bad.misbehaving(bad.changed(change)) as service:
        said = await door(service).translate(["one more", "poison", "two more"], "en", "es")
    assert [one.failure for one in said] == [None, "garbage", None]


async def test_what_was_translated_is_remembered_without_its_numbers(door: Door) -> None:
    async with bad.misbehaving(bad.well) as service:
        translator = door(service)
        for number in ("ND-111111", "ND-222222"):
            [said] = await translator.translate([f"where is {number}"], "en", "es")
            assert said.text == f"{number} is where"
        assert len(list(bad.asked(service))) == 1
        await translator.translate(["where is ND-111111"], "en", "bn")
        assert len(list(bad.asked(service))) == 2


async def test_the_memory_is_bounded(door: Door) -> None:
    async with bad.misbehaving(bad.well) as service:
        translator = door(service, cached=1)
        for text in ("one more", "two more", "one more"):
            await translator.translate([text], "en", "es")
        assert len(list(bad.asked(service))) == 3


async def test_what_need_not_or_must_not_go_out_does_not(door: Door) -> None:
    async with bad.misbehaving(bad.well) as service:
        translator = door(service)
        long = "word " * LONGEST
        same = await translator.translate(["ND-482133", "👍", long], "en", "es")
        assert [one.text for one in same] == ["ND-482133", "👍", long]
        assert [one.failure for one in same] == [None, None, "too_long"]
        assert (await translator.translate([TEXT], "en", "en"))[0].failure is None
        for source, target in (("hi-Latn", "en"), ("en", "ml"), ("fr", "en")):
            [said] = await translator.translate([TEXT], source, target)
            assert said.failure == "no_pair"
        assert await translator.translate([], "en", "es") == []
        assert not list(bad.asked(service))


async def test_a_text_in_the_wrong_script_is_no_translation(door: Door) -> None:
    async with bad.misbehaving(bad.well) as service:
        translator = door(service)
        assert (await translator.translate([TEXT], "en", "bn"))[0].failure == "garbage"
        assert (await translator.translate(["Hello Asha"], "bn", "bn"))[0].failure is None


async def test_control_characters_do_not_come_through(door: Door) -> None:
    async with bad.misbehaving(bad.changed(lambda _: "hola\x00 \u202eque tal")) as service:
        [said] = await door(service).translate(["hello\ud800 there"], "en", "es")
    assert said.text == "hola que tal"


async def test_many_at_once_stay_within_a_few_connections(door: Door) -> None:
    under_way = most = 0

    async def answer(request: Any, writer: Any) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        await bad.well(request, writer)

    async with bad.misbehaving(answer) as service:
        translator = door(service)
        said = await asyncio.gather(
            *(translator.translate([f"{name} again"], "en", "es") for name in "abcdefghijkl")
        )
    assert all(one.by for [one] in said)
    assert most <= 4


async def test_a_look_alike_that_lists_no_languages_is_asked_all_the_same(door: Door) -> None:
    async def answer(request: Any, writer: Any) -> None:
        behave = bad.well if request.path == "/translate" else bad.status("404 Not Found")
        await behave(request, writer)

    async with Loopback(answer) as service:
        assert (await door(service).translate([TEXT], "fr", "de"))[0].text == TURNED


async def test_a_real_engine(door: Door) -> None:
    text = (
        "Where is my order ND-482133? See https://shop.example/track/77, or write to a@b.example."
    )
    async with facade() as service:
        translator = door(service, deadline=PATIENCE)
        [spanish] = await translator.translate([text], "en", "es")
        assert spanish.by and spanish.language == "es"
        for kept in ("ND-482133", "https://shop.example/track/77", "a@b.example"):
            assert kept in spanish.text
        assert "orden" in spanish.text
        several = ["The parcel is late.", "ND-482133", "Thank you for your help."]
        said = await translator.translate(several, "en", "es")
        assert [bool(one.by) for one in said] == [True, False, True]
        assert "paquete" in said[0].text and said[1].text == several[1]
        [portuguese] = await translator.translate(["¿Dónde está mi pedido?"], "es", "pt")
        assert "pedido" in portuguese.text and portuguese.text != "¿Dónde está mi pedido?"
        [none] = await translator.translate(["Where is my order?"], "en", "bn")
        assert none.failure == "no_pair"

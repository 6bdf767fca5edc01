"""What `setu doctor` finds of a translation service."""

import pytest

from bot.doctor import _translation
from bot.languages.translation.check import Checked, check
from bot.languages.translation.libretranslate import LibreTranslate
from bot.settings import settings
from tests.apertium import misbehaving as bad
from tests.apertium.facade import facade

FIVE = ("en", "bn", "es")


@pytest.mark.parametrize(
    ("behaviour", "found"),
    [
        (bad.well, Checked(None)),
        (bad.status("403 Forbidden"), Checked("refused")),
        (bad.status("429 Too Many Requests"), Checked("busy")),
        (bad.says("<html>"), Checked("garbage")),
        (bad.silent, Checked("slow")),
        (bad.trickle, Checked("slow")),
    ],
)
async def test_a_service_that_behaves_in_one_way(behaviour: bad.Behaviour, found: Checked) -> None:
    async with bad.misbehaving(behaviour) as service:
        client = LibreTranslate(service.url)
        assert await check(client, FIVE, "en", deadline=1.0) == found
        await client.close()


async def test_languages_it_lacks_are_named() -> None:
    async with bad.misbehaving(bad.well) as service:
        client = LibreTranslate(service.url)
        assert await check(client, ("en", "bn", "mr", "ml"), "en", 3.0) == Checked(
            None, ("mr", "ml")
        )
        assert await check(client, ("mr", "ml"), "en", 3.0) == Checked("no_pair", ("mr", "ml"))
        await client.close()


async def test_a_real_engine_is_well_and_lacks_what_it_lacks() -> None:
    async with facade() as service:
        client = LibreTranslate(service.url)
        assert await check(client, ("en", "es", "hi"), "en", 20.0) == Checked(None, ("hi",))
        await client.close()


async def test_what_the_doctor_says() -> None:
    off = await _translation(settings().copy(update={"translate_url": ""}))
    assert (off.state, off.advice) == ("ok", "")
    nobody = settings().copy(update={"translate_url": "http://127.0.0.1:9", "translate_key": "x"})
    found = await _translation(nobody)
    assert (found.state, found.what) == ("warning", "machine translation: unreachable")
    assert "SETU_TRANSLATE_URL" in found.advice
    async with bad.misbehaving(bad.well) as service:
        found = await _translation(settings().copy(update={"translate_url": service.url}))
    assert (found.state, found.what) == (
        "warning",
        "machine translation has no en to and from mr, ml, hi",
    )

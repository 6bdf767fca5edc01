"""What `setu doctor` finds of a translation service."""

import pytest

from bot.doctor import _translation
from bot.languages.translation.check import Checked, check
from bot.languages.translation.libretranslate import LibreTranslate
from bot.settings import settings
from tests.apertium import misbehaving as bad
from tests.apertium.facade import facade
from tests.patience import PATIENCE

FIVE = ("en", "bn", "es")


@pytest.mark.parametrize(
    ("behaviour", "deadline", "found"),
    [
        (bad.well, PATIENCE, Checked(None)),
        (bad.status("403 Forbidden"), PATIENCE, Checked("refused")),
        (bad.status("429 Too Many Requests"), PATIENCE, Checked("busy")),
        (bad.says("<html>"), PATIENCE, Checked("garbage")),
        (bad.silent, 1.0, Checked("slow")),
        (bad.trickle, 1.0, Checked("slow")),
    ],
)
async def test_a_service_that_behaves_in_one_way(
    behaviour: bad.Behaviour, deadline: float, found: Checked
) -> None:
    async with bad.misbehaving(behaviour) as service:
        client = LibreTranslate(service.url)
        assert await check(client, FIVE, "en", deadline) == found
        await client.close()


async def test_languages_it_lacks_are_named() -> None:
    async with bad.misbehaving(bad.well) as service:
        client = LibreTranslate(service.url)
        assert await check(client, ("en", "bn", "mr", "ml"), "en", PATIENCE) == Checked(
            None, ("mr", "ml")
        )
        assert await check(client, ("mr", "ml"), "en", PATIENCE) == Checked("no_pair", ("mr", "ml"))
        await client.close()


async def test_a_real_engine_is_well_and_lacks_what_it_lacks() -> None:
    async with facade() as service:
        client = LibreTranslate(service.url)
        assert await check(client, ("en", "es", "hi"), "en", PATIENCE) == Checked(None, ("hi",))
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

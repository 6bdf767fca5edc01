"""Whatever shape a request has, a channel reads it or says that it cannot; it never falls over."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from bot.channels import hooks
from bot.channels.contract import Hooked, Unreadable
from tests.channels.conftest import Line
from tests.channels.fake import FakePlatform
from tests.channels.kits import KITS, Kit

_ODD: tuple[Any, ...] = (
    None, True, -1, 10**40, 1e308, "", " ", "\0", "\ud800", "x" * 5000, "9" * 5000, [], {}, [[]],
    [None], {"": None}, ["x"], {"id": {"id": []}}, "\u202e\r\nSet-Cookie: a=b",
)  # fmt: skip
_HOOKED = [kit for kit in KITS if kit.name != "email"]


def _odd(content: Any) -> Iterator[Any]:
    """The content with each of its parts taken away, or made into something else."""
    keys = list(content) if isinstance(content, dict) else range(len(content))
    for key in keys:
        without = content.copy()
        del without[key]
        yield without
        inside = content[key]
        changed = [*_ODD, *(_odd(inside) if isinstance(inside, dict | list) else ())]
        for value in changed:
            other = content.copy()
            other[key] = value
            yield other


def _contents(kit: Kit) -> list[Any]:
    said = [kit.text("7", 1, "hello"), kit.press("7", 2, "x"), kit.photo("7", 3),
            kit.edit("7", 1, "hullo")]  # fmt: skip
    more: list[Any] = []
    if kit.name == "webhook":
        more = [{"type": "receipt", "id": "a", "state": "read"}, {"type": "left", "from": "7"},
                {"type": "delete", "id": "m1", "from": "7"}]  # fmt: skip
    if kit.name == "whatsapp":
        status = {"id": "wamid.1", "status": "failed", "errors": [{"code": 131050}]}
        more = [kit.value(statuses=[status])]  # type: ignore[attr-defined]
    return [each for each in (*said, *more) if each is not None]


@pytest.mark.parametrize("kit", _HOOKED, ids=lambda kit: kit.name)
def test_no_shape_makes_a_channel_fall_over(kit: Kit, platform: FakePlatform) -> None:
    channel: Hooked = kit.channel(platform)  # type: ignore[assignment]
    fell: set[str] = set()
    count = 0
    for content in [*_ODD, *(odd for whole in _contents(kit) for odd in _odd(whole))]:
        count += 1
        if not isinstance(content, dict):
            continue
        hook = kit.sign(content)
        try:
            channel.verify(hook)
            channel.parse(hook)
            hooks._response(channel.answer(hook))
        except Unreadable:
            pass
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            fell.add(f"{type(error).__name__} {error}: {json.dumps(content)[:300]}")
    assert count > 100
    assert sorted(fell)[:20] == []


async def test_no_shape_makes_the_door_fall_over(line: Line) -> None:
    """A sample of them through the whole door; the next honest message is taken."""
    if line.kit.name == "email":
        pytest.skip("nobody calls a mailbox")
    chance = random.Random(3)
    await line.post(line.kit.text("7", 1, "hello"))
    odd = [each for whole in _contents(line.kit) for each in _odd(whole)]
    for content in chance.sample(odd, 80):
        reply = await line.post(content)
        assert reply.status_code in (200, 202, 403, 422, 429), (reply.status_code, content)
    await line.post(line.kit.text("8", 99, "still there?"))
    assert (await line.messages("8"))[0].text == "still there?"

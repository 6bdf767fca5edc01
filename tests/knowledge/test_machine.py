"""A machine's draft keeps the Markdown, the addresses and the code of its source."""

import dataclasses
import re
from collections.abc import AsyncIterator, Callable, Collection, Sequence

import pytest

from bot.knowledge.articles import Entry
from bot.knowledge.machine import LONGEST, NotTranslated, drafted
from bot.languages.translation.guarded import Guarded
from bot.languages.translation.libretranslate import LibreTranslate
from bot.languages.translation.translator import Failure, Translated
from tests.apertium.facade import facade

BODY = """\
You can return an item within **14 days**.

1. Open [My orders](https://shop.example/orders?a=1&b=2) and press `Return`.
2. Choose the reason.

> The courier collects it.

| Size | Price |
|------|-------|
| small | 5 euros |

```
RETURN 482133
```
- Write to help@shop.example."""

ENTRY = Entry(
    "return-item", "en", "How to return an item", BODY, ("I want to return it", "ফেরত চাই"),
    ("returns",), "returns", source_locale="en", version=3,
)  # fmt: skip


class Made:
    """Answers with what a function makes of each text."""

    name = "Made"

    def __init__(self, make: Callable[[str], str | Failure | None]) -> None:
        self._make = make
        self.asked: list[str] = []

    async def translate(
        self, texts: Sequence[str], source: str, target: str, *, keep: Collection[str] = ()
    ) -> list[Translated]:
        self.asked += texts
        said = [(text, self._make(text)) for text in texts]
        return [
            Translated(text, source, failure="garbage")
            if one is None
            else Translated(one, target, self.name)
            for text, one in said
        ]


@pytest.fixture
async def apertium() -> AsyncIterator[Guarded]:
    async with facade() as server:
        service = LibreTranslate(server.url, "")
        yield Guarded(service, deadline=60)
        await service.close()


def _shape(text: str) -> list[str]:
    return re.findall(r"^(?:\d+\. |- |> |```|\|)|\*\*|`[^`\n]+`|\]\([^)]*\)|\|", text, re.M)


@pytest.mark.slow
async def test_a_real_engine_keeps_the_shape(apertium: Guarded) -> None:
    made = await drafted(ENTRY, "es", apertium, ("quiero devolver",))
    assert _shape(made.entry.body) == _shape(BODY)
    assert "RETURN 482133" in made.entry.body and "help@shop.example" in made.entry.body
    assert made.entry.title != ENTRY.title and "**14" in made.entry.body
    assert made.entry.questions[0] == "quiero devolver" and len(made.entry.questions) == 2
    assert (made.entry.locale, made.entry.source_version, made.entry.tags) == (
        "es", 3, ("returns",),
    )  # fmt: skip


async def test_marks_that_get_lost_are_put_back() -> None:
    made = await drafted(ENTRY, "es", Made(lambda text: re.sub(r"[*`\[\]]", "", text).upper()))
    body = made.entry.body
    assert "RETURN AN ITEM WITHIN **14 DAYS**." in body
    assert "[MY ORDERS](https://shop.example/orders?a=1&b=2) AND PRESS `Return`." in body
    assert "| SMALL | 5 EUROS |" in body and "\n|------|-------|\n" in body
    assert made.left == 0


async def test_what_no_engine_can_read_is_not_sent() -> None:
    translator = Made(str.upper)
    await drafted(ENTRY, "es", translator)
    sent = "\n".join(translator.asked)
    assert "ফেরত" not in sent and "RETURN 482133" not in sent and "|---" not in sent


async def test_what_fails_stays_and_is_counted() -> None:
    made = await drafted(
        ENTRY, "es", Made(lambda text: None if "courier" in text else text.upper())
    )
    assert "> The courier collects it." in made.entry.body and made.left == 1


@pytest.mark.parametrize("body", [BODY, "x" * (LONGEST + 1)])
async def test_nothing_translated_is_no_draft(body: str) -> None:
    with pytest.raises(NotTranslated):
        await drafted(dataclasses.replace(ENTRY, body=body), "es", Made(lambda text: None))


async def test_a_service_that_is_away_is_asked_once() -> None:
    class Away(Made):
        async def translate(
            self, texts: Sequence[str], source: str, target: str, *, keep: Collection[str] = ()
        ) -> list[Translated]:
            self.asked += texts
            return [Translated(text, source, failure="unreachable") for text in texts]

    away = Away(str)
    with pytest.raises(NotTranslated) as raised:
        await drafted(ENTRY, "es", away)
    assert raised.value.reason == "unreachable" and len(away.asked) < 20

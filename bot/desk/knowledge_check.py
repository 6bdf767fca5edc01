"""The check-up: what `setu kb lint` finds, as a page that leads to each fault."""

import functools
from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from bot.db import Database
from bot.desk import knowledge_views as kb
from bot.desk.access import Desk, Who, page_reader
from bot.desk.background import Latest
from bot.desk.pages import render
from bot.knowledge.base import Knowledge
from bot.knowledge.embed import embedder
from bot.knowledge.lint import FAULTS, HINTS, Finding, lint_base
from bot.knowledge.lint_pairs import Remembering
from bot.knowledge.models import Body

_SHOWN = 40
"""Findings of one sort on the page; whoever has more mends these first."""

_REMEMBERED = 10_000
"""Sentences with a figure whose vectors are kept between two check-ups, 1.5 kB each."""


@dataclass(frozen=True)
class Sort:
    """The findings of one sort. `key` names its strings, `links` whether `other` is an article."""

    key: str
    hint: bool
    links: bool
    count: int
    findings: tuple[Finding, ...]


class Checks(Latest[list[Finding]]):
    """The latest check-up, made anew in the background when the base has changed."""

    def __init__(self, db: Database, knowledge: Knowledge) -> None:
        super().__init__()
        self._db = db
        self._knowledge = knowledge
        self._embedder = Remembering(embedder())

    async def _mark(self) -> object:
        query = sa.select(sa.func.max(Body.updated_at), sa.func.sum(Body.version))
        async with self._db.reading() as session:
            row = (await session.execute(query)).one()
        return self._knowledge.version, row[0], row[1]

    async def _make(self) -> list[Finding]:
        found = await lint_base(self._db, self._embedder)
        self._embedder.forget(_REMEMBERED)
        return found


def routes(desk: Desk) -> APIRouter:
    """The page and the part of it that is fetched again while the check is on."""
    router = APIRouter(include_in_schema=False)
    checks = Checks(desk.db, desk.knowledge)
    page = functools.partial(render, desk)

    async def values(who: Who) -> dict[str, Any]:
        found, working = await checks.latest()
        return {"found": found, "sorts": _sorted(found or []), "working": working,
                "address": kb.address}  # fmt: skip

    @router.get("/desk/knowledge/check")
    async def whole(request: Request) -> Response:
        who = await page_reader(desk, request)
        return page("knowledge_check.html", who.locale, who, **await values(who))

    @router.get("/desk/parts/knowledge/check")
    async def part(request: Request) -> Response:
        who = await page_reader(desk, request)
        return page("parts/knowledge_check.html", who.locale, who, **await values(who))

    return router


_LINKED = frozenset({"same text", "same wording", "leads elsewhere", "may contradict",
                     "says the same"})  # fmt: skip


def _sorted(found: list[Finding]) -> list[Sort]:
    counts = Counter(one.fault for one in found)
    return [
        Sort(
            fault.replace(" ", "_"),
            fault in HINTS,
            fault in _LINKED,
            counts[fault],
            tuple(one for one in found if one.fault == fault)[:_SHOWN],
        )
        for fault in FAULTS
        if counts[fault]
    ]

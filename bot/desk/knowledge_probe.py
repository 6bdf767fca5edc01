"""Asking the base as a client would, while an article is being written."""

import functools
from dataclasses import dataclass
from typing import Annotated, Literal

import anyio
from fastapi import APIRouter, Query, Request, Response

from bot.desk import knowledge_views as kb
from bot.desk.access import Desk, page_reader, writer
from bot.desk.bodies import Variants
from bot.desk.pages import render
from bot.knowledge.answer import Decision
from bot.knowledge.base import Knowledge

_LONGEST = 500
_VARIANTS = 20
"""Wordings that are asked at once; 10 to 30 ms each, and only those that changed."""

_PER_MINUTE = 120  # of one author: a request each half second is faster than anybody types

Tag = Annotated[str, Query(max_length=35)]


@dataclass(frozen=True)
class Probed:
    """One wording, and what the published base says to it."""

    text: str
    decision: Decision
    article: str

    @property
    def kind(self) -> Literal["this", "other", "none"]:
        """Does it lead to the article being written, to another, or to none?"""
        if self.decision.kind == "none" or not self.decision.results:
            return "none"
        return "this" if self.decision.results[0].article == self.article else "other"


def routes(desk: Desk) -> APIRouter:
    """Parts of the article's page. The model works in a thread: the chat shares this loop."""
    router = APIRouter(include_in_schema=False)
    page = functools.partial(render, desk)

    @router.get("/desk/parts/knowledge/probe")
    async def probe(
        request: Request,
        locale: Tag,
        text: Annotated[str, Query(max_length=4_000)] = "",
        article: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        who = await page_reader(desk, request)
        asked = text.strip()[:_LONGEST]
        decision = (
            await anyio.to_thread.run_sync(desk.knowledge.search, asked, locale) if asked else None
        )
        return page(
            "parts/knowledge_probe.html",
            who.locale,
            who,
            decision=decision,
            article=article,
            address=kb.address,
        )

    @router.post("/desk/parts/knowledge/variants")
    async def variants(body: Variants, request: Request) -> Response:
        who = await writer(desk, request)
        await desk.rates.check("variants", who.id, _PER_MINUTE)
        asked = kb.questions_of(f"{body.title}\n{body.questions}")
        found = await anyio.to_thread.run_sync(
            _probed, desk.knowledge, asked[:_VARIANTS], body.locale, body.article
        )
        return page(
            "parts/knowledge_variants.html",
            who.locale,
            who,
            found=found,
            left=max(0, len(asked) - _VARIANTS),
            tag=body.locale,
            address=kb.address,
        )

    return router


def _probed(
    knowledge: Knowledge, asked: tuple[str, ...], locale: str, article: str
) -> list[Probed]:
    return [Probed(text, knowledge.search(text[:_LONGEST], locale), article) for text in asked]

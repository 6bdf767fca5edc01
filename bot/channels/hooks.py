"""The door that platforms call: verified, parsed, written down, and only then answered.

A platform that gets no 200 repeats itself, so nothing that was told is lost; what it repeats
needlessly is known by its id. The bot's turn comes after the answer.
"""

import json
import time
from collections.abc import Mapping

import structlog
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from bot.channels.contract import (
    Answer,
    Channel,
    Door,
    Hook,
    Hooked,
    Unreadable,
    Unverified,
)
from bot.channels.errors import ApiError
from bot.channels.limits import Rates, network_of
from bot.db import storable

PREFIX = "/api/channels/"
MAX_HOOK = 1024 * 1024
"""Bytes of one request; WhatsApp and Slack batch more than a person ever sends."""

_FAILURES_PER_MINUTE = 60  # of one network: whoever signs wrongly that often is guessing

_logger = structlog.get_logger(__name__)


def router(channels: Mapping[str, Channel], door: Door) -> APIRouter:
    """`GET` and `POST /api/channels/<name>` of every channel that is on and has a webhook."""
    api = APIRouter(prefix="/api/channels", tags=["Channels"], include_in_schema=False)
    failures = Rates()

    def hooked(name: str) -> Hooked:
        channel = channels.get(name)
        if channel is None or not hasattr(channel, "verify"):
            raise ApiError(404, "not_found")
        return channel  # type: ignore[return-value]  # told apart by `verify`

    async def refuse(name: str, request: Request, error: Unverified) -> ApiError:
        await failures.check("hook", network_of(request), _FAILURES_PER_MINUTE)
        _logger.warning("a request was not the platform's", channel=name, why=str(error))
        return ApiError(401, "unverified")

    @api.get("/{name}")
    async def shake(name: str, request: Request) -> Response:
        channel = hooked(name)
        try:
            return _response(channel.handshake(await _hook(request)))
        except Unverified as error:
            raise await refuse(name, request, error) from error

    @api.post("/{name}")
    async def receive(name: str, request: Request) -> Response:
        channel = hooked(name)
        hook = await _hook(request)
        try:
            channel.verify(hook)
        except Unverified as error:
            raise await refuse(name, request, error) from error
        try:
            updates = channel.parse(hook)
        except Unreadable as error:
            _logger.warning("a platform's request could not be read", channel=name, why=str(error))
            raise ApiError(422, "invalid") from error
        for update in updates:
            await door.take(channel, update)
        return _response(channel.answer(hook))

    return api


async def _hook(request: Request) -> Hook:
    return Hook(
        body=await request.body(),
        headers=dict(request.headers),
        query=dict(request.query_params),
        at=time.time(),
    )


def _response(answer: Answer) -> Response:
    headers = {"Cache-Control": "no-store"}
    if isinstance(answer.content, str):
        return PlainTextResponse(storable(answer.content), answer.status, headers)
    # In ASCII: what a platform is told again may be no text that could be sent.
    content = json.dumps(answer.content or {})
    return Response(content, answer.status, headers, media_type="application/json")

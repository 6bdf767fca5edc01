"""A platform at the HTTP boundary: a real local server that does what real ones do to senders."""

import asyncio
import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.patience import PATIENCE, Port


@dataclass(frozen=True)
class Call:
    """One request that arrived, with its JSON, or a form's fields; `at` is monotonic seconds.

    `files` are those of a form: name, media type, content.
    """

    path: str
    content: dict[str, Any]
    headers: dict[str, str]
    raw: bytes
    at: float
    status: int
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)


@dataclass
class Reply:
    """What the platform answers: JSON, or bytes as they stand. `seconds`: it takes its time."""

    status: int = 200
    content: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class FakePlatform:
    """Records what it is sent; answers with what was scripted, else by its `mood`, else `usual`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.script: deque[Reply] = deque()
        self.usual = Reply()
        self.by_path: dict[str, Reply] = {}
        self.mood: Callable[[], Reply | None] = lambda: None
        self._reserved = Port()
        self.url = f"http://127.0.0.1:{self._reserved.number}"
        app = Starlette(
            routes=[Route("/{path:path}", self._answer, methods=["GET", "POST", "PUT"])]
        )
        port = self._reserved.number
        config = uvicorn.Config(app, port=port, ws="none", log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def sent(self, path: str = "") -> list[dict[str, Any]]:
        """What arrived at addresses that contain `path`, in order."""
        return [call.content for call in self.calls if path in call.path]

    @contextlib.contextmanager
    def running(self) -> Iterator["FakePlatform"]:
        self._thread.start()
        until = time.monotonic() + PATIENCE
        while not self._server.started:
            assert time.monotonic() < until and self._thread.is_alive(), "it did not start"
            time.sleep(0.01)
        try:
            yield self
        finally:
            self._server.should_exit = True
            self._thread.join(PATIENCE)

    async def _answer(self, request: Request) -> Response:
        raw = await request.body()
        content, files = await _read(request, raw)
        path = request.url.path
        headers = dict(request.headers)
        known = next((reply for end, reply in self.by_path.items() if path.endswith(end)), None)
        scripted = known or (self.script.popleft() if self.script else None)
        reply = scripted or self.mood() or self.usual
        call = Call(path, content, headers, raw, time.monotonic(), reply.status, files)
        self.calls.append(call)
        if reply.seconds:
            await asyncio.sleep(reply.seconds)
        answer = reply.content
        if callable(answer):
            answer = answer(call)
        if isinstance(answer, bytes):
            return Response(answer, reply.status, reply.headers)
        return Response(
            json.dumps(answer), reply.status, reply.headers, media_type="application/json"
        )


async def _read(
    request: Request, raw: bytes
) -> tuple[dict[str, Any], dict[str, tuple[str, str, bytes]]]:
    kind = request.headers.get("content-type", "")
    if kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        fields, files = {}, {}
        for name, value in (await request.form()).items():
            if isinstance(value, str):
                fields[name] = value
            else:
                content = await value.read()
                files[name] = (value.filename or "", value.content_type or "", content)
        return fields, files
    try:
        content = json.loads(raw) if raw else {}
    except ValueError:
        content = {}
    return content if isinstance(content, dict) else {}, {}

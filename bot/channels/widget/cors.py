"""Lets the sites that embed the widget read the client API, and nobody read anything else."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_PATHS = ("/api/conversations", "/api/widget/")
_A_WHILE = 600  # seconds a browser may remember the answer


class WidgetCors(CORSMiddleware):
    """ASGI middleware: cross-origin answers for the client API only. Same origin needs none."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PATCH"),
            allow_headers=("Authorization", "Content-Type", "Last-Event-ID"),
            expose_headers=("Retry-After", "Content-Language"),
            max_age=_A_WHILE,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(_PATHS):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)

"""A service that looks like LibreTranslate and behaves badly in one way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from tests.apertium.server import Answer, Loopback, Request, write

LANGUAGES = [
    {"code": code, "name": code, "targets": ["en", "es", "bn"]} for code in ("en", "es", "bn")
]
SILENCE = 60.0  # seconds
Behaviour = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def texts_of(request: Request) -> list[str]:
    """The texts that were asked for."""
    asked = request.content["q"]
    return asked if isinstance(asked, list) else [asked]


def swapped(text: str) -> str:
    """A stand-in for a translation: the words backwards, masks and all."""
    return " ".join(reversed(text.split()))


async def well(request: Request, writer: asyncio.StreamWriter) -> None:
    """Behaves."""
    asked = request.content["q"]
    said = [swapped(text) for text in texts_of(request)]
    write(writer, {"translatedText": said if isinstance(asked, list) else said[0]})


def status(line: str, **headers: str) -> Behaviour:
    """Refuses with a status."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        write(writer, {"error": line}, line, named)

    return answer


def says(content: object) -> Behaviour:
    """Always answers the same, whatever was asked."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        write(writer, content)

    return answer


def changed(change: Callable[[str], str]) -> Behaviour:
    """Answers each text with something made of it."""

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        asked = request.content["q"]
        said = [change(text) for text in texts_of(request)]
        write(writer, {"translatedText": said if isinstance(asked, list) else said[0]})

    return answer


async def half(request: Request, writer: asyncio.StreamWriter) -> None:
    """Answers a list with its first text alone."""
    write(writer, {"translatedText": [swapped(texts_of(request)[0])]})


async def silent(_: Request, writer: asyncio.StreamWriter) -> None:
    """Never answers."""
    await asyncio.sleep(SILENCE)


async def trickle(_: Request, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, never an end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def flood(_: Request, writer: asyncio.StreamWriter) -> None:
    """More than anybody asked for."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    for _ in range(4000):
        writer.write(b'"x",' * 1024)
        await writer.drain()


async def cut(_: Request, writer: asyncio.StreamWriter) -> None:
    """Hangs up in the middle."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"translatedText": "ab')


def misbehaving(*behaviours: Behaviour) -> Loopback:
    """A service that answers requests for a translation in these ways, the last one for ever."""
    left = list(behaviours)

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.path == "/languages":
            return write(writer, LANGUAGES)
        behave = left.pop(0) if len(left) > 1 else left[0]
        await behave(request, writer)

    served: Answer = answer
    return Loopback(served)


def asked(service: Loopback) -> Iterable[Request]:
    """The requests for a translation that the service got."""
    return [request for request in service.requests if request.path == "/translate"]

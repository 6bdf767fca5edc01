"""LibreTranslate's interface over Debian's apertium: a real engine for the tests.

Rule-based, small and deterministic; its Spanish is not good, and need not be.
"""

import asyncio
import shutil
import subprocess

import pytest

from tests.apertium.server import Loopback, Request, write

MODES = {
    ("en", "es"): "eng-spa",
    ("es", "en"): "spa-eng",
    ("es", "pt"): "es-pt",
    ("pt", "es"): "pt-es",
    ("es", "fr"): "es-fr",
    ("fr", "es"): "fr-es",
}


def facade() -> Loopback:
    """The engine on a loopback port, to be entered."""
    if shutil.which("apertium") is None:
        pytest.fail("apertium is not here: scripts/test-tools installs it")
    return Loopback(_answer)


async def translated(text: str, source: str, target: str) -> str:
    """What apertium makes of one text."""
    # In a thread: asyncio gives a child a socket for stdin, which apertium's script cannot reopen.
    done = await asyncio.to_thread(
        subprocess.run,
        ["apertium", "-u", MODES[source, target]],
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


async def _answer(request: Request, writer: asyncio.StreamWriter) -> None:
    if (request.method, request.path) == ("GET", "/languages"):
        codes = sorted({code for pair in MODES for code in pair})
        targets = {code: [into for of, into in MODES if of == code] for code in codes}
        rows = [{"code": code, "name": code, "targets": targets[code]} for code in codes]
        return write(writer, rows)
    asked = request.content
    if request.path != "/translate" or (asked["source"], asked["target"]) not in MODES:
        return write(writer, {"error": "not supported"}, "400 Bad Request")
    texts = asked["q"] if isinstance(asked["q"], list) else [asked["q"]]
    said = [await translated(text, asked["source"], asked["target"]) for text in texts]
    write(writer, {"translatedText": said if isinstance(asked["q"], list) else said[0]})

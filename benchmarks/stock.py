"""The baseline: what `rasa init` makes, with its default pipeline, over its REST channel.

It needs TensorFlow, so it lives in an environment of its own. As made, its bot has no custom
action and keeps its conversations in memory: it does less for an answer than Setu does. A second
one, trained from the same examples, has a custom action for each reply.
"""

import hashlib
import os
import re
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from typing import IO

import aiohttp

from benchmarks.server import FOLDER, ROOT, Failed, Server

_LOCK = ROOT / "requirements" / "tensorflow.txt"
_BUILD = ROOT / "requirements" / "build.txt"
_VENV = FOLDER / "stock"
_PLAIN = FOLDER / "stock-bot"
_ACTING = FOLDER / "stock-bot-acting"
_LOG = FOLDER / "stock-making.log"
_ACTION = """
from rasa_sdk import Action


class Say(Action):
    def name(self):
        return "action_say"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="One moment, please.")
        return []
"""


class Stock(Server):
    """`rasa run` on the project of `rasa init`.

    Args:
        acting: the same bot, but every reply comes from a custom action, on Rasa's action server,
            as a bot's does that looks anything up.
    """

    familiar = ("hello", "I am sad", "yes", "I am great", "are you a bot?")
    health = "/"

    def __init__(self, acting: bool = False) -> None:
        super().__init__()
        self.name = "stock-acting" if acting else "stock"
        self.home = _ACTING if acting else _PLAIN
        self._actions = ActionServer() if acting else None

    def command(self) -> list[str]:
        """See `Server`."""
        return [_rasa(), "run", "-i", "127.0.0.1", "--port", str(self.port)]

    def environment(self) -> dict[str, str]:
        """See `Server`: without the thread limit that suits our embedder."""
        return _environment()

    def spawn(self) -> None:
        """See `Server`; its action server starts with it."""
        if self._actions is not None:
            self._actions.spawn()
            url = f"{self._actions.url}/webhook"
            (self.home / "endpoints.yml").write_text(f"action_endpoint:\n  url: {url}\n")
        super().spawn()

    async def ready(self, http: aiohttp.ClientSession) -> None:
        """See `Server`."""
        if self._actions is not None:
            await self._actions.ready(http)
        await super().ready(http)

    def stop(self) -> None:
        """See `Server`."""
        super().stop()
        if self._actions is not None:
            self._actions.stop()

    def cpu_seconds(self) -> float:
        """See `Server`."""
        more = self._actions.cpu_seconds() if self._actions is not None else 0.0
        return super().cpu_seconds() + more

    async def chat(self, http: aiohttp.ClientSession, language: str) -> "StockChat":
        """See `Server`."""
        return StockChat(http, f"{self.url}/webhooks/rest/webhook")


class ActionServer(Server):
    """`rasa run actions`: what the acting bot asks for its replies."""

    name = "stock-actions"
    home = _ACTING
    health = "/health"

    def command(self) -> list[str]:
        """See `Server`."""
        return [_rasa(), "run", "actions", "--port", str(self.port)]

    def environment(self) -> dict[str, str]:
        """See `Server`."""
        return _environment()

    async def chat(self, http: aiohttp.ClientSession, language: str) -> "StockChat":
        """See `Server`; nobody chats with it."""
        raise NotImplementedError


class StockChat:
    """A conversation over the REST channel, whose answer ends when the turn has."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._sender = uuid.uuid4().hex

    async def say(self, text: str) -> float:
        """See `Chat`."""
        began = time.perf_counter()
        async with self._http.post(
            self._url, json={"sender": self._sender, "message": text}
        ) as reply:
            reply.raise_for_status()
            await reply.read()
        return time.perf_counter() - began

    async def close(self) -> None:
        """See `Chat`: the channel knows no end."""


def made() -> bool:
    """Are environment and projects there, as the lock says?"""
    return _is(_VENV, _lock()) and all(_is(each, _pins()) for each in (_PLAIN, _ACTING))


def make() -> None:
    """Make the environment from the lock, and train the projects: minutes, once.

    Raises:
        Failed: a step did not work.
    """
    uv = find_uv()
    with _LOG.open("wb") as log:
        if not _is(_VENV, _lock()):
            _run(log, uv, "venv", "--clear", "--python", str(ROOT / ".venv/bin/python"), str(_VENV))
            _run(
                log,
                *(uv, "pip", "sync", "--python", str(_VENV / "bin/python"), "--require-hashes"),
                *("--build-constraints", str(_BUILD), str(_LOCK)),
            )
            _made(_VENV, _lock())
        if not _is(_PLAIN, _pins()):
            shutil.rmtree(_PLAIN, ignore_errors=True)
            _PLAIN.mkdir()
            _run(log, _rasa(), "init", "--no-prompt", "--init-dir", str(_PLAIN))
            _trained(_PLAIN)
        if not _is(_ACTING, _pins()):
            shutil.rmtree(_ACTING, ignore_errors=True)
            trained = shutil.ignore_patterns("models", ".rasa", "made")
            shutil.copytree(_PLAIN, _ACTING, ignore=trained)
            _let_it_act(_ACTING)
            _run(log, _rasa(), "train", "--fixed-model-name", "acting", folder=_ACTING)
            _trained(_ACTING)


def _let_it_act(project: Path) -> None:
    """Put the custom action in the place of every fixed reply."""
    for name in ("stories", "rules"):
        path = project / "data" / f"{name}.yml"
        path.write_text(re.sub(r"(action: )utter_\w+", r"\1action_say", path.read_text()))
    with (project / "domain.yml").open("a") as domain:
        domain.write("\nactions:\n  - action_say\n")
    (project / "actions" / "actions.py").write_text(_ACTION)


def _trained(project: Path) -> None:
    if not list((project / "models").glob("*.tar.gz")):
        raise Failed(f"The baseline's model was not trained; {_LOG} says why.")
    _made(project, _pins())


def _is(folder: Path, content: str) -> bool:
    stamp = folder / "made"
    return stamp.is_file() and stamp.read_text() == content


def _made(folder: Path, content: str) -> None:
    (folder / "made").write_text(content)


def _lock() -> str:
    return hashlib.sha256(_LOCK.read_bytes()).hexdigest()


def _pins() -> str:
    """What a model depends on; the lock's other lines do not make it stale."""
    wanted = ("rasa==", "tensorflow==")
    return "\n".join(line for line in _LOCK.read_text().splitlines() if line.startswith(wanted))


def _rasa() -> str:
    return str(_VENV / "bin" / "rasa")


def _run(log: IO[bytes], *command: str, folder: Path = FOLDER) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise Failed(f"{' '.join(command[:3])} failed; {_LOG} says why.")


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    return {**kept, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "2"}


def find_uv() -> str:
    """uv, which makes the environments of what we are compared with.

    Raises:
        Failed: it is not here.
    """
    for candidate in (os.environ.get("UV"), shutil.which("uv"), str(ROOT / ".uv/bin/uv")):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    raise Failed("uv is needed to make the baseline's environment: python3 -m pip install uv")

"""The running product, as a person starts it, and a client that talks to its public API."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.patience import PATIENCE, Port

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 400  # the first start on a machine trains the model


class Process(Protocol):
    """What a test does with a process: see `subprocess.Popen`."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class Product:
    """One `setu serve` process on a database of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._reserved = Port()
        self.port = self._reserved.number
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder / "output.txt"
        self._env = {
            **os.environ,
            "SETU_DATA_DIR": str(folder / "data"),
            "SETU_PORT": str(self.port),
            "SETU_MESSAGES_PER_MINUTE": "10000",
            "SETU_CONVERSATIONS_PER_MINUTE": "10000",
            # On a busy machine a turn that is given up would be no fault of what is looked at.
            "SETU_TURN_DEADLINE": "60",
            "SETU_TRANSLATE_DEADLINE": "60",
            "SETU_AGENT_GRACE": "3600",
            **settings,
        }
        self._process: Process | None = None

    def launch(self, env: dict[str, str]) -> "Process":
        """Begin one process of the product, in a session of its own."""
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "serve"],
                cwd=ROOT,
                env=env,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start and wait until the bot can answer."""
        self._process = self.launch(self._env)
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health").status_code == httpx.codes.OK:
                    return
            time.sleep(0.1)
        raise AssertionError(f"did not start:\n{self.output.read_text()[-3000:]}")

    def kill(self) -> None:
        """kill -9, as a crash or the machine's out-of-memory killer does."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Ctrl-C; gives the exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(timeout=60)

    @property
    def welcome(self) -> str:
        """The one-time desk login it printed, just after it could answer."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = re.findall(r"/desk/welcome\?code=\S+", self.output.read_text())
            if found:
                return self.url + found[-1]
            time.sleep(0.05)
        raise AssertionError(self.output.read_text()[-2000:])

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request of somebody who keeps no cookies."""
        return httpx.request(method, self.url + path, timeout=PATIENCE, **more)

    def client(self, **opening: Any) -> "ApiClient":
        """A new conversation over the client API."""
        return ApiClient(self.url, opening)

    def desk(self) -> "DeskClient":
        """The first agent, whose account is made through the one-time link."""
        return DeskClient(self.url, self.welcome.partition("code=")[2])


class ApiClient:
    """Talks as the widget does, without a browser. `http` carries the token."""

    def __init__(self, url: str, opening: dict[str, Any]) -> None:
        self.http = httpx.Client(base_url=url, timeout=PATIENCE)
        made = self.http.post("/api/conversations", json=opening)
        assert made.status_code == httpx.codes.CREATED, made.text
        self.conversation = made.json()["conversation"]
        self.token = made.json()["token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        self._path = f"/api/conversations/{self.conversation}/messages"

    def post(self, text: str | None = None, payload: str | None = None, id: str = "") -> Any:
        """Send one message; the raw reply."""
        body = {"id": id or uuid.uuid4().hex}
        body |= {"text": text} if payload is None else {"payload": payload}
        return self.http.post(self._path, json=body)

    def send(self, content: bytes, content_type: bytes = b"application/json") -> httpx.Response:
        """Send bytes where a message belongs."""
        return self.http.post(self._path, content=content, headers={b"Content-Type": content_type})

    def state(self, after: int = 0) -> dict[str, Any]:
        """Messages and owner."""
        reply = self.http.get(self._path, params={"after": after})
        assert reply.status_code == httpx.codes.OK, reply.text
        found: dict[str, Any] = reply.json()
        return found

    def say(self, text: str | None = None, payload: str | None = None) -> list[dict[str, Any]]:
        """Send, and wait for what is answered (not by the client)."""
        sent = self.post(text, payload)
        assert sent.status_code == httpx.codes.ACCEPTED, sent.text
        return self.wait(after=sent.json()["seq"])

    def wait(self, after: int, seconds: float = PATIENCE) -> list[dict[str, Any]]:
        """Messages of others after `after`, once there are some and no more follow at once."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            new = [m for m in self.state(after)["messages"] if m["author"] != "client"]
            if new:
                return new
            time.sleep(0.05)
        raise AssertionError(f"nothing was answered after {after}: {self.state()}")

    def press(self, messages: list[dict[str, Any]], title: str) -> list[dict[str, Any]]:
        """Press the button with this title."""
        found = [b for m in messages for b in m["buttons"] if b["title"] == title]
        assert found, f"no button {title!r} in {messages}"
        return self.say(payload=found[0]["payload"])


class DeskClient:
    """Works at the desk as its pages do, without a browser. `http` is signed in."""

    EMAIL, PASSWORD, NAME = "asha@nadi.example", "a sentence nobody would guess", "Asha"

    def __init__(self, url: str, code: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=PATIENCE)
        account = {"code": code, "email": self.EMAIL, "name": self.NAME, "password": self.PASSWORD}
        signed = self.http.post("/api/desk/welcome", json=account)
        assert signed.status_code == httpx.codes.OK, signed.text
        self.http.headers["X-CSRF-Token"] = signed.json()["csrf"]

    def get(self, path: str) -> dict[str, Any]:
        """Read something under /api/desk."""
        reply = self.http.get(f"/api/desk{path}")
        assert reply.status_code == httpx.codes.OK, reply.text
        found: dict[str, Any] = reply.json()
        return found

    def do(self, path: str, **content: Any) -> dict[str, Any]:
        """Change something under /api/desk."""
        reply = self.http.post(f"/api/desk{path}", json=content or None)
        assert reply.is_success, reply.text
        done: dict[str, Any] = reply.json()
        return done

    def claim(self, conversation: str) -> str:
        """Take a waiting conversation; its handoff's id."""
        waiting = {row["conversation"]: row["handoff"] for row in self.get("/queue")["waiting"]}
        handoff: str = waiting[conversation]
        self.do(f"/handoffs/{handoff}/claim")
        return handoff

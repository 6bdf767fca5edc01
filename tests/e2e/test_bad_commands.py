"""Commands and settings that cannot be: each says why, and none ends in a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.product import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("command", ["detect", "kb search", "parse"])
def test_lines_that_are_none(stocked: Path, command: str) -> None:
    long = b"x" * 20_000
    lines = [b"", b" ", b"\xff\xfe\x80", b"a\0b", long, b"/restart", b"\xed\xa0\x80", b"ok"]
    done = _setu(stocked, *command.split(), stdin=b"\n".join(lines) + b"\n")
    assert done.returncode == 0, done.stderr[-2000:]
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == len(lines)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("kb", "import", "/nowhere/at/all"), "/nowhere/at/all"),
        (("kb", "import", "broken.jsonl"), "broken.jsonl"),
        (("kb", "import", "binary.md"), "binary.md"),
        (("kb", "search", "--limit", "0"), "limit"),
        (("agents", "add", "not-an-address", "--name", "X"), "e-mail"),
        (("agents", "add", "a@b.example", "--name", "X", "--languages", "tlh"), "tlh"),
        (("eval", "language", "/nowhere"), "/nowhere"),
        (("eval", "knowledge", "/nowhere"), "/nowhere"),
        (("nonsense",), "nonsense"),
    ],
    ids=" ".join,
)
def test_a_command_that_cannot_be_done_says_why(
    stocked: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "broken.jsonl").write_bytes(b'{"id": "a", "lang": \xff\n[[[\n')
    (tmp_path / "binary.md").write_bytes(bytes(range(256)))
    given = [str(tmp_path / one) if (tmp_path / one).exists() else one for one in arguments]
    done = _setu(stocked, *given, stdin=b"a long enough password\n")
    assert done.returncode in (1, 2), done.stdout
    assert says in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("SETU_PORT", "eighty"), ("SETU_DATABASE_URL", "mysql://a"), ("SETU_OPENS", "9")],
)
def test_a_setting_that_is_none(tmp_path: Path, name: str, value: str) -> None:
    done = _setu(tmp_path, "serve", **{name: value})
    assert done.returncode == 2
    assert name.encode() in done.stderr
    assert b"Traceback" not in done.stderr


def _setu(
    data: Path, *arguments: str, stdin: bytes = b"", **settings: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "SETU_DATA_DIR": str(data), **settings},
        input=stdin,
        capture_output=True,
        timeout=120,
    )

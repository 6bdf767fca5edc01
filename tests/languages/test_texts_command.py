"""`setu texts`: the way in for a translator, from a new entry to what is wrong in the file."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copytree(HOME / "data", tmp_path / "data")
    return tmp_path


def setu(home: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        cwd=HOME,
        env={
            **os.environ,
            "SETU_HOME": str(home),
            "SETU_DATA_DIR": str(home / ".setu"),
            "COLUMNS": "200",
        },
    )


def test_a_language_nobody_spoke_yet(home: Path) -> None:
    with (home / "data" / "languages.yml").open("a", encoding="utf-8") as languages:
        languages.write(
            '\nor:\n  endonym: "ଓଡ଼ିଆ"\n  names: {en: ["Odia"], "*": ["odia"]}\n  script: Orya\n'
            "  quality: interface\n  territory_default: IN\n"
        )
    heard = setu(home, "detect", typed="ମୋ ଅର୍ଡର କେଉଁଠାରେ ଅଛି\n").stdout
    assert '"language": "or"' in heard and '"decided": true' in heard
    made = setu(home, "texts", "or")
    assert made.returncode == 1 and ", 0 of them new" not in made.stderr
    file = home / "data" / "locale" / "or" / "setu.po"
    text = file.read_text(encoding="utf-8")
    begun = text.replace(
        'msgid "Write a message…"\nmsgstr ""', 'msgid "Write a message…"\nmsgstr "please wait"'
    )
    assert begun != text
    file.write_text(begun, encoding="utf-8")
    again = setu(home, "texts", "or")
    assert "0 of them new" in again.stderr and "widget.placeholder: please wait" in again.stderr
    doctor = setu(home, "doctor").stderr
    assert re.search(r"or: \d+ untranslated, 1 script", doctor), doctor
    assert "ml: all texts translated" in doctor
    assert "no words for order numbers" in again.stderr
    assert "or: no words for order numbers (order, asked)" in doctor
    assert "no words that join questions or point back" in again.stderr
    assert "or: no words that join questions or point back (joins, points)" in doctor
    assert re.findall(r"(\w+): no words", doctor) == ["or", "or"]
    refused = setu(home, "texts", "tlh")
    assert refused.returncode == 1 and "languages.yml" in refused.stderr


def test_a_complete_catalog_ends_well(home: Path) -> None:
    done = setu(home, "texts", "ml")
    assert (done.returncode, "complete" in done.stderr) == (0, True)

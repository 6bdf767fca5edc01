"""The documentation speaks of what is there."""

import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from bot.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)")
COMMAND = re.compile(r"^(?:[$] )?(?:\S*/)?setu ([a-z]+)(?: ([a-z]+))?")
CODE = re.compile(r"`([^`\n]+)`|^(?:[$] )?((?:\S*/)?setu .+)$", re.MULTILINE)
# Brought by tools; or what every repository has, which a tour of the house need not name.
NOT_TOLD = {"node_modules", "__pycache__", "build", "setu.egg-info"}


def pages() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@pages()
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pages()
def test_commands_exist(page: Path) -> None:
    top = typer.main.get_command(app)
    assert isinstance(top, TyperGroup)
    unknown = []
    for inline, line in CODE.findall(page.read_text(encoding="utf-8")):
        if found := COMMAND.match(inline or line):
            command = top.commands.get(found[1])
            missing = isinstance(command, TyperGroup) and found[2] not in {None, *command.commands}
            if command is None or missing:
                unknown.append(found[0])
    assert unknown == []


def test_the_tour_of_the_house_leaves_no_room_out() -> None:
    tour = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders = {each.name for each in ROOT.iterdir() if each.is_dir() and each.name[0] != "."}
    rooms = {each.name for each in (ROOT / "bot").iterdir() if each.name[0] not in "._"}
    told = {part for code in re.findall(r"`([^`\n]+)`", tour) for part in re.split(r"[/ ,]", code)}
    assert folders - NOT_TOLD - {"bot", "docs"} <= told
    assert rooms - NOT_TOLD <= told

"""Every kind of line in the audit log has words for whoever reads it."""

import ast
from pathlib import Path

import bot
from bot.languages.strings import STRINGS


def _actions(source: str) -> set[str]:
    """The kinds that a module writes down: every text that is the third thing given to `note`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) == "audit.note"
            and len(node.args) > 2
        ):
            texts = (one for one in ast.walk(node.args[2]) if isinstance(one, ast.Constant))
            found |= {one.value for one in texts if isinstance(one.value, str)}
    return found


def test_every_kind_has_words() -> None:
    sources = Path(bot.__file__).parent.rglob("*.py")
    written = set().union(*(_actions(source.read_text(encoding="utf-8")) for source in sources))
    assert {"read", "claimed", "client_erased", "present", "away"} <= written
    assert {one for one in written if f"desk.audit.did_{one}" not in STRINGS} == set()

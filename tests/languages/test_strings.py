"""The English: every key stands once, and where its name says."""

from bot.languages import strings
from bot.languages.strings import STRINGS


def test_a_key_stands_once_and_where_its_name_says() -> None:
    keys = [key for module in strings.MODULES for key in module.TEXTS]
    assert len(keys) == len(set(keys)) == len(STRINGS)
    for module in strings.MODULES:
        room = module.__name__.removeprefix(f"{strings.__name__}.").split(".")[0]
        assert {key.split(".")[0] for key in module.TEXTS} == {room}

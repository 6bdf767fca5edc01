"""What the entry of a language in data/languages.yml should have and has not."""

from dataclasses import dataclass

from bot.languages import numbers, speech


@dataclass(frozen=True)
class Lack:
    """Words that are not understood for want of `names` under `key`; `what` they are for."""

    key: str
    what: str
    names: tuple[str, ...]


def lacks(tag: str) -> list[Lack]:
    """What a language that clients are spoken to in lacks.

    Raises:
        UnknownLocale: the language is not in the file.
    """
    found = (
        Lack("numbers", "words for order numbers", numbers.lacking(tag)),
        Lack("speech", "words that join questions or point back", speech.lacking(tag)),
    )
    return [lack for lack in found if lack.names]

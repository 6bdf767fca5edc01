"""How much a message may hold: ours at the door, and what each platform takes, as data."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

MAX_TEXT = 4000
"""Characters a client's message may have where a form can say so; longer ones are refused."""

LONGEST = 20_000
"""Characters kept of a message that comes from a platform: nobody there could be told in time."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a platform takes, as data.

    `text` is what one message may hold, in `unit`; `buttons` how many choices it shows by itself
    (none: they are numbered in the text), each with a title of at most `title` characters.
    `per_second` is how many messages all clients together may be sent, `every` how many seconds
    one client is given between two. `window`: how long after the client's last message we may
    write freely. `files` are the kinds of file it takes from us (media types), each with the most
    bytes; `caption` what a text may hold, in `unit`, that goes with a file as one message. `opens`:
    pictures and PDFs that clients send are taken.
    """

    text: int
    unit: Literal["characters", "utf-16", "bytes"] = "characters"
    buttons: int = 0
    title: int = 0
    per_second: float = 20.0
    every: float = 0.0
    window: dt.timedelta | None = None
    files: Mapping[str, int] = dataclasses.field(default_factory=dict)
    caption: int = 0
    opens: bool = False

    def size(self, text: str) -> int:
        """How much of `text` a message would be filled with."""
        if self.unit == "characters":
            return len(text)
        if self.unit == "bytes":
            return len(text.encode())
        return len(text.encode("utf-16-le")) // 2

    def numbered(self, titles: Sequence[str]) -> bool:
        """Whether choices are given as numbers to type, as these cannot be buttons here."""
        return len(titles) > self.buttons or any(len(title) > self.title for title in titles)

    def sends(self, kind: str, size: int) -> bool:
        """Whether a file of this media type and so many bytes can be sent here."""
        return size <= self.files.get(kind, -1)

    def captioned(self, texts: Sequence[str], files: int, choices: int) -> bool:
        """Whether texts go under the first of a message's files: short, and with no choices."""
        return files > 0 and not choices and len(texts) == 1 and self.size(texts[0]) <= self.caption

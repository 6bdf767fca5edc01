"""Questions in an Indic language typed in Latin letters, as the base's own texts would put them.

The embedding model hardly knows "mera paisa kab aayega" and knows मेरा पैसा कब आएगा well. So such a
question is searched by what it reads as, in its own script; what was typed keeps a say, because not
every word is read right.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

from bot.knowledge.articles import Entry
from bot.knowledge.embed import Floats
from bot.knowledge.passages import language_of
from bot.languages.readings import Readings

READ_WEIGHT: Final = 4.0
"""What the reading counts beside what was typed. Chosen on the development questions in Hindi and
Bengali: more answers a few more, and asks back oftener where the base has no answer."""


def readings(entries: Sequence[Entry]) -> Readings:
    """What reads the questions asked of a base: the words of its entries are known."""
    texts: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        texts[language_of(entry.locale)] += (entry.title, entry.body, *entry.questions)
    return Readings(texts)


def together(typed: Floats, read: Floats) -> Floats:
    """One vector for a question as it was typed and as it reads."""
    both = typed + np.float32(READ_WEIGHT) * read
    whole: Floats = both / max(np.float32(np.linalg.norm(both)), np.float32(1e-9))
    return whole

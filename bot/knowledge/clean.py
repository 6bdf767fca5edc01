"""Text made safe for the embedder, the index and the base: one form for what looks the same.

What is hidden or impossible would be read as unknown signs, and 100 kB take seven seconds. So
everything is cleaned, and capped, before it gets there.
"""

import re
import unicodedata

LIMIT = 500
"""Characters that are embedded. Cost grows with length (500: 30 to 60 ms); a question is in the
first sentence or nowhere."""

# Not ZWJ and ZWNJ: Indic and Arabic scripts spell with them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")

# Malayalam chillus have an old spelling (letter, virama, ZWJ) beside the atomic one of
# Unicode 5.1; NFC leaves both (The Unicode Standard, ch. 12.9).
_CHILLU = {
    "\u0d23\u0d4d\u200d": "\u0d7a",
    "\u0d28\u0d4d\u200d": "\u0d7b",
    "\u0d30\u0d4d\u200d": "\u0d7c",
    "\u0d32\u0d4d\u200d": "\u0d7d",
    "\u0d33\u0d4d\u200d": "\u0d7e",
    "\u0d15\u0d4d\u200d": "\u0d7f",
}
_OLD_CHILLU = re.compile("|".join(_CHILLU))


def clean(text: str, limit: int = LIMIT) -> str:
    """One line of NFC text without control, invisible or impossible characters.

    Args:
        text: anything a client or an author may write.
        limit: length in characters to cut at.
    """
    # Cut before the work as well: what is hidden cannot be more than a few times what is seen.
    text = _INVISIBLE.sub("", text[: limit * 8])
    text = _SPACE.sub(" ", _CONTROL.sub(" ", text)).strip()
    text = unicodedata.normalize("NFC", text[: limit * 2])
    return _OLD_CHILLU.sub(lambda old: _CHILLU[old[0]], text)[:limit].rstrip()

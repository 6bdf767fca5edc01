"""Every text Setu says, in English: the catalogs translate these, key by key.

A key is dotted by the room that says it, and stands in the module of that name: `handoff.wait` in
`handoff.py`, `desk.…` in a module of `desk/` by the page that shows it. A pair is (singular,
plural), chosen by `{count}`. Placeholders are `{name}` and are never inflected: a translation may
move one, not attach to it. The voice is British English, plain and warm; `docs/` has the rules for
each language.
"""

from __future__ import annotations

from bot.languages.strings import channel, csat, engine, error, handoff, ways, widget
from bot.languages.strings.desk import (
    accounts,
    audit,
    chat,
    client,
    frame,
    knowledge,
    office,
    owed,
    queue,
    refused,
    replies,
    reports,
)

# In this order `setu texts` writes a catalog: what clients read comes first.
MODULES = (
    *(engine, channel, handoff, ways, csat, widget, error),
    *(
        frame,
        queue,
        chat,
        client,
        replies,
        owed,
        office,
        knowledge,
        accounts,
        audit,
        refused,
        reports,
    ),
)

STRINGS: dict[str, str | tuple[str, str]] = {
    key: text for module in MODULES for key, text in module.TEXTS.items()
}

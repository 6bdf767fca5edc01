"""How many sentences written to contradict the sample base are found, with the real model.

`data/contradictions.jsonl`: each is an article of its own, added alone to the base. Those of the
set `development` were there when the limits were chosen; `held out` was written after that.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.knowledge.articles import Entry
from bot.knowledge.embed import Embedder, Floats, embedder
from bot.knowledge.formats import read
from bot.knowledge.lint_contradictions import between_articles
from bot.knowledge.lint_pairs import Remembering
from bot.knowledge.passages import passages

BASE = Path(__file__).parents[2] / "data" / "knowledge"
WRITTEN = Path(__file__).with_name("data") / "contradictions.jsonl"


def told(some: Sequence[Entry], model: Embedder) -> list[frozenset[str]]:
    """Pairs of articles that are said to contradict each other."""
    wordings = {p.digest: p.text for entry in some for p in passages(entry)[:-1]}
    rows = model.embed(list(wordings.values()), "passage")
    vectors: Mapping[str, Floats] = dict(zip(wordings, rows, strict=True))
    return [
        frozenset((clash.here.entry.article, clash.there.entry.article))
        for clash in between_articles(some, vectors, model)
    ]


@pytest.mark.slow
def test_most_contradictions_are_found_and_few_that_are_none() -> None:
    given, _ = read(BASE)
    base = [Entry(**one.given) for one in given]  # type: ignore[arg-type]
    written = [json.loads(line) for line in WRITTEN.read_text(encoding="utf-8").splitlines()]
    held_out = [one for one in written if one["set"] == "held out"]
    model = Remembering(embedder())
    right, hints = 0, 0
    for locale in sorted({entry.locale for entry in base}):
        some = [entry for entry in base if entry.locale == locale]
        hints += len(told(some, model))
        for one in (one for one in held_out if one["locale"] == locale):
            new = Entry("new", locale, one["title"], one["body"])
            pairs = told([*some, new], model)
            right += any(frozenset(("new", other)) in pairs for other in one["contradicts"])
    print(f"{right} of {len(held_out)} found; {hints} hints where nothing contradicts")
    assert right > len(held_out) / 2
    assert hints < len({entry.article for entry in base})

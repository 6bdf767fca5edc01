"""The sample base, asked with the real model as clients ask: right, or honest that it is not.

`data/shop_questions.jsonl` was written from the shop's facts alone, without the articles' wordings:
paraphrases in five languages (one in six romanised), questions a shop gets that this base has no
answer to, and talk about other things.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from bot.knowledge.answer import kind_of
from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.calibrate import Calibration
from bot.knowledge.clean import clean
from bot.knowledge.embed import embedder
from bot.knowledge.formats import read
from bot.knowledge.index import Snapshot
from bot.knowledge.passages import passages

ROOT = Path(__file__).resolve().parents[2]
ASKED = Path(__file__).with_name("data") / "shop_questions.jsonl"
LOCALES = ("en", "bn")  # two of the five: the whole base takes half a minute to embed


@pytest.mark.slow
def test_paraphrases_near_misses_and_small_talk() -> None:
    found, rejected = read(ROOT / "data" / "knowledge")
    assert rejected == []
    base = [Entry(**i.given) for i in found if i.given["locale"] in LOCALES]  # type: ignore[arg-type]
    wanted = {p.digest: p for e in base for p in passages(e)}
    wanted.update((p.digest, p) for p in background())
    model = embedder()
    vectors = {d: model.embed([p.text], p.kind)[0] for d, p in wanted.items()}
    snapshot = Snapshot(1, base, vectors, model.dimensions)
    calibration = Calibration(snapshot)
    seen: Counter[tuple[str, str, bool]] = Counter()
    for row in map(json.loads, ASKED.read_text(encoding="utf-8").splitlines()):
        if row["lang"] in LOCALES:
            query = model.embed([row["text"]], "query")[0]
            ranking = snapshot.rank(query, clean(row["text"]), row["lang"])
            confidence = calibration.confidences(query, ranking, 1)[0]
            right = snapshot.articles[ranking.articles[0]] == row["article"]
            seen[row["kind"], kind_of(confidence), right] += 1

    def share(kind: str, decision: str | None = None, right: bool | None = None) -> float:
        of_kind = {key: n for key, n in seen.items() if key[0] == kind}
        some = [
            n for (_, d, r), n in of_kind.items() if decision in (None, d) and right in (None, r)
        ]
        return sum(some) / sum(of_kind.values())

    assert share("answerable", right=True) >= 0.85
    assert share("answerable", "answer", right=True) >= 0.6
    assert share("answerable", "answer", right=False) <= 0.06
    assert share("near_miss", "answer") <= 0.15
    assert share("unrelated", "none") >= 0.75

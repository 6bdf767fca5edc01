"""The sample base, asked with the real model as clients ask: right, or honest that it is not.

`data/shop_questions.jsonl` was written from the shop's facts alone, without the articles' wordings:
paraphrases in five languages (one in six romanised), questions a shop gets that this base has no
answer to, and talk about other things.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.knowledge.answer import kind_of
from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.calibrate import Calibration
from bot.knowledge.clean import clean
from bot.knowledge.embed import Embedder, embedder
from bot.knowledge.formats import read
from bot.knowledge.index import Snapshot
from bot.knowledge.store import computed, indexed

ROOT = Path(__file__).resolve().parents[2]
ASKED = Path(__file__).with_name("data") / "shop_questions.jsonl"
LOCALES = ("en", "bn")  # two of the five: the whole base takes half a minute to embed


@dataclass(frozen=True)
class Asking:
    """The base with its vectors, and the model that made them."""

    snapshot: Snapshot
    calibration: Calibration
    embedder: Embedder

    def __call__(self, text: str, locale: str) -> tuple[str, str]:
        """The article that comes first, and what is decided."""
        query = self.embedder.embed([text], "query")[0]
        words = self.embedder.words(text)
        ranking = self.snapshot.rank(query, clean(text), locale, words=words)
        confidence = self.calibration.confidences(query, ranking, 1)[0]
        return self.snapshot.articles[ranking.articles[0]], kind_of(confidence)


@pytest.fixture(scope="module")
def ask() -> Asking:
    found, rejected = read(ROOT / "data" / "knowledge")
    assert rejected == []
    base = [Entry(**i.given) for i in found if i.given["locale"] in LOCALES]  # type: ignore[arg-type]
    model = embedder()
    wanted = {p.digest: p for e in base for p in indexed(e)}
    wanted.update((p.digest, p) for p in background())
    vectors = {d: computed(model, p) for d, p in wanted.items()}
    snapshot = Snapshot(1, base, vectors, model.dimensions)
    return Asking(snapshot, Calibration(snapshot), model)


@pytest.mark.slow
def test_paraphrases_near_misses_and_small_talk(ask: Asking) -> None:
    seen: Counter[tuple[str, str, bool]] = Counter()
    for row in map(json.loads, ASKED.read_text(encoding="utf-8").splitlines()):
        if row["lang"] in LOCALES:
            article, decision = ask(row["text"], row["lang"])
            seen[row["kind"], decision, article == row["article"]] += 1

    def share(kind: str, decision: str | None = None, right: bool | None = None) -> float:
        of_kind = {key: n for key, n in seen.items() if key[0] == kind}
        some = [
            n for (_, d, r), n in of_kind.items() if decision in (None, d) and right in (None, r)
        ]
        return sum(some) / sum(of_kind.values())

    assert share("answerable", right=True) >= 0.85
    # .74 in all five languages while the confidence was fitted with these in view; .69 since not.
    assert share("answerable", "answer", right=True) >= 0.55
    assert share("answerable", "answer", right=False) <= 0.06
    assert share("near_miss", "answer") <= 0.15
    assert share("unrelated", "none") >= 0.75


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
def test_questions_of_second_readers(locale: str, ask: Asking) -> None:
    """Written from the facts by others, who had not seen the articles.

    Measured in all five languages: first 89 %, answered wrongly 2 of 380, answered though there is
    no answer 5 of 125.
    """
    lines = (ASKED.parent / f"{locale}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [(*ask(row["q"], locale), row["article"]) for row in map(json.loads, lines)]
    known = [row for row in rows if row[2] is not None]
    unknown = [row for row in rows if row[2] is None]
    assert len(known) >= 70
    assert len(unknown) >= 20
    assert sum(got == wanted for got, _, wanted in known) / len(known) >= 0.82
    wrong = [row for row in known if row[1] == "answer" and row[0] != row[2]]
    assert len(wrong) / len(known) <= 0.06
    assert sum(kind == "answer" for _, kind, _ in unknown) / len(unknown) <= 0.2


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "bn", "mr", "ml", "hi"])
def test_a_probability_means_the_same_in_every_language(language: str, ask: Asking) -> None:
    """The base lacks three of the five. Measured: of what is answered 94-100 % is right."""
    lines = (ASKED.parent / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    answered, silent = [], []
    for row in map(json.loads, lines):
        article, kind = ask(row["q"], language)
        if kind != "suggest":
            (answered if kind == "answer" else silent).append(article == row["article"])
    assert len(answered) >= 10
    assert sum(answered) / len(answered) >= 0.88
    assert sum(silent) / len(silent) <= 1 / 3  # bn: 7 of 23

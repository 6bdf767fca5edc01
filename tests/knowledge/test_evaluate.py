"""The evaluation: every measure and method once, on a base small enough to see through."""

import json
from pathlib import Path

import pytest

from bot.knowledge import evaluate as evaluation
from bot.knowledge.evaluate import METHODS, compared, evaluate
from tests.knowledge.conftest import Letters

TOPICS = ("refund money back", "parcel tracking", "cancel order", "gift card", "opening hours",
          "password forgotten", "warranty repair", "points and coupons")  # fmt: skip


def faq(folder: Path, languages: tuple[str, ...]) -> Path:
    rows = [
        {"id": f"a{n}", "lang": language, "q": f"{topic}?", "a": f"About {topic}."}
        for language in languages
        for n, topic in enumerate(TOPICS)
    ]
    path = folder / "faq.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_every_measure_for_every_method(
    tmp_path: Path, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "_RESAMPLES", 20)
    seen: list[tuple[int, int]] = []
    other = [("de", "zzz qqq"), ("de", "jjj vvv"), ("en", "xxx kkk")]
    rows = evaluate(faq(tmp_path, ("en", "de", "fr")), letters, other, lambda *at: seen.append(at))
    assert {(r.measure, r.base) for r in rows} == {
        ("cross-lingual", "en"), ("mixed", "mixed"),
        *((m, b) for m in ("unrelated", "near miss", "answered") for b in ("en", "mixed")),
    }  # fmt: skip
    assert {r.method for r in rows} == set(METHODS)
    for row in rows:
        assert 0 <= row.low <= row.high <= 1 and 0 <= row.value <= 1
    # Every language says the same here, so everything is found.
    hits = {(r.method, r.language): r for r in rows if r.measure == "cross-lingual"}
    assert hits["setu", "mean"].value == 1 and hits["BM25", "de"].value == 1
    assert hits["setu", "de"].n == len(TOPICS) and hits["setu", "mean"].n == 2 * len(TOPICS)
    assert seen[-1][0] == seen[-1][1]
    beside = {(c.measure, c.base, c.language): c for c in compared(rows)}
    assert len(beside) * len(METHODS) == len(rows)
    german = beside["cross-lingual", "en", "de"]
    assert (german.n, german.setu[:6], german.bm25[:6]) == (len(TOPICS), "100.0%", "100.0%")


@pytest.mark.parametrize("languages", [("de", "fr"), ("en",)])
def test_a_file_without_two_languages_is_refused(
    tmp_path: Path, letters: Letters, languages: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="needs questions in en and in another language"):
        evaluate(faq(tmp_path, languages), letters)

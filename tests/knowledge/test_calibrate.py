"""Confidence: a probability, high for what is there, low for what is not, falling by rank."""

import numpy as np
import pytest

from bot.knowledge.answer import ANSWER_AT, SUGGEST_AT, kind_of
from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.calibrate import Calibration
from bot.knowledge.index import Snapshot
from bot.knowledge.passages import passages
from tests.knowledge.conftest import SHOP, Letters


def built(entries: tuple[Entry, ...], letters: Letters) -> Snapshot:
    wanted = {p.digest: p for e in entries for p in passages(e)}
    wanted.update((p.digest, p) for p in background())
    vectors = {d: letters.embed([p.text], p.kind)[0] for d, p in wanted.items()}
    return Snapshot(1, entries, vectors, letters.dimensions)


def confidences(snapshot: Snapshot, letters: Letters, text: str) -> list[float]:
    query = letters.embed([text], "query")[0]
    return Calibration(snapshot).confidences(query, snapshot.rank(query, text, "en"), 3)


def test_what_is_there_is_surer_than_what_is_not(letters: Letters) -> None:
    snapshot = built(SHOP, letters)
    there = confidences(snapshot, letters, "how do I cancel my order")
    other = confidences(snapshot, letters, "zebra quiz fjord")
    assert there[0] > other[0]
    for found in (there, other):
        assert all(0 <= value <= 1 for value in found)
        assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_very_small_base_has_a_confidence_too(letters: Letters, count: int) -> None:
    found = confidences(built(SHOP[:count], letters), letters, "where is my order")
    assert found and all(np.isfinite(found)) and 0 <= found[0] <= 1


def test_without_background_it_still_decides(letters: Letters) -> None:
    vectors = {p.digest: letters.embed([p.text], p.kind)[0] for e in SHOP for p in passages(e)}
    snapshot = Snapshot(1, SHOP, vectors, letters.dimensions)
    assert 0 <= confidences(snapshot, letters, "where is my order")[0] <= 1


def test_decisions_change_at_their_thresholds() -> None:
    below = np.nextafter
    assert kind_of(ANSWER_AT) == "answer" and kind_of(float(below(ANSWER_AT, 0))) == "suggest"
    assert kind_of(SUGGEST_AT) == "suggest" and kind_of(float(below(SUGGEST_AT, 0))) == "none"

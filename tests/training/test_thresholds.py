"""The rule by which short texts are decided."""

import pytest

from training.examples import Row
from training.thresholds import (
    FOLDS,
    GRID,
    Judged,
    fold_of,
    lowest_for_pieces,
    lowest_for_running,
    right,
)


def text(confidence: float, hit: bool = True, weight: float = 1.0) -> Judged:
    return Judged("Latn", 0, hit, confidence, weight)


def test_what_is_less_sure_does_not_count() -> None:
    texts = [text(0.9), text(0.6, hit=False), text(0.7)]
    assert right(texts, 0.65) == (1.0, 2)
    assert right(texts, 0.5)[0] == pytest.approx(2 / 3)
    assert right([], 0.5) == (0.0, 0)


def test_who_writes_more_often_counts_more() -> None:
    texts = [text(0.9, weight=3.0), text(0.9, hit=False)]
    assert right(texts, 0.5, weighted=True)[0] == pytest.approx(0.75)


def test_running_texts_need_precision_and_enough_of_them() -> None:
    good = [text(0.97)] * 400
    assert lowest_for_running(good) == GRID[0]
    assert lowest_for_running([text(0.97)] * 20) == GRID[-1]  # all right, and too few to be sure
    assert lowest_for_running([*good, *[text(0.62, hit=False)] * 12]) == 0.65


def test_pieces_need_only_to_be_right_mostly() -> None:
    texts = [*[text(0.96)] * 19, text(0.72, hit=False)]
    assert lowest_for_pieces(texts) == GRID[0]
    assert lowest_for_pieces([*texts, text(0.72, hit=False)]) == 0.75
    assert lowest_for_pieces([]) == GRID[-1]


def test_only_training_texts_are_in_a_fold_and_what_is_held_out_trains_nothing() -> None:
    rows = [Row("tatoeba", "1-3", "en", f"text {n}", ("text",)) for n in range(300)]
    folds = {fold_of(row) for row in rows}
    assert folds == {None, *range(FOLDS)}
    assert all((fold_of(row) is None) == (row.part != "train") for row in rows)
    kept_back = Row("tatoeba", "1-3", "en", rows[0].text, ("text",), held_out=True)
    assert kept_back.part == "held out" and fold_of(kept_back) is None
    assert Row("mahasent", "1-3", "mr", "x", ("x",)).part == "evaluate only"

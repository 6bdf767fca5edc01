"""Figures of intent evaluation, and the whole way on a toy set."""

import json
from pathlib import Path

import pytest

from bot.engine.evaluate import (
    OUT_OF_SCOPE,
    Prediction,
    UnusableData,
    evaluate_intents,
    read,
    summary,
)


def test_the_summary_counts_scope_and_separation():
    rows = [
        Prediction("a", "x", "x", 0.9),
        Prediction("b", "x", "y", 0.8),
        Prediction("c", "y", "y", 0.7),
        Prediction("d", OUT_OF_SCOPE, "x", 0.2),
    ]
    figures = summary(rows)
    assert figures.in_scope.value == pytest.approx(2 / 3)
    assert figures.in_scope.n == 3
    # Wilson, 2 of 3, z = 1.96: computed by hand
    assert figures.in_scope.low == pytest.approx(0.2077, abs=1e-3)
    assert figures.in_scope.high == pytest.approx(0.9385, abs=1e-3)
    assert figures.separation is not None
    assert figures.separation.value == 1.0


def test_without_out_of_scope_messages_there_is_no_separation():
    assert summary([Prediction("a", "x", "x", 0.9)]).separation is None


@pytest.mark.parametrize("line", ["nonsense", "[1]", '{"text": "a"}', "3", "null"])
def test_a_bad_line_is_named(tmp_path, line):
    file = tmp_path / "bad.jsonl"
    file.write_text('{"text": "a", "label": "b"}\n' + line + "\n", "utf-8")
    with pytest.raises(UnusableData, match="line 2"):
        list(read(file))


def _write(file: Path, rows: list[tuple[str, str]]) -> Path:
    lines = [json.dumps({"lang": "en", "text": text, "label": label}) for text, label in rows]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


@pytest.mark.slow
def test_the_pipeline_learns_foreign_labels(tmp_path, capsys):
    train = [
        ("where is my parcel", "ORDER/STATUS"),
        ("track [my](order) parcel", "ORDER/STATUS"),
        ("parcel has not come", "ORDER/STATUS"),
        ("I want my money back", "REFUND"),
        ("refund please", "REFUND"),
        ("when will I be refunded", "REFUND"),
        ("never mind", OUT_OF_SCOPE),
    ]
    test = [
        ("has my parcel come", "ORDER/STATUS"),
        ("money back please", "REFUND"),
        ("", "REFUND"),
        ("/restart", OUT_OF_SCOPE),
    ]
    home = Path(__file__).parents[2]
    found = evaluate_intents(
        _write(tmp_path / "train.jsonl", train), _write(tmp_path / "test.jsonl", test), home
    )
    assert [each.predicted for each in found[:2]] == ["ORDER/STATUS", "REFUND"]
    assert (found[2].predicted, found[2].confidence) == (OUT_OF_SCOPE, 0)
    assert [each.text for each in found] == [text for text, _ in test]
    assert capsys.readouterr().out == ""


def test_one_intent_is_not_enough(tmp_path):
    only = _write(tmp_path / "one.jsonl", [("a", "X"), ("b", "X")])
    with pytest.raises(UnusableData, match="two intents"):
        evaluate_intents(only, only, tmp_path)

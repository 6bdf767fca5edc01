"""The table that sets Setu beside public detectors."""

import pytest

from benchmarks.detector_libraries import LIBRARIES
from benchmarks.detectors import PINNED, Cell, Text, _cells, _table, kind_of
from training.examples import Row


@pytest.mark.parametrize(
    ("dataset", "bucket", "language", "kind"),
    [
        ("lingua", "word", "es", "words"),
        ("xsid", "1-3", "de", "chat of 1–3 words"),
        ("nlupp", "9+", "en", None),
        ("tatoeba", "1-3", "fr", "sentences of 1–3 words"),
        ("tatoeba", "4-8", "fr", None),
        ("mesent", "4-8", "mr-Latn", "Latin letters, 4–8 words"),
        ("hinglish-top", "4-8", "hi-Latn", None),  # part of it trained the model
    ],
)
def test_what_a_text_counts_for(dataset: str, bucket: str, language: str, kind: str | None) -> None:
    assert kind_of(Row(dataset, bucket, language, "x", ("x",))) == kind


def test_the_mean_is_over_languages_not_texts() -> None:
    texts = [Text("words", "en", str(n)) for n in range(9)] + [Text("words", "hi", "x")]
    [cell] = _cells("it", texts, ["en"] * 9 + [None], 0.1)
    assert (cell.n, cell.languages, cell.right) == (10, 2, 0.5)
    assert cell.low < 0.5 < cell.high
    assert cell.by_language == {"en": 1.0, "hi": 0.0}


def test_a_line_a_detector() -> None:
    shares = dict.fromkeys(("bn", "ml", "mr", "hi", "en"), 0.5)
    cells = [Cell(name, "words", 100, 5, 0.5, 0.4, 0.6, shares, 0.25) for name in ("Setu", "eldc")]
    table = "\n".join(_table(cells))
    assert "| Setu | 50.0 [40.0, 60.0] | 0.250 |" in table
    assert "- eldc: bn 50.0 ml 50.0 mr 50.0 hi 50.0 en 50.0" in table


def test_every_library_is_pinned() -> None:
    assert len(LIBRARIES) == len(PINNED)  # langdetect twice, and lid.176 needs two packages

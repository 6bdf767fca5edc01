"""The guarded model: deterministic, normalised, unharmed by hostile text, each query once."""

import threading

import numpy as np
import pytest

from bot.e5 import WIDTH, Reading
from bot.knowledge import embed
from bot.knowledge.clean import LIMIT
from bot.knowledge.embed import E5Embedder, Embedder, Kind, embedder


@pytest.fixture(scope="module")
def e5() -> Embedder:
    return embedder()


def test_rows_are_normalised_and_depend_on_text_and_kind_alone(e5: Embedder) -> None:
    texts = ["where is my order", "আমার অর্ডার কোথায়", "x"]
    together = e5.embed(texts, "passage")
    assert together.shape == (3, e5.dimensions) and together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for row, text in zip(together, texts, strict=True):
        np.testing.assert_array_equal(e5.embed([text], "passage")[0], row)
    assert not np.allclose(e5.embed(texts, "query"), together)


@pytest.mark.parametrize("nothing", ["", "  ", "\x00", "\ud800", "\u200b\u202e"])
def test_nothing_to_embed_gives_zeros(e5: Embedder, nothing: str) -> None:
    assert not e5.embed([nothing], "query").any()


def test_hostile_text_is_the_same_as_its_clean_form(e5: Embedder) -> None:
    clean, hidden = e5.embed(["refund please", "refund\x00 \u202eplease\ud800"], "query")
    np.testing.assert_array_equal(clean, hidden)


def test_length_is_capped(e5: Embedder) -> None:
    long = "refund " * 30_000
    np.testing.assert_array_equal(*e5.embed([long, long[:LIMIT]], "query"))


def test_meaning_crosses_languages(e5: Embedder) -> None:
    asked = e5.embed(["मेरा पैसा कब वापस आएगा?"], "query")[0]
    refund, weather = e5.embed(["When do I get my money back?", "It rains today."], "passage")
    assert asked @ refund > asked @ weather + 0.03


class CountingModel:
    """Stands for the model; the first call waits until it is let go."""

    def __init__(self) -> None:
        self.calls = 0
        self.begun, self.go = threading.Event(), threading.Event()

    def read(self, text: str, kind: Kind) -> Reading:
        assert kind == "query"
        self.calls += 1
        self.begun.set()
        assert self.go.wait(10)
        if text == "fails":
            raise OSError("the model is gone")
        return Reading(np.ones(384, np.float32), np.ones((3, WIDTH), np.float32))


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> tuple[E5Embedder, CountingModel]:
    made, model = E5Embedder(), CountingModel()
    monkeypatch.setattr(made, "_model", model)
    return made, model


def test_one_message_is_computed_once_however_many_ask_at_once(
    counting: tuple[E5Embedder, CountingModel],
) -> None:
    made, model = counting
    askers = [threading.Thread(target=made.embed, args=(["hello"], "query")) for _ in range(8)]
    askers[0].start()
    assert model.begun.wait(10)
    for asker in askers[1:]:
        asker.start()
    model.go.set()
    for asker in askers:
        asker.join(10)
    assert made.embed(["hello "], "query").all() and model.calls == 1


def test_a_failure_is_told_and_not_remembered(
    counting: tuple[E5Embedder, CountingModel],
) -> None:
    made, model = counting
    model.go.set()
    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            made.embed(["fails"], "query")
    assert model.calls == 2


def test_vector_and_words_of_a_query_come_of_one_pass(
    counting: tuple[E5Embedder, CountingModel],
) -> None:
    made, model = counting
    model.go.set()
    for _ in range(2):
        assert made.words(" hello").shape == (3, WIDTH)
        assert made.embed(["hello"], "query").all()
    assert model.calls == 1
    assert made.words("\x00").shape == (0, WIDTH) and model.calls == 1


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "_KEPT", 10 * (384 + 3 * WIDTH) * 4)
    made, model = E5Embedder(), CountingModel()
    monkeypatch.setattr(made, "_model", model)
    model.go.set()
    for text in "abcdefghijkl":
        made.embed([text], "query")
    assert model.calls == 12
    made.embed(["l", "c"], "query"), made.words("l")
    assert model.calls == 12
    made.embed(["b"], "query")
    assert model.calls == 13

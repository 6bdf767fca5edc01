"""Vectors of training examples are computed once."""

import numpy as np

from bot.engine.nlu import features


def test_only_new_examples_are_embedded(tmp_path, monkeypatch):
    asked = []

    def embed(texts):
        asked.append(list(texts))
        return np.array([[len(text), 1.0] for text in texts], np.float32)

    monkeypatch.setattr(features, "embed", embed)
    first = features.embed_cached(["a", "bb", "a"], tmp_path)
    assert first[:, 0].tolist() == [1, 2, 1]
    second = features.embed_cached(["ccc", "bb"], tmp_path)
    assert second[:, 0].tolist() == [3, 2]
    assert asked == [["a", "bb"], ["ccc"]]


def test_progress_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(features, "embed", lambda texts: np.ones((len(texts), 2), np.float32))
    told = []
    features.embed_cached([str(n) for n in range(100)], tmp_path, lambda *each: told.append(each))
    assert told == [(64, 100), (100, 100)]

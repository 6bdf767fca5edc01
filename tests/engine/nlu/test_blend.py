"""The intent model on small made vectors: what it learns, and that it is sure of what it knows."""

import numpy as np
import pytest

from bot.engine.nlu.blend import IntentModel
from bot.engine.nlu.calibration import DEFAULT, Curve, calibrate
from bot.engine.nlu.features import CharNgrams, normal

INTENTS = {
    "track": ["where is my parcel", "track parcel", "parcel status", "parcel not here"],
    "refund": ["refund please", "money back", "my refund is late", "refund status"],
    "hello": ["hello", "hello there", "good morning", "hi"],
}


def example_set(noise=0.15, dimensions=32):
    chance = np.random.default_rng(7)
    texts, intents, vectors = [], [], []
    for intent, sentences in INTENTS.items():
        centre = chance.normal(size=dimensions)
        for sentence in sentences:
            texts.append(sentence)
            intents.append(intent)
            vector = centre + noise * chance.normal(size=dimensions)
            vectors.append(vector / np.linalg.norm(vector))
    return texts, np.array(vectors, np.float32), intents


def test_it_knows_what_it_learnt():
    texts, vectors, intents = example_set()
    model = IntentModel.fit(texts, vectors, intents)
    scores = model.score(texts, vectors)
    assert model.intents[scores.probabilities.argmax(axis=1)].tolist() == intents
    assert scores.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_what_is_unlike_anything_has_less_evidence():
    texts, vectors, intents = example_set()
    model = IntentModel.fit(texts, vectors, intents)
    strange = np.random.default_rng(1).normal(size=(5, vectors.shape[1])).astype(np.float32)
    strange /= np.linalg.norm(strange, axis=1, keepdims=True)
    known = model.score(texts, vectors).evidence
    unknown = model.score(["zzz qqq"] * 5, strange).evidence
    assert unknown.max() < known.min()


def test_two_intents_are_enough():
    texts, vectors, intents = example_set()
    two = [i for i, intent in enumerate(intents) if intent != "hello"]
    model = IntentModel.fit([texts[i] for i in two], vectors[two], [intents[i] for i in two])
    scores = model.score([texts[i] for i in two], vectors[two])
    assert model.intents[scores.probabilities.argmax(axis=1)].tolist() == [intents[i] for i in two]


def test_training_twice_gives_the_same():
    texts, vectors, intents = example_set()
    first, second = (IntentModel.fit(texts, vectors, intents).score(texts, vectors) for _ in "12")
    assert (first.probabilities == second.probabilities).all()
    assert (first.evidence == second.evidence).all()


def test_a_text_of_unknown_letters_is_scored_all_the_same():
    texts, vectors, intents = example_set()
    model = IntentModel.fit(texts, vectors, intents)
    scores = model.score(["ω", ""], np.zeros((2, vectors.shape[1]), np.float32))
    assert np.isfinite(scores.probabilities).all()
    assert np.isfinite(scores.evidence).all()


def test_few_intents_keep_the_default_curve():
    texts, vectors, intents = example_set()
    assert calibrate(texts, vectors, intents) == DEFAULT


def test_the_curve_rises_with_evidence():
    curve = Curve(2.0, -20.0)
    low, middle, high = curve(np.array([5.0, 10.0, 15.0], np.float32))
    assert low < 0.1
    assert middle == pytest.approx(0.5)
    assert high > 0.9


def test_calibration_separates_what_was_held_out():
    chance = np.random.default_rng(3)
    texts, vectors, intents = [], [], []
    for number in range(10):
        centre = chance.normal(size=48)
        for each in range(12):
            vector = centre + 0.35 * chance.normal(size=48)
            texts.append(f"{chr(97 + number) * 4} {chr(97 + number) * 3} {each}")
            vectors.append(vector / np.linalg.norm(vector))
            intents.append(f"intent{number}")
    everything = np.array(vectors, np.float32)
    curve = calibrate(texts, everything, intents)
    model = IntentModel.fit(texts, everything, intents)
    strange = chance.normal(size=(20, 48)).astype(np.float32)
    strange /= np.linalg.norm(strange, axis=1, keepdims=True)
    assert curve(model.score(texts, everything).evidence).mean() > 0.8
    assert curve(model.score(["?!"] * 20, strange).evidence).mean() < 0.2


def test_ngrams_have_unit_rows_and_forget_numbers():
    ngrams = CharNgrams.fit(["order 123456", "money back"])
    rows = ngrams(["order 999999", "unseen ω"])
    assert np.sqrt(rows[0].multiply(rows[0]).sum()) == pytest.approx(1, abs=1e-5)
    assert normal("Order ND-१२३") == normal("order nd-456")
    same, other = ngrams(["order 123456"]), ngrams(["order 999999"])
    assert abs(same - other).sum() < 1e-6

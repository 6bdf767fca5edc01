"""The detectors, through the door everybody uses."""

import threading
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.languages import clean
from bot.languages.detect import NOTHING, Detector, detector, judgement_to_json
from bot.languages.ensemble import formulae
from bot.languages.locales import known


@pytest.fixture(params=["setu", "langdetect"])
def any_detector(request: pytest.FixtureRequest) -> Detector:
    return detector(request.param)


@pytest.fixture
def setu() -> Detector:
    return detector("setu")


def test_a_detector_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'lingua'; it can be setu or langdetect"):
        detector("lingua")


@pytest.mark.parametrize(
    "text", ["", "   ", "123", ":)", "👍👍", "\u200b\u202e", "https://x.example"]
)
def test_nothing_to_judge(any_detector: Detector, text: str) -> None:
    judgement = any_detector.judge(text)
    if judgement != NOTHING:
        assert not judgement.decided  # langdetect reads the address
    else:
        assert (judgement.language, judgement.confidence) == (None, 0.0)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my order? It was due on Monday.", "en"),
        ("আমার অর্ডার কোথায়?", "bn"),
        ("माझी ऑर्डर अजून आली नाही", "mr"),
        ("എന്റെ ഓർഡർ എവിടെ?", "ml"),
        ("मेरा ऑर्डर अभी तक नहीं आया", "hi"),
        ("मेरो अर्डर अहिलेसम्म आएको छैन", "ne"),
        ("mera order abhi tak nahi aaya hai", "hi-Latn"),
        ("maza order ajun ala nahi ahe", "mr-Latn"),
        ("ente order ithuvare vannilla", "ml-Latn"),
        ("amar order ekhono asheni keno", "bn-Latn"),
        ("¿Dónde está mi pedido?", "es"),
        ("Où est ma commande ?", "fr"),
        ("Wo ist meine Bestellung?", "de"),
        ("Onde está a minha encomenda?", "pt"),
        ("أين طلبي؟", "ar"),
        ("میرا آرڈر کہاں ہے", "ur"),
        ("سفارش من کجاست؟", "fa"),
        ("எனது ஆர்டர் எங்கே?", "ta"),
        ("నా ఆర్డర్ ఎక్కడ ఉంది?", "te"),
        ("我的订单在哪里", "zh"),
        ("注文はどこですか", "ja"),
        ("Де моє замовлення?", "uk"),
        ("Где мой заказ?", "ru"),
        ("Siparişim nerede?", "tr"),
        ("Đơn hàng của tôi ở đâu?", "vi"),
        ("Di mana pesanan saya?", "id"),
    ],
)
def test_clear_messages_are_decided(setu: Detector, text: str, language: str) -> None:
    judgement = setu.judge(text)
    assert (judgement.language, judgement.decided) == (language, True), judgement
    assert sum(c.probability for c in judgement.candidates) <= 1.001
    assert judgement.candidates[0].probability == pytest.approx(judgement.confidence)


@pytest.mark.parametrize(
    "text", ["ok", "hello", "thanks", "Paytm", "OTP", "ok ok", "१२३", "Flipkart 123", "καλημέρα"]
)
def test_junk_has_a_guess_and_is_not_decided(setu: Detector, text: str) -> None:
    judgement = setu.judge(text)
    assert judgement.language is not None
    assert not judgement.decided and judgement.confidence <= 0.3


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("bewakoof", "hi-Latn"),
        ("Shukriya!", "hi-Latn"),
        ("theek hai", "hi-Latn"),
        ("THIK ACHE", "bn-Latn"),
        ("nako", "mr-Latn"),
        ("nanni 🙏", "ml-Latn"),
        ("vanakkam", "ta-Latn"),
    ],
)
def test_what_only_one_language_sends_is_known_by_heart(
    setu: Detector, text: str, language: str
) -> None:
    judgement = setu.judge(text)
    assert (judgement.language, judgement.decided) == (language, True)


def test_formulae_are_of_one_language_or_of_hindi_and_urdu_and_tell_something() -> None:
    for locale in known():
        assert len(set(locale.formulae)) == len(locale.formulae)
    shared = {classes for classes in formulae().values() if len(classes) > 1}
    assert shared == {("hi-Latn", "ur-Latn")}
    assert all(clean.telling(phrase.split()) for phrase in formulae())
    assert all(locale.romanised for locale in known() if locale.formulae)


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("എന്റെ ഓര്\u200dഡര്\u200d എവിടെ", "എന്റെ ഓർഡർ എവിടെ"),
        ("दुसर\u094d\u200dया दिवशी", "दुसऱ्या दिवशी"),
        ("wh\u200bere is\u202e my ord\u00ader", "where is my order"),
        ("whеrе is my оrdеr", "where is my order"),
        ("ｗｈｅｒｅ is my order", "where is my order"),
        ("where is my order\x00\ud800", "where is my order"),
        (
            unicodedata.normalize("NFD", "où est ma commande déjà payée"),
            "où est ma commande déjà payée",
        ),
        ("WHERE IS MY ORDER!!!", "where is my order"),
        ("where is my order 😡😡 A-10452", "where is my order"),
    ],
)
def test_odd_forms_get_the_judgement_of_the_clean_one(setu: Detector, odd: str, plain: str) -> None:
    assert setu.judge(odd) == setu.judge(plain)


@pytest.mark.parametrize(
    "text", ["x" * 5000, "नमस्ते\u200d", "\u202eabc", "ab" * 250 + " where is it", "a\ud800", "\x00"]
)
def test_hostile_forms_are_judged(any_detector: Detector, text: str) -> None:
    judgement = any_detector.judge(text)
    assert 0 <= judgement.confidence <= 1


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_a_sound_judgement(text: str) -> None:
    judgement = detector("setu").judge(text)
    assert 0 <= judgement.confidence <= 1
    assert (judgement.language is None) == (judgement.candidates == ())
    assert judgement.language is not None or not judgement.decided


@pytest.mark.parametrize(
    "text",
    [
        "please cancel my order today",
        "I want to change the delivery address",
        "can you help me with this",
        "the parcel is damaged and open",
        "why was my card charged twice",
        "do I have to pay for returns",
        "is there anyone I can talk to",
        "my mother ordered this last week",
    ],
)
def test_english_is_not_taken_for_an_indic_language(setu: Detector, text: str) -> None:
    assert setu.judge(text).language == "en"


def test_a_prior_tips_what_is_open(setu: Detector) -> None:
    word = "विकास"
    assert setu.judge(word, {"mr": 50.0}).language == "mr"
    assert setu.judge(word, {"hi": 50.0}).language == "hi"
    assert setu.judge("Where is my order?", {"mr": 10.0}).language == "en"


def test_threads_share_a_detector(setu: Detector) -> None:
    texts = [
        "Where is my order?",
        "मेरा ऑर्डर कहाँ है",
        "Wo ist meine Bestellung?",
        "mera order kahan hai",
    ]
    alone = [setu.judge(text) for text in texts]
    wrong: list[str] = []

    def work() -> None:
        for _ in range(50):
            wrong.extend(t for t, j in zip(texts, alone, strict=True) if setu.judge(t) != j)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_as_json(any_detector: Detector) -> None:
    row = judgement_to_json(any_detector.judge("Where is my order, please?"))
    assert row["language"] == "en" and row["decided"] is True
    assert row["candidates"][0] == {"language": "en", "probability": row["confidence"]}
    assert judgement_to_json(NOTHING) == {
        "language": None,
        "confidence": 0.0,
        "decided": False,
        "candidates": [],
    }

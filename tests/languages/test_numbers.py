"""The words beside order numbers and amounts, as languages' data."""

import pytest

from bot.languages import locales, numbers


def test_every_language_that_clients_are_spoken_to_in_has_them() -> None:
    spoken = [each.tag for each in locales.known() if each.quality != "answers only"]
    assert len(spoken) >= 15
    assert {tag: lacking for tag in spoken if (lacking := numbers.lacking(tag))} == {}


def test_what_a_language_lacks_is_named() -> None:
    assert numbers.lacking("gu") == ("order", "asked")


def test_words_of_all_languages_count_once() -> None:
    order = numbers.words("order")
    assert {"order", "অর্ডার", "ऑर्डर", "ഓർഡർ", "pedido", "طلب", "订单"} <= set(order)
    assert len(order) == len(set(order))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Write to us with your order number.", True),
        ("WITH YOUR ORDER NUMBER", True),
        ("Escríbanos con su número de pedido.", True),
        ("请提供订单号。", True),
        ("অর্ডার নম্বরসহ আমাদের লিখুন।", True),
        ("ऑर्डर नंबरही द्या.", True),
        ("ഓർഡർ നമ്പറും ഒപ്പം അയയ്ക്കുക.", True),
        ("ഓർഡർ നമ്പർ കിട്ടിയില്ലെങ്കിൽ ഞങ്ങളെ അറിയിക്കുക.", False),
        ("ऑर्डर नंबर लिखकर भेजिए।", True),
        ("The order number is in the mail.", False),
        ("", False),
    ],
)
def test_an_article_that_asks_for_the_order(text: str, asks: bool) -> None:
    assert numbers.asks_order(text) is asks


def test_a_pattern_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"languages\.yml: `asked` of ne is no regular expression"):
        locales._compile("ne", asked="अर्डर (", salam="")

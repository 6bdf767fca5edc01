"""Messages typed in Latin letters, read as their own script."""

import pytest

from bot.languages.locales import known
from bot.languages.romanised import Reader, readable

SAID = [
    ("hi", "bhai mera paisa wapas kab aayega", "भाई मेरा पैसा वापस कब आएगा"),
    ("hi", "mujhe yeh saman nahi chahiye", "मुझे यह सामान नहीं चाहिए"),
    ("bn", "amar taka kobe ferot pabo", "আমার টাকা কবে ফেরত পাব"),
    ("bn", "jinista bhanga eseche", "জিনিসটা ভাঙা এসেছে"),
    ("mr", "majhe paise kadhi milnar", "माझे पैसे कधी मिळणार"),
    ("mr", "mala he parat karayche aahe", "मला हे परत करायचे आहे"),
    ("ml", "ente paisa eppol thirichu kittum", "എന്റെ പൈസ എപ്പോൾ തിരിച്ച് കിട്ടും"),
    ("ml", "saadhanam ithuvare vannilla", "സാധനം ഇതുവരെ വന്നില്ല"),
]


@pytest.mark.parametrize(("language", "typed", "meant"), SAID)
def test_a_message_is_read_as_its_own_script(language: str, typed: str, meant: str) -> None:
    read = Reader(language).read(typed)
    assert (read.text, read.share) == (meant, 1.0)


def test_what_is_no_word_stays_as_it_was_typed() -> None:
    text = "ND-482913 ka OTP mail@nadi.example pe nahi aaya https://nadi.example/kab #kab 2din M"
    read = Reader("hi").read(text)
    assert read.text == (
        "ND-482913 का OTP mail@nadi.example पे नहीं आया https://nadi.example/kab #kab 2din M"
    )


def test_english_words_and_unknown_ones_are_left_alone() -> None:
    read = Reader("hi").read("undergarment ki warranty Rajinikanth se monday ko")
    assert read.text.split()[0] == "undergarment"
    assert "monday" in read.text
    assert read.share < 1


def test_a_base_teaches_its_own_words_and_its_english_ones() -> None:
    plain, taught = Reader("hi"), Reader("hi", ["चिलगोज़ा कब मिलेगा"], ["The Kabab range"])
    assert plain.read("chilgoza kab milega").text.startswith("chilgoza")
    assert taught.read("chilgoza kab milega").text == "चिलगोज़ा कब मिलेगा"
    assert "kabab" in taught.read("kabab kab milega").text


def test_what_can_be_read() -> None:
    found = {locale.tag for locale in known() if readable(locale.tag)}
    assert {"bn", "mr", "ml", "hi", "ta", "te"} <= found
    assert not {"en", "de", "ar", "ja"} & found


def test_reading_twice_is_reading_once() -> None:
    reader = Reader("bn")
    once = reader.read("amar order koi").text
    assert reader.read(once).text == once


@pytest.mark.parametrize("text", ["", "   ", "???", "😀" * 50, "a" * 5000, "~ ~7"])
def test_odd_texts_do_no_harm(text: str) -> None:
    assert Reader("ml").read(text).text == text

